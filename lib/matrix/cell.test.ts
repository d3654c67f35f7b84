import { describe, expect, test } from "vitest";
import { Blocks, causeWords } from "./block.ts";
import { emptyLook, leftOf, lookOf, sentenceOf, type CellContext } from "./cell.ts";
import { setEnd, toggleFull, toggleRole, revoke } from "./edit.ts";
import { cellOf, flag, FULL, HELD, progresses, unusedStep, type Facts } from "./facts.ts";
import { Stage } from "./stage.ts";
import { portfolio } from "./testing/portfolio.ts";

function ground(): { facts: Facts; stage: Stage; context: CellContext; minute: number } {
  const facts = portfolio({ clients: 24, technicians: 6 });
  facts.cells.access.fill(0);
  facts.cells.flags.fill(0);
  facts.cells.unused.fill(0);
  facts.cells.end.fill(0);
  facts.cells.leases.clear();
  for (const row of facts.rows) Object.assign(row, { tokensLimit: null, numbered: 0xff, granted: 0xff, fullAccess: "yes", own: 0 });
  Object.assign(facts.rows[0]!, { name: "Acme", place: "" });
  const stage = new Stage(facts);
  const blocks = new Blocks(stage);
  const minute = Math.floor(facts.at / 60_000);
  const context: CellContext = {
    facts, stage, minute, cause: (cell) => blocks.of(cell), rule: () => "", others: () => "",
    causeWords: (cell, cause) => causeWords(cause, facts, facts.rows[Math.floor(cell / 6)]!, facts.people[cell % 6]!, stage.wanted(cell, { access: 0, end: 0, lease: null }), stage.known(cell, { access: 0, end: 0, lease: null })).what,
  };
  return { facts, stage, context, minute };
}
const one = (cell: number) => Uint32Array.of(cell);

describe("a cell", () => {
  test("says the whole sentence", () => {
    const { facts, stage, context, minute } = ground();
    facts.cells.access[0] = (HELD | 1) >>> 0;
    facts.cells.end[0] = minute + 2 * 1440 + 5;
    expect(sentenceOf(context, 0)).toBe("Acme, Sarah Lindqvist: networking, ends in 2 days");
    revoke(stage, one(0));
    expect(sentenceOf(context, 0)).toBe("Acme, Sarah Lindqvist: networking, ends in 2 days, staged: remove networking");
    toggleRole(stage, one(1), 1);
    setEnd(stage, one(1), minute + 90);
    expect(sentenceOf(context, 1)).toBe("Acme, Jim Okafor: no access, staged: grant monitoring, ends in 1 hour");
    expect(sentenceOf(context, 2)).toBe("Acme, John Meier: no access");
  });
  test("tells states apart by letter or shape before colour, and none is drawn like another", () => {
    const { facts, stage, context, minute } = ground();
    const cell = (column: number, access: number, flags = 0, more: { end?: number; unused?: number; progress?: (typeof progresses)[number] } = {}) => {
      const at = cellOf(facts, 5, column);
      facts.cells.access[at] = access >>> 0;
      facts.cells.flags[at] = flags;
      facts.cells.end[at] = more.end ?? 0;
      facts.cells.unused[at] = more.unused ?? 0;
      facts.cells.progress[at] = progresses.indexOf(more.progress ?? "");
      const { kind, sign, letters, small, mark, struck } = lookOf(context, at, emptyLook());
      return `${kind}|${sign}${letters}${small}|${mark}|${struck}`;
    };
    const n = HELD | 1;
    const drawn = [
      cell(0, 0), cell(0, n), cell(0, n | FULL), cell(0, n | 2), cell(0, HELD | 0x1f), cell(0, n, flag.drift), cell(0, n, flag.own), cell(0, n, flag.unclaimed), cell(0, n, flag.unmapped), cell(0, HELD),
      cell(0, n, 0, { end: minute + 3000 }), cell(0, n, 0, { end: minute - 1 }), cell(0, n, 0, { unused: unusedStep(60) }), cell(0, n, 0, { progress: "running" }), cell(0, n, 0, { progress: "waiting" }), cell(0, n, 0, { progress: "failed" }), cell(0, n, 0, { progress: "proven" }),
    ];
    cell(1, 0);
    toggleRole(stage, one(cellOf(facts, 5, 1)), 0);
    cell(2, n);
    revoke(stage, one(cellOf(facts, 5, 2)));
    cell(3, n);
    toggleRole(stage, one(cellOf(facts, 5, 3)), 1);
    drawn.push(...[1, 2, 3].map((column) => { const { kind, sign, letters, struck } = lookOf(context, cellOf(facts, 5, column), emptyLook()); return `${kind}|${sign}${letters}|${struck}`; }));
    expect(drawn).toEqual([
      "|||false", "|N||false", "full|F||false", "|NM||false", "|N+4||false", "drift|!N||false", "own|N||false", "seal|N||false", "|N?||false", "|·||false",
      "end|N2d||false", "over|N0d||false", "old|N||false", "run|N|ring|false", "wait|N|clock|false", "fail|N|warn|false", "done|N|tick|false",
      "add|+N|false", "rev|−N|true", "alt|~NM|false",
    ]);
    expect(new Set(drawn).size).toBe(drawn.length);
  });
  test("a blocked cell says its cause in words and carries a padlock", () => {
    const { facts, stage, context } = ground();
    Object.assign(facts.rows[0]!, { tokensLimit: 26, tokensUsed: 26 });
    toggleRole(stage, one(1), 0);
    expect(lookOf(context, 1, emptyLook())).toMatchObject({ kind: "block", mark: "lock", letters: "N" });
    expect(sentenceOf(context, 1)).toBe("Acme, Jim Okafor: no access, staged: grant networking, blocked: no free token, 26 of 26 are used");
    Object.assign(facts.rows[0]!, { fullAccess: "never", tokensLimit: null });
    toggleFull(stage, one(1));
    expect(sentenceOf(context, 1)).toContain("blocked: Acme allows no full access");
    toggleFull(stage, one(1));
    Object.assign(facts.rows[0]!, { fullAccess: "leased" });
    toggleFull(stage, one(1));
    expect(sentenceOf(context, 1)).toContain("blocked: full access is allowed for 12 hours at most");
  });
  test("what the client removed is said as wanted and removed; what is old says how old; leave and failover are said", () => {
    const { facts, context } = ground();
    facts.cells.access[0] = (HELD | 4) >>> 0;
    facts.cells.flags[0] = flag.drift | flag.gone;
    expect(sentenceOf(context, 0)).toBe("Acme, Sarah Lindqvist: drift: backup wanted, removed in the vault");
    expect(sentenceOf(context, cellOf(facts, 21, 0))).toMatch(/as of 65 minutes ago$/);
    expect(sentenceOf(context, cellOf(facts, 8, 0))).toMatch(/vault in failover, writes wait$/);
    Object.assign(facts.people[1]!, { leave: "2026-12-01" });
    expect(sentenceOf(context, 1)).toBe("Acme, Jim Okafor: no access, on leave until 2026-12-01");
  });
  test("time left is short and never rounds up to more than there is", () => expect([30, 59, 61, 1439, 1440, 2879, 0, -5].map(leftOf)).toEqual(["30m", "59m", "1h", "23h", "1d", "1d", "0d", "0d"]));
});
