import { describe, expect, test } from "vitest";
import { conditionKind, conditionOf, conditions, worstOf, type Standing } from "./condition.ts";
import { driftSide, driftWords } from "./drift-words.ts";
import { exitStep, nextStep, type AskedState } from "./next-step.ts";
import { probeStrip, probeWords, stripCounts, unprovenAlarmMs, type ProbeState } from "./probe-words.ts";
import { roleScopesOf } from "../role/letters.ts";

const standing = (given: Partial<Standing>): Standing => ({ state: "connected", health: "ok", words: null, stoppedWords: null, endedBy: null, ...given });
const roles = roleScopesOf([{ scope: "0010", roleId: "n", name: "Networking", letter: "N", position: 0 }, { scope: "0011", roleId: "m", name: "Monitoring", letter: "M", position: 1 }]);

describe("how a vault stands", () => {
  test("a vault in order says so, and asks for nothing", () => expect(conditionOf(standing({}))).toEqual({ kind: "ok", shape: "proven", word: "Takes changes", note: null }));
  test("only what was read back is green", () => {
    const kinds = (["unread", "failover", "lapsed", "ended", "silent", "lying"] as const).map((health) => conditionOf(standing({ health })).shape);
    expect(kinds).not.toContain("proven");
    for (const state of ["asking", "unconfirmed", "stopped", "ended"] as const) expect(conditionOf(standing({ state })).shape).not.toBe("proven");
  });
  test("every other state says what it means and what to do", () => {
    for (const health of ["unread", "failover", "lapsed", "ended", "silent", "lying"] as const) expect(conditionOf(standing({ health })).note).toMatchObject({ title: expect.stringMatching(/\.$/), remedy: expect.stringMatching(/\S/) });
  });
  test("silence is never an end, and an end outranks silence", () => {
    expect(conditionKind({ state: "connected", health: "silent" })).toBe("silent");
    expect(conditionOf(standing({ health: "silent" })).note!.meaning).toMatch(/^Nobody’s access changed/);
    expect(conditionKind({ state: "ended", health: "silent" })).toBe("ended");
    expect(conditionKind({ state: "unconfirmed", health: "ended" })).toBe("ended");
  });
  test("a lie and a stop keep the exact words of whoever saw them", () => {
    expect(conditionOf(standing({ health: "lying", words: "Revision 7 after 9." })).note!.meaning).toBe("Revision 7 after 9.");
    expect(conditionOf(standing({ state: "stopped", stoppedWords: "Another key." })).note!.meaning).toBe("Another key.");
  });
  test("of several vaults the most harmful speaks", () => {
    expect(worstOf(["ok", "silent", "lying"])).toBe("lying");
    expect(worstOf([])).toBe("asking");
    expect(new Set(conditions).size).toBe(10);
  });
});

describe("the blind probe", () => {
  const now = 1_000_000_000_000;
  const state = (given: Partial<ProbeState>): ProbeState => ({ result: "blind", at: now, words: null, unprovenSince: null, ...given });
  test("not blind is an alarm at once, unproven after three hours, silence before that none", () => {
    expect(probeWords(state({ result: "not_blind" }), now)).toMatchObject({ shape: "refused", alarm: true });
    expect(probeWords(state({ result: "unproven", unprovenSince: now - unprovenAlarmMs }), now)).toMatchObject({ shape: "attention", alarm: true });
    expect(probeWords(state({ result: "unproven", unprovenSince: now - unprovenAlarmMs + 1 }), now)).toMatchObject({ shape: "none", alarm: false });
    expect(probeWords(state({ result: null }), now)).toMatchObject({ shape: "none", alarm: false });
  });
  test("the strip shows the worst of each hour, and an hour without a try as none", () => {
    const strip = probeStrip([{ at: now - 60_000, result: "blind" }, { at: now - 120_000, result: "not_blind" }, { at: now - 2 * 3_600_000, result: "unproven" }], now);
    expect(strip).toHaveLength(24);
    expect(strip.slice(-3).map(({ result }) => result)).toEqual(["unproven", "none", "not_blind"]);
    expect(stripCounts([{ at: now, result: "blind" }, { at: now - 1, result: "unproven" }, { at: now - 25 * 3_600_000, result: "blind" }], now)).toEqual({ blind: 1, tried: 2 });
  });
});

