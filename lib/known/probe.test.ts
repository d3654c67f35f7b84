import { describe, expect, test } from "vitest";
import type { AgentRow } from "../protocol/messages.ts";
import type { AgentList, Result } from "../vault/client.ts";
import { refusal, unknown } from "../vault/result.ts";
import { MANAGER, ownRow, rowOf } from "../vault/testing/signed-vaults.ts";
import { afterProbe, judgeProbe, probeAlarm, type ProbeAnswers } from "./probe.ts";

const signed = { mode: "primary", epoch: 1, at: 0 } as const;
const answered = <T>(value: T): Result<T> => ({ ...signed, kind: "answered", status: 200, value, etag: null });
const refused = (status: number, code: string) => refusal(status, { code, status }, signed, { retryAfter: null, primaryLocation: undefined });
const denied = refused(403, "denied");
const known = (rowOf(10, "x") as AgentRow).sealed_to!;
const own = { managerUid: MANAGER.uid, knownSeals: new Set([known]) };
const listOf = (...rows: object[]) => answered<AgentList>({ unchanged: false, revision: 7, agents: rows as AgentRow[] });
const blind: ProbeAnswers = {
  lists: [{ asked: "the list of entries", came: answered({ count: 0 }) }, { asked: "a search", came: answered({ count: 0 }) }],
  ones: [1, 7, 65_535].flatMap((id) => [{ asked: `entry ${id}`, came: denied }, { asked: `the one-time code of entry ${id}`, came: denied }]),
  agents: listOf(ownRow, rowOf(10, "Tess")),
};
const withOne = (came: Result<null>): ProbeAnswers => ({ ...blind, ones: [...blind.ones.slice(1), { asked: "entry 1", came }] });
const withList = (came: Result<{ count: number }>): ProbeAnswers => ({ ...blind, lists: [blind.lists[0]!, { asked: "a search", came }] });

describe("three results, and no fourth", () => {
  test("empty lists, refusals, and our own row as it must be: blind", () => expect(judgeProbe(blind, own)).toEqual({ result: "blind", words: null }));
  test("an entry that was answered, a list that was not empty: not blind, with the place", () => {
    expect(judgeProbe(withOne(answered(null)), own)).toEqual({ result: "not_blind", words: "Our token could read there: entry 1 was answered." });
    expect(judgeProbe(withList(answered({ count: 2 })), own)).toEqual({ result: "not_blind", words: "Our token could read there: a search showed 2 entries." });
  });
  test.each([[{ scopes: "0010" }, "scopes 0010"], [{ all_access: true }, "full access"]])("our own row widened to %j: not blind", (change, words) => {
    expect(judgeProbe({ ...blind, agents: listOf({ ...ownRow, ...change }) }, own)).toMatchObject({ result: "not_blind", words: expect.stringContaining(words) });
  });
  test("our own row not shown: not blind", () => expect(judgeProbe({ ...blind, agents: listOf(rowOf(10, "Tess")) }, own)).toMatchObject({ result: "not_blind" }));
  test("a seal that nobody here ever had: not blind, with the row's name", () => expect(judgeProbe({ ...blind, agents: listOf(ownRow, rowOf(10, "Mallory", { sealed_to: MANAGER.uid })) }, own)).toMatchObject({ result: "not_blind", words: expect.stringContaining("Mallory") }));
  test("a row handed over with a token that the client knows is no alarm; nor is the client's own row, whoever it is sealed to", () => {
    expect(judgeProbe({ ...blind, agents: listOf(ownRow, rowOf(10, "Handed", { hand_over: "plain", sealed_to: null }), rowOf(11, "Own", { managed_by: null, sealed_to: "x" })) }, own)).toMatchObject({ result: "blind" });
  });
  test.each([
    ["silence", unknown("timeout")], ["no signature", unknown("unsigned")], ["a lapse", refused(402, "expired")], ["a lock", refused(423, "locked")], ["a wish to wait", refused(429, "slow_down")], ["a failure", refused(500, "internal")], ["another refusal", refused(404, "not_found")],
  ])("%s proves nothing", (_what, came) => {
    expect(judgeProbe(withOne(came), own).result).toBe("unproven");
    expect(judgeProbe(withList(came), own).result).toBe("unproven");
    expect(judgeProbe({ ...blind, agents: came }, own).result).toBe("unproven");
  });
  test("a refused list proves nothing: it must be empty", () => expect(judgeProbe(withList(denied), own).result).toBe("unproven"));
  test("what was seen outweighs what did not come", () => expect(judgeProbe({ ...withOne(answered(null)), agents: unknown("timeout") }, own).result).toBe("not_blind"));
});

describe("alarms", () => {
  const at = (hours: number) => new Date(Date.UTC(2026, 10, 21) + hours * 3_600_000);
  const unproven = { result: "unproven", words: "x" } as const;
  test("not blind: at once", () => expect(probeAlarm(afterProbe({ probeResult: "blind", unprovenSince: null }, { result: "not_blind", words: "x" }, at(0)), at(0))).toBe("now"));
  test("unproven: after three hours since the first that proved nothing, not before", () => {
    const first = afterProbe({ probeResult: "blind", unprovenSince: null }, unproven, at(0));
    const second = afterProbe(first, unproven, at(2.9));
    expect([probeAlarm(second, at(2.9)), probeAlarm(second, at(3))]).toEqual([null, "late"]);
  });
  test("one that proves ends it, and the clock begins anew", () => {
    const proven = afterProbe(afterProbe({ probeResult: null, unprovenSince: at(0) }, unproven, at(1)), { result: "blind", words: null }, at(2));
    expect(proven).toEqual({ probeResult: "blind", unprovenSince: null });
    expect(probeAlarm(afterProbe(proven, unproven, at(4)), at(5))).toBeNull();
  });
});
