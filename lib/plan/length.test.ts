import fc from "fast-check";
import { expect, test } from "vitest";
import { FULL, HELD, ROLES, type Facts as MatrixFacts } from "../matrix/facts.ts";
import { tooLong as tooLongInMatrix } from "../matrix/length.ts";
import { rowChanges } from "../matrix/rows.ts";
import { portfolio } from "../matrix/testing/portfolio.ts";
import type { Lengths } from "../role/lengths.ts";
import { tooLong } from "./check.ts";
import type { Facts, RowFacts, VaultFacts } from "./facts.ts";

const now = Math.floor(Date.now() / 60_000) * 60;
const drawn = portfolio({ clients: 1, technicians: 1 });
const ids = drawn.roles.map(({ id }) => id);
const scopeOf = (at: number) => (0x10 + at).toString(16).padStart(4, "0");
const row = (more: Partial<RowFacts>): RowFacts => ({ uid: "u", agentId: 17, name: "Jim Okafor", scopes: "", allAccess: false, admin: false, expiresAt: null, revision: 1, ours: true, personId: "p", lastUsedAt: null, seat: false, ...more });
const vaultOf = (rows: RowFacts[], tags: string[] = ["vip"]) => ({ vaultRef: "v", name: "Acme Dental", rows, tags, roles: ids.map((id, at) => ({ id, name: drawn.roles[at]!.name, scope: scopeOf(at) })) }) as unknown as VaultFacts;
const factsOf = (vault: VaultFacts, lengths: Lengths, seat = false): Facts => ({ vaults: new Map([["v", vault]]), people: new Map([["p", { personId: "p", name: "Jim Okafor", frozen: false, seat, inbox: null }]]), now, signers: 1, lengths });
const spelled = (bits: number) => ids.flatMap((_, at) => ((bits & (1 << at)) !== 0 ? [scopeOf(at)] : [])).join(",");

test("what the matrix says of a cell, the plan says of its rows", () => {
  const half = fc.record({ bits: fc.integer({ min: 0, max: 7 }), full: fc.boolean(), hours: fc.constantFrom(0, 1, 3, 5, 9, 30) });
  const rules = fc.record({ fullHours: fc.constantFrom(2, 4, 12), first: fc.option(fc.constantFrom(2, 4, 8)), tag: fc.option(fc.constantFrom(2, 6)) });
  fc.assert(fc.property(half, half, rules, (before, after, { fullHours, first, tag }) => {
    const lengths: Lengths = { fullHours, roles: new Map(first === null ? [] : [[ids[0]!, first]]), tags: new Map(tag === null ? [] : [["vip", tag]]) };
    const cellOf = ({ bits, full, hours }: typeof before) => {
      const access = bits === 0 && !full ? 0 : (bits | (full ? FULL : 0) | HELD) >>> 0;
      return { access, end: access === 0 || hours === 0 ? 0 : now / 60 + hours * 60, lease: null };
    };
    const [known, wanted] = [cellOf(before), cellOf(after)];
    const matrix: MatrixFacts = { ...drawn, fullLongest: fullHours, roles: drawn.roles.map((role, at) => ({ ...role, longest: at === 0 ? first : null })) };
    const said = tooLongInMatrix(matrix, { ...drawn.rows[0]!, longest: tag }, known, wanted) !== null;
    const dateOf = (end: number) => (end === 0 ? null : new Date(end * 60_000));
    const held = known.access === 0 ? [] : [{ uid: "u", scopes: spelled(known.access & ROLES), allAccess: (known.access & FULL) !== 0, expiresAt: known.end === 0 ? null : known.end * 60 }];
    const { changes } = rowChanges({ vaultRef: "v", clientId: "c", personId: "p", verb: "grant", wanted: wanted.access === 0 ? null : { full: (wanted.access & FULL) !== 0, roles: ids.filter((_, at) => (wanted.access & (1 << at)) !== 0), endsAt: dateOf(wanted.end), lease: null }, base: [], reason: "", stagedAt: new Date() }, held, new Map(ids.map((id, at) => [id, scopeOf(at)])));
    const vault = vaultOf(held.map((one) => row(one)));
    expect(tooLong(vault, changes, factsOf(vault, lengths)).length > 0).toBe(said);
  }), { numRuns: 2_000 });
});

test("the tightest rule speaks, a break-glass and a new token for the same row are held to none", () => {
  const lengths: Lengths = { fullHours: 12, roles: new Map([[ids[0]!, 8]]), tags: new Map([["vip", 1]]) };
  const vault = vaultOf([row({ allAccess: true })]);
  const grant = { change: "grant", vaultRef: "v", personId: "p", scopes: "0010", allAccess: true, expiresAt: null } as const;
  expect(tooLong(vault, [grant], factsOf(vault, lengths)).map(({ words, weight, ways }) => [weight, words, ways[0]!.do])).toEqual([["blocks", "Your organisation allows access at clients tagged “vip” for 1 hour at most, and Jim Okafor would have it without an end.", "end"]]);
  expect(tooLong(vault, [grant], factsOf(vault, lengths, true))).toEqual([]);
  expect(tooLong(vault, [{ change: "reissue", vaultRef: "v", uid: "u" }, { change: "revoke", vaultRef: "v", uid: "u" }], factsOf(vault, lengths))).toEqual([]);
  const other = vaultOf([], []);
  expect(tooLong(other, [{ ...grant, allAccess: false, scopes: "0011" }], factsOf(other, lengths))).toEqual([]);
});
