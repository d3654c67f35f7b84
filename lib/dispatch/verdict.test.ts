import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CODES, statusOf, type Code } from "../protocol/errors.ts";
import type { SignedReceipt } from "../protocol/messages.ts";
import { appliedNothing, dispatchStates, mayBeTappedAgain, settledStates, stateWords } from "../plan/dispatch-state.ts";
import { rateOf } from "../plan/show.ts";
import type { Refused, Result } from "../vault/result.ts";
import { pauseSeconds, verdictOf, type Sent } from "./verdict.ts";

const DAY = 23 * 3_600_000;
const sent: Sent = { kind: "fresh", epoch: 3, ageMs: 70_000, keptMs: DAY, stands: true };
const refused = (code: Code | null, more: Partial<Refused> = {}): Refused => ({ kind: "refused", status: code === null ? 418 : statusOf(code), code, words: "No.", retryAfter: null, primaryLocation: null, mode: "primary", epoch: 3, at: 0, ...more });
const verdict = (result: Result<SignedReceipt>, more: Partial<Sent> = {}) => verdictOf(result, { ...sent, ...more }).kind;

describe("what an answer means for what was sent", () => {
  test("silence is unknown, whatever was silent about it", () => expect(verdict({ kind: "unknown", trouble: "forged", words: "x", retryAfter: 7 })).toBe("unknown"));
  test("a vault that failed is unknown too: it may have failed after it applied", () => expect(verdict(refused("internal"))).toBe("unknown"));
  test("a challenge that is over proves that nothing was applied: within a day, and one epoch, and only then", () => {
    for (const code of ["challenge_expired", "challenge_unknown"] as const) {
      expect(verdict(refused(code))).toBe("late");
      expect(verdict(refused(code), { epoch: null })).toBe("late");
      expect(verdict(refused(code, { epoch: 4 }))).toBe("lost");
      expect(verdict(refused(code), { ageMs: DAY + 1 })).toBe("lost");
    }
  });
  test("a standing share outlives the day: its window decides, and a vault whose clock is wrong is asked again", () => {
    expect(verdict(refused("challenge_expired"), { kind: "standing", ageMs: 31 * 86_400_000, stands: false })).toBe("over");
    expect(verdict(refused("challenge_expired"), { kind: "standing", ageMs: 29 * 86_400_000 })).toBe("wait");
    expect(verdict(refused("challenge_unknown"), { kind: "standing" })).toBe("refused");
  });
  test("failover and a wish to wait are no refusals", () => {
    expect(verdictOf(refused("read_only"), sent)).toMatchObject({ kind: "wait", seconds: 20 });
    expect(verdictOf(refused("slow_down", { retryAfter: 120 }), sent)).toMatchObject({ kind: "wait", seconds: 120 });
  });
  test("a backup's word ends nothing: its 401 is lag", () => {
    expect(verdict(refused("unknown_token", { mode: "backup" }))).toBe("wait");
    expect(verdict(refused("unknown_token"))).toBe("gone");
    expect(verdict({ kind: "answered", mode: "backup", epoch: 3, at: 0, status: 200, value: {} as SignedReceipt, etag: null })).toBe("incident");
  });
  test("operations that were applied before are no success of this share", () => expect(verdict(refused("operation_replayed"))).toBe("incident"));
  test("every other refusal of the table is final, a code of a later version as well", () => {
    const special = new Set<Code>(["read_only", "slow_down", "internal", "unknown_token", "challenge_expired", "challenge_unknown", "operation_replayed"]);
    for (const code of CODES) expect(verdict(refused(code)) === "refused", code).toBe(!special.has(code));
    expect(verdict(refused(null))).toBe("refused");
  });
});

describe("states", () => {
  test("each has its words; nothing that may have been applied is among those that certainly were not", () => {
    for (const state of dispatchStates) expect(stateWords[state]).not.toBe("");
    for (const state of ["sent", "accepted", "proven", "lost", "incident", "waiting", "held"] as const) expect(appliedNothing.has(state), state).toBe(false);
    for (const state of appliedNothing) expect(settledStates.has(state), state).toBe(true);
  });
  test("a vault is tapped again only when everything before it certainly did nothing", () => {
    const one = (kind: string, state: string, attempts = 0) => ({ kind, state, attempts });
    expect(mayBeTappedAgain([])).toBe(true);
    expect(mayBeTappedAgain([one("fresh", "late", 3), one("standing", "waiting")])).toBe(true);
    expect(mayBeTappedAgain([one("fresh", "late"), one("standing", "waiting", 1)])).toBe(false);
    for (const state of ["sent", "accepted", "proven", "lost", "incident", "refused", "waiting"]) expect(mayBeTappedAgain([one("fresh", state)]), state).toBe(false);
  });
});

describe("pauses and rates", () => {
  test("pauses grow and never pass their cap by more than their jitter", () => fc.assert(fc.property(fc.nat(60), fc.integer({ min: 1, max: 900 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, most, draw) => {
    const pause = pauseSeconds(failures, most, () => draw);
    return pause > 0 && pause <= most * 1.1 && pauseSeconds(failures + 1, most, () => draw) >= pause;
  })));
  test("a rate is said only when there is one", () => {
    const at = (second: number) => ({ state: "proven", settledAt: new Date(second * 1_000) });
    expect(rateOf([at(0), at(1)])).toBeNull();
    expect(rateOf([at(0), at(1), at(2)])).toBe(1);
    expect(rateOf([at(5), at(5), at(5)])).toBeNull();
  });
});
