import { describe, expect, test } from "vitest";
import { Blocks } from "./block.ts";
import { toggleFull, toggleRole } from "./edit.ts";
import { FULL, HELD, type Facts } from "./facts.ts";
import { endWithin, tooLong } from "./length.ts";
import { nothing, Stage, type Target } from "./stage.ts";
import { portfolio } from "./testing/portfolio.ts";

const minute = () => Math.floor(Date.now() / 60_000);
/** One client, one person who holds Networking for good; role 0 is allowed for 8 hours, this client for `longest`. */
function world(longest: number | null = null, access = (HELD | 2) >>> 0, end = 0) {
  const drawn = portfolio({ clients: 1, technicians: 1 });
  const facts: Facts = { ...drawn, roles: drawn.roles.map((role, at) => ({ ...role, longest: at === 0 ? 8 : null })), rows: drawn.rows.map((row) => ({ ...row, longest, fullAccess: "yes", numbered: 0xff, granted: 0xff, tokensLimit: null, health: "ok" })), people: drawn.people.map((one) => ({ ...one, inbox: "endorsed" })) };
  facts.cells.access[0] = access;
  facts.cells.end[0] = end;
  facts.cells.flags[0] = 0;
  facts.cells.leases.clear();
  const stage = new Stage(facts);
  return { facts, stage, cell: Uint32Array.of(0), cause: () => new Blocks(stage).of(0), wanted: () => stage.wanted(0, { ...nothing }) };
}
const over = ({ facts }: { facts: Facts }, known: Partial<Target>, wanted: Partial<Target>) => tooLong(facts, facts.rows[0]!, { ...nothing, ...known }, { ...nothing, ...wanted })?.hours ?? null;

describe("what is given needs an end within the rules", () => {
  test("full access and a role with a longest time are blocked without an end; one click ends the new role alone, and full access with its row", () => {
    const one = world();
    toggleRole(one.stage, one.cell, 0);
    expect(one.cause()).toBe("length");
    expect(endWithin(one.stage, one.cell)).toBe(1);
    expect(one.cause()).toBeNull();
    expect(one.wanted()).toMatchObject({ access: (HELD | 2) >>> 0, end: 0, lease: { access: (HELD | 1) >>> 0 } });
    expect(one.wanted().lease!.end - minute()).toBeLessThanOrEqual(480);
    const full = world();
    toggleFull(full.stage, full.cell);
    expect(full.cause()).toBe("length");
    endWithin(full.stage, full.cell);
    expect(full.cause()).toBeNull();
    expect(full.wanted().lease).toBeNull();
    expect(full.wanted().end - minute()).toBeGreaterThan(718);
  });
  test("somebody new gets the end on their one token; a second click changes nothing, and it is one step of undo", () => {
    const one = world(4, 0);
    toggleRole(one.stage, one.cell, 1);
    toggleRole(one.stage, one.cell, 0);
    endWithin(one.stage, one.cell);
    expect(one.wanted()).toMatchObject({ access: (HELD | 3) >>> 0, lease: null });
    expect(one.wanted().end - minute()).toBeLessThanOrEqual(240);
    expect(endWithin(one.stage, one.cell)).toBe(0);
    one.stage.undo();
    expect(one.cause()).toBe("length");
  });
  test("narrowing is never too long: less, sooner, nothing, or what was there before", () => {
    const one = world(4);
    const all = { access: (HELD | FULL | 3) >>> 0, end: 0 };
    expect(over(one, all, all)).toBeNull();
    expect(over(one, all, { access: (HELD | 1) >>> 0, end: 0 })).toBeNull();
    expect(over(one, all, { ...all, end: minute() + 90_000 })).toBeNull();
    expect(over(one, all, {})).toBeNull();
    expect(over(one, { ...all, end: minute() + 60 }, { ...all, end: minute() + 90_000 })).toBe(4);
    expect(over(one, {}, { access: (HELD | 2) >>> 0, end: minute() + 240 })).toBeNull();
    expect(over(one, {}, { access: (HELD | 2) >>> 0, end: minute() + 242 })).toBe(4);
  });
});
