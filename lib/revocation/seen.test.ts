import { expect, test } from "vitest";
import { gapWords, toRotate } from "./seen.ts";
import { seenIn } from "./testing/seen-in.ts";

type Event = Parameters<typeof seenIn>[0][number];
const event = (at: number, action: Event["action"], agent: number | null, entry: string | null, outcome: Event["outcome"] = "success"): Event => ({
  at, action, outcome, actor: { kind: "human", agent_id: agent }, detail: entry === null ? null : { salt: "x", name: "Jim", target: { kind: "entry", id: entry }, reason: null, ip: null, meta: {} },
});

test("what was opened and not changed since is to be rotated; what was changed after the last reading is not", () => {
  const { entries } = seenIn([event(1, "entry.read", 7, "a"), event(2, "totp.read", 7, "b"), event(3, "entry.read", 8, "c"), event(4, "entry.update", 1, "a"), event(5, "entry.read", 7, "a"), event(6, "entry.update", 1, "b"), event(7, "entry.read", 7, "d"), event(8, "entry.delete", 1, "d")], 7);
  expect(entries.map(({ entry, reads, changedAt }) => [entry, reads, changedAt])).toEqual([["a", 2, null], ["b", 1, 6], ["d", 1, 8]]);
  expect(toRotate(entries).map(({ entry }) => entry)).toEqual(["a"]);
});
test("denied readings, lists and searches open nothing, and a change before the first reading changes nothing", () => {
  const { entries } = seenIn([event(1, "entry.read", 7, "a", "denied"), event(2, "entries.list", 7, null), event(3, "entries.search", 7, null), event(4, "entry.update", 1, "b"), event(5, "entry.read", 7, "b")], 7);
  expect(toRotate(entries).map(({ entry }) => entry)).toEqual(["b"]);
});
test("what the client does not show us is said, never taken for changed", () => {
  const seen = seenIn([event(1, "entry.read", 7, "a"), event(2, "entry.update", 1, null), event(3, "entry.read", 7, null)], 7);
  expect(toRotate(seen.entries)).toHaveLength(1);
  expect([seen.hiddenReads, seen.hiddenChanges]).toEqual([1, 1]);
  expect(gapWords(seen)).toMatch(/does not show us which entries 1 reading was of.*1 change of entries/);
  expect(gapWords({ hiddenReads: 0, hiddenChanges: 0 })).toBeNull();
});
