import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dispatchStates } from "../plan/dispatch-state.ts";
import { findingOf, isClosed, judgeRow, provenAbsent, tally, type RowFacts, type Sighting } from "./judge.ts";
import { openWords } from "./words.ts";

const plain: RowFacts = { own: false, leftOut: null, apart: null, vault: "connected", health: "ok", healthSince: 1_000, words: null, epoch: 1, replicatedRevision: null, hasBackup: false, planned: true, shares: [], receipt: null, absent: null, present: null };

/** A vault as it truly is: what a board knows of it comes from what it says, truthfully or late, never from this. */
type World = { epoch: number; revision: number; gone: boolean; at: number };
type Step =
  | { kind: "revoke" } | { kind: "receipt" } | { kind: "look" } | { kind: "backup" } | { kind: "old" } | { kind: "restore"; back: boolean } | { kind: "read" } | { kind: "lie" } | { kind: "honest" };
const steps = fc.array(fc.oneof(
  fc.constantFrom<Step>({ kind: "revoke" }, { kind: "receipt" }, { kind: "look" }, { kind: "backup" }, { kind: "old" }, { kind: "read" }, { kind: "lie" }, { kind: "honest" }),
  fc.record({ kind: fc.constant("restore" as const), back: fc.boolean() }),
), { maxLength: 40 });

/** Runs a life of one row; after each step the facts that a board has, and the world behind them. */
function* life(script: readonly Step[]): Generator<{ facts: RowFacts; world: World; knewEpoch: boolean }> {
  let world: World = { epoch: 1, revision: 10, gone: false, at: 1_000 };
  let facts: RowFacts = { ...plain };
  let before: World = world;
  const see = (sighting: Sighting) => {
    const finding = findingOf(sighting, facts);
    if (finding.kind === "absent") facts = { ...facts, absent: { at: finding.at, epoch: finding.epoch, revision: finding.revision } };
    if (finding.kind === "present") facts = { ...facts, present: finding };
  };
  for (const step of script) {
    world = { ...world, at: world.at + 1 };
    switch (step.kind) {
      case "revoke": before = world; world = { ...world, gone: true, revision: world.revision + 1 }; break;
      case "receipt": if (world.gone) facts = { ...facts, receipt: { id: "r", epoch: world.epoch, revision: world.revision, at: world.at } }; break;
      case "look": see({ mode: "primary", epoch: world.epoch, revision: world.revision, at: world.at, shows: !world.gone }); break;
      case "backup": see({ mode: "backup", epoch: world.epoch, revision: world.revision, at: world.at, shows: false }); break;
      case "old": see({ mode: "primary", epoch: (facts.epoch ?? 1) - 1, revision: before.revision, at: world.at, shows: false }); break;
      case "restore": world = { ...world, epoch: world.epoch + 1, gone: world.gone && !step.back }; break;
      case "read": facts = { ...facts, epoch: Math.max(facts.epoch ?? 0, world.epoch) }; break;
      case "lie": facts = { ...facts, health: "lying" }; break;
      case "honest": facts = { ...facts, health: "ok", absent: facts.health === "lying" ? null : facts.absent }; break;
    }
    yield { facts, world, knewEpoch: facts.epoch === world.epoch };
  }
}

describe("a row counts as gone by a primary's signed list of the present epoch, and by nothing else", () => {
  test("over any life of a vault, a row whose epoch is known and which counts as gone is gone", () => {
    fc.assert(fc.property(steps, (script) => {
      expect([...life(script)].filter(({ facts, world, knewEpoch }) => knewEpoch && judgeRow(facts).state === "absent" && !world.gone)).toEqual([]);
    }), { numRuns: 2_000 });
  });
  test("a closed board is open again the moment an epoch above its proof is known, whatever else is known", () => {
    fc.assert(fc.property(steps, (script) => {
      for (const { facts } of life(script)) {
        if (judgeRow(facts).state !== "absent") continue;
        const risen = judgeRow({ ...facts, epoch: facts.absent!.epoch + 1 });
        expect(risen.state).toBe("again");
        expect(isClosed(tally([risen]))).toBe(false);
      }
    }), { numRuns: 500 });
  });
  test("a receipt, a backup's list, an older epoch's list and silence never make a row count as gone", () => {
    fc.assert(fc.property(steps.map((script) => script.filter(({ kind }) => kind !== "look")), (script) => {
      for (const { facts } of life(script)) expect(judgeRow(facts).absent).toBe(false);
    }), { numRuns: 500 });
  });
  test("a vault that contradicts itself proves nothing, whatever it signed before", () => {
    fc.assert(fc.property(steps, (script) => {
      expect([...life(script)].filter(({ facts }) => facts.health === "lying" && judgeRow(facts).state !== "contradiction")).toEqual([]);
    }), { numRuns: 300 });
  });
  test("a list older than the receipt, in its epoch, is no finding; one that shows the row after its receipt is", () => {
    const facts = { epoch: 3, receipt: { id: "r", epoch: 3, revision: 40, at: 1 }, absent: null };
    const list: Sighting = { mode: "primary", epoch: 3, revision: 39, at: 5, shows: false };
    expect(findingOf(list, facts).kind).toBe("nothing");
    expect(findingOf({ ...list, revision: 40 }, facts).kind).toBe("absent");
    expect(findingOf({ ...list, revision: 41, shows: true }, facts).kind).toBe("present");
    expect(findingOf({ ...list, revision: 41, shows: true }, { ...facts, receipt: null }).kind).toBe("nothing");
    expect(findingOf({ ...list, epoch: 2, revision: 99 }, facts).kind).toBe("nothing");
  });
});

