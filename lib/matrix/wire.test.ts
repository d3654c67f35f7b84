import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyCells, healths, inboxStates, isHeld, type Facts } from "./facts.ts";
import { portfolio } from "./testing/portfolio.ts";
import { decodeFacts, encodeFacts } from "./wire.ts";

const anyKey = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString("base64url"));
const anyRow = fc.record({
  key: anyKey, client: fc.nat(9), name: fc.string({ unit: "grapheme" }), place: fc.string(), vault: fc.string(), aliases: fc.array(fc.string(), { maxLength: 2 }), tags: fc.array(fc.string(), { maxLength: 3 }), plan: fc.string(),
  health: fc.constantFrom(...healths), age: fc.option(fc.nat(9999)), tokensUsed: fc.nat(2000), tokensLimit: fc.option(fc.nat(2000)), own: fc.nat(9), loose: fc.nat(9), numbered: fc.nat(2 ** 30 - 1), granted: fc.nat(2 ** 30 - 1),
  fullAccess: fc.constantFrom("never", "leased", "yes"), grantFree: fc.option(fc.nat(99)), longest: fc.option(fc.nat(2_160)),
});
const anyPerson = fc.record({ id: fc.uuid(), name: fc.string(), pod: fc.integer({ min: -1, max: 3 }), tags: fc.array(fc.string(), { maxLength: 2 }), inbox: fc.constantFrom(...inboxStates), leave: fc.option(fc.constantFrom("", "2026-12-01")), frozen: fc.boolean() });
const anyFacts = fc.record({ at: fc.nat(2 ** 40), rows: fc.array(anyRow, { maxLength: 9 }), people: fc.array(anyPerson, { maxLength: 7 }), seed: fc.infiniteStream(fc.nat(2 ** 32 - 1)) }).map(({ at, rows, people, seed }): Facts => {
  const cells = emptyCells(rows.length * people.length);
  const draw = (): number => (seed.next().value as number) >>> 0;
  for (let cell = 0; cell < cells.access.length; cell += 1) {
    cells.access[cell] = draw();
    cells.flags[cell] = draw();
    cells.progress[cell] = draw() % 5;
    if (isHeld(cells.access[cell]!)) cells.unused[cell] = draw() % 12;
    if (draw() % 3 === 0) cells.end[cell] = Math.max(1, draw());
    if (draw() % 5 === 0) cells.leases.set(cell, { access: draw(), end: draw() });
  }
  return { at, fullLongest: 12, roles: [{ id: "r", name: "Networking", letter: "N", longest: 8 }], pods: [{ id: "p", name: "Pod A" }], people, rows, cells };
});

test("whatever facts are sent, the same arrive", () => {
  fc.assert(fc.property(anyFacts, (facts) => { expect(decodeFacts(encodeFacts(facts))).toEqual(facts); }));
});
test("a portfolio with more than 256 kinds of cells arrives as it was", () => {
  const facts = portfolio({ clients: 40, technicians: 30 });
  for (let cell = 0; cell < 700; cell += 1) facts.cells.access[cell] = (0x8000_0000 | cell) >>> 0;
  expect(decodeFacts(encodeFacts(facts))).toEqual(facts);
});
test("50,000 cells go over the wire in less than 40 kB", () => expect(gzipSync(encodeFacts(portfolio({ clients: 1_000, technicians: 50 }))).length).toBeLessThan(40_000));
test("facts that are cut off are refused, never half a matrix", () => {
  const bytes = encodeFacts(portfolio({ clients: 20, technicians: 8 }));
  expect(() => decodeFacts(bytes.subarray(0, bytes.length - 40))).toThrow(RangeError);
});
