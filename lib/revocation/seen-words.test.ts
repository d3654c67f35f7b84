import { expect, test } from "vitest";
import { limits } from "../limits.ts";
import { coverWords, endOf, isAhead, reaches, wantsList, type Held, type Made, type Moments } from "./seen-words.ts";

const minute = 60_000;
const opened = Date.UTC(2026, 10, 21, 9);
const gone = opened + 30 * minute;
const held = (more: Partial<Held> = {}): Held => ({ state: "ok", skew: 0, until: opened + minute, heldTo: opened, held: true, backup: null, ...more });
const moments = (more: Partial<Moments> = {}): Moments => ({ absent: null, openedAt: opened, closedAt: null, now: gone + minute, ...more });
const made = (at: number, more: Partial<Made> = {}): Made => ({ at, from: opened - 90 * 86_400_000, complete: true, ...more });

test("a list is made once when something is held, and once more when the log has passed the proof", () => {
  expect(wantsList(held(), null, moments())).toBe(true);
  expect(wantsList(held({ until: null, heldTo: null, held: false }), null, moments())).toBe(false);
  expect(wantsList(held({ until: gone + minute }), made(opened), moments())).toBe(false);
  const proven = moments({ absent: gone });
  expect(wantsList(held({ until: gone - 1 }), made(opened), proven)).toBe(false);
  expect(wantsList(held({ until: gone }), made(opened), proven)).toBe(true);
  // Silence has no end: only what is complete counts, however new the last event is.
  expect(wantsList(held({ until: null, heldTo: gone + minute }), made(opened), proven)).toBe(false);
  expect(wantsList(held({ until: gone + minute }), made(endOf(held({ until: gone }), proven)), proven)).toBe(false);
});
test("a log that was far behind when the board was opened is listed again when it has caught up, one that was a minute behind is not", () => {
  expect(wantsList(held({ until: gone }), made(opened - limits.seenLagMs - 1), moments())).toBe(true);
  expect(wantsList(held({ until: gone }), made(opened - minute), moments())).toBe(false);
  expect(limits.seenLagMs).toBeGreaterThan(5 * limits.auditEverySeconds * 1_000);
});
test("a vault's clock that is off is taken off, and one that leapt ahead of the board's own end does not move it", () => {
  const behind = held({ skew: -60 * minute, until: gone - 61 * minute });
  expect(reaches(behind, moments({ absent: gone - 60 * minute }))).toBe(false);
  expect(reaches({ ...behind, until: gone - 60 * minute }, moments({ absent: gone - 60 * minute }))).toBe(true);
  const leapt = moments({ absent: gone + 365 * 86_400_000, closedAt: gone });
  expect(reaches(held({ until: gone }), leapt)).toBe(true);
  expect(endOf(held({ until: gone }), leapt)).toBe(leapt.absent);
  expect([isAhead(held(), leapt), isAhead(held(), { ...leapt, closedAt: null })]).toEqual([false, true]);
  // An answer that was a second on its way makes its clock seem behind: what was proven just now is waited for.
  expect(isAhead(held({ skew: -1_000 }), moments({ absent: gone, now: gone }))).toBe(false);
  expect(endOf(held({ until: Number.MAX_SAFE_INTEGER }), moments())).toBeLessThan(Date.UTC(9999, 0, 1));
});
test("what is not covered is said: nothing held, kept from a day on, ended before the proof, the backup's own log, what is wrong", () => {
  expect(coverWords(held(), [], null, moments())).toEqual(["What was opened is still being looked up in its log."]);
  expect(coverWords(held({ until: null, heldTo: null, held: false }), [], null, moments())).toEqual(["Nothing of its log has reached us yet: what was opened there is not known."]);
  expect(coverWords(held({ state: "withheld", until: null, heldTo: null, held: false }), [], null, moments())).toEqual(["The client gives us no log of this vault: what was opened there, only they can tell."]);
  expect(coverWords(held(), [], made(opened), moments())).toEqual([]);
  const proven = moments({ absent: gone });
  const words = coverWords(held({ backup: { until: opened } }), [{ kind: "gap", stream: "primary", epoch: 2, seq: 5, seqTo: 8, times: 3 }, { kind: "prev", stream: "backup", epoch: 1, seq: 4, seqTo: 4, times: 1 }], made(opened, { complete: false, from: Date.UTC(2026, 4, 1) }), proven);
  expect(words).toEqual([
    "Its log is kept here from 2026-05-01 00:00 UTC on, and the token may be older: what it opened before is not listed.",
    "Its log is known until 2026-11-21 09:00 UTC, and the token was proven gone after that: what was opened since is not listed yet.",
    "Its backup’s own log is known until 2026-11-21 09:00 UTC: readings there after that are not listed.",
    "Numbers are missing from its log (epoch 2, numbers 5 to 8, and 2 more): readings among them are not listed.",
    "Its log was tampered with (the backup’s log, epoch 1, number 4): what was opened there may be missing here.",
  ]);
  expect(coverWords(held({ state: "withheld" }), [], made(gone), proven)).toEqual(["The client gives us its log no more."]);
  expect(coverWords(held(), [], made(gone, { complete: false, from: 0 }), proven)).toEqual(["Its events are not kept here any more: what was opened is not known."]);
});