const share = (state: (typeof dispatchStates)[number], kind: "fresh" | "standing" = "fresh"): RowFacts["shares"][number] => ({ kind, state, words: null, changedAt: 1, firstSentAt: 1, until: 2_000_000_000_000, attempts: 1 });
const stateOf = (more: Partial<RowFacts>) => judgeRow({ ...plain, ...more }).state;

describe("what a board says of a row", () => {
  test("each place on the way has its own state", () => {
    expect(stateOf({ planned: false })).toBe("unplanned");
    expect(stateOf({})).toBe("unsigned");
    expect(stateOf({ shares: [share("waiting"), share("held", "standing")] })).toBe("waiting");
    expect(stateOf({ shares: [share("sent"), share("held", "standing")] })).toBe("sent");
    expect(stateOf({ shares: [share("late"), share("waiting", "standing")] })).toBe("standing");
    expect(stateOf({ shares: [share("late")] })).toBe("tap");
    expect(stateOf({ shares: [share("incident")] })).toBe("contradiction");
    expect(stateOf({ shares: [share("accepted")] })).toBe("reading");
    expect(stateOf({ shares: [share("proven")] })).toBe("reading");
    expect(stateOf({ vault: "ended", shares: [share("waiting", "standing")] })).toBe("ended");
    expect(stateOf({ own: true })).toBe("own");
    expect(stateOf({ apart: { at: 1, words: "closed down" }, vault: "ended" })).toBe("apart");
    expect(stateOf({ absent: { at: 5, epoch: 1, revision: 9 } })).toBe("absent");
    expect(stateOf({ absent: { at: 5, epoch: 1, revision: 9 }, present: { at: 5, epoch: 1, revision: 9 } })).toBe("again");
  });
  test("a row set apart counts as set apart, never as proven, and proof outweighs it", () => {
    const apart = { at: 1, words: "closed down" };
    expect(judgeRow({ ...plain, apart, vault: "ended" }).absent).toBe(false);
    expect(stateOf({ apart, vault: "ended", absent: { at: 5, epoch: 1, revision: 9 } })).toBe("absent");
  });
  test("the backup is confirmed when it has followed to the receipt's revision, not before", () => {
    const gone = { ...plain, hasBackup: true, receipt: { id: "r", epoch: 1, revision: 40, at: 1 }, absent: { at: 5, epoch: 1, revision: 41 } };
    expect(judgeRow({ ...gone, replicatedRevision: 39 }).backup).toBe("waits");
    expect(judgeRow({ ...gone, replicatedRevision: 40 }).backup).toBe("confirmed");
    expect(judgeRow({ ...gone, replicatedRevision: null, hasBackup: false }).backup).toBe("none");
  });
  test("a board with nothing of ours on it is not closed by that", () => expect(isClosed(tally([judgeRow({ ...plain, own: true })]))).toBe(false));
  test("the steps never run backwards: absent needs accepted, accepted needs signed, signed needs asked", () => {
    const any = fc.record({ planned: fc.boolean(), shares: fc.array(fc.constantFrom(...dispatchStates).map((state) => share(state)), { maxLength: 3 }), receipt: fc.option(fc.constant({ id: "r", epoch: 1, revision: 4, at: 1 })), absent: fc.option(fc.record({ at: fc.integer({ min: 1, max: 9 }), epoch: fc.integer({ min: 1, max: 3 }), revision: fc.constant(4) })), epoch: fc.option(fc.integer({ min: 1, max: 4 })), present: fc.option(fc.record({ at: fc.constant(6), epoch: fc.integer({ min: 1, max: 3 }), revision: fc.integer({ min: 3, max: 5 }) })), health: fc.constantFrom("ok", "silent", "failover", "lying", "lapsed", "unread") });
    fc.assert(fc.property(any, (more) => {
      const facts = { ...plain, ...more };
      const { asked, signed, accepted, absent, state } = judgeRow(facts);
      expect([!signed || asked, !accepted || signed, !absent || accepted, absent === (state === "absent"), !absent || provenAbsent(facts)]).toEqual([true, true, true, true, true]);
      // Whatever is open has words of its own.
      expect(openWords(facts, judgeRow(facts), 5_000).lead === "").toBe(state === "absent");
    }), { numRuns: 1_000 });
  });
});