describe("what a client that is not finished waits for", () => {
  const asked = (given: Partial<AskedState>): AskedState => ({ expiresAt: 100, cancelledAt: null, repliedAt: null, refusedAt: null, ...given });
  test.each([
    ["new", null, "No vault asked for yet"], ["asking", null, "No request is open"], ["asking", asked({ cancelledAt: 1 }), "No request is open"], ["asking", asked({}), "Waits for their tap"], ["asking", asked({ expiresAt: 50 }), "The link has ended"],
    ["asking", asked({ refusedAt: 1 }), "Their last reply was refused"], ["asking", asked({ repliedAt: 1, refusedAt: 1 }), "Their reply is looked at"], ["unconfirmed", asked({}), "Code 2 is not compared"], ["stopped", null, "Needs a new connect"],
  ] as const)("%s %j: %s", (state, given, words) => expect(nextStep(state, given, 50)?.words).toBe(words));
  test("nothing is asked of a client that is connected or has ended", () => expect([nextStep("connected", null, 0), nextStep("ended", asked({}), 0)]).toEqual([null, null]));
});

describe("a drift in a sentence", () => {
  const side = { name: "John Meier", scopes: "0010", all_access: false, expires_at: null, own: false, tokenKnown: false };
  test("gone, new, changed", () => {
    expect(driftWords("removed", side, null, roles)).toEqual({ sign: "revoke", name: "John Meier", words: "is gone. It had Networking." });
    expect(driftWords("appeared", null, { ...side, scopes: "0010,0042" }, roles).words).toBe("is new under our name, and nobody here made it. It has Networking and the number 0042, no end.");
    expect(driftWords("altered", side, { ...side, all_access: true, expires_at: 1_795_392_000 }, roles).words).toBe("went from Networking to full access; its end went from no end to until 23 Nov 2026.");
    expect(driftWords("altered", side, { ...side, name: "Jo Meier", tokenKnown: true }, roles).words).toBe("has a new token that was not sealed to its person: the client knows it too; was called John Meier.");
    expect(driftWords("altered", side, { ...side, own: true }, roles).words).toMatch(/^is the client’s own now/);
  });
  test("said about us to the client, it says their and there", () => expect(driftWords("appeared", null, side, roles, { whose: "their", where: "there" }).words).toMatch(/^is new under their name, and nobody there made it\./));
  test("what cannot be read is no side, and the sentence does without it", () => {
    for (const bad of [null, 1, {}, { name: "x", scopes: "0010" }, { ...side, expires_at: "soon" }]) expect(driftSide(bad)).toBeNull();
    expect(driftSide({ name: "x", scopes: "", all_access: false })).toEqual({ name: "x", scopes: "", all_access: false, expires_at: null, own: false, tokenKnown: false });
    expect(driftWords("altered", null, null, roles)).toEqual({ sign: "alter", name: "A row", words: "was changed." });
  });
  test("damaged numbers are said, never shown as no role", () => expect(driftWords("removed", { ...side, scopes: "11,zz" }, null, roles).words).toContain("unreadable"));
});

describe("the exit of a client", () => {
  test("is offered while something is connected, and not before or after", () => {
    for (const vaults of [[], ["asking"], ["ended"], ["ended", "asking"]] as const) for (const started of [null, 1]) expect(exitStep(vaults, started)).toBeNull();
    for (const state of ["unconfirmed", "connected", "stopped"] as const) expect(exitStep([state], null)).toMatchObject({ kind: "start", verb: "Start the exit…" });
  });
  test("once it was sent it is not offered again: the way to it is, with how many ends are not proven", () => {
    expect(exitStep(["connected", "ended"], 1)).toEqual({ kind: "under_way", words: "It was signed and sent, and one vault’s end is not proven yet. How far it came is in its plan.", verb: "To the exit" });
    expect(exitStep(["connected", "stopped"], 1)?.words).toContain("the end of 2 vaults is not proven yet");
  });
});
