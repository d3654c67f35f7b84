import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StagedChange, Wanted } from "./change.ts";
import { rowChanges, type HeldRow, type RowChange } from "./rows.ts";

const numbers = new Map([["n", "0010"], ["m", "0023"], ["b", "0011"]]);
const day = new Date("2026-12-01T00:00:00Z");
const at = day.getTime() / 1_000;
const staged = (wanted: Partial<Wanted> | null): StagedChange => ({ vaultRef: "v", clientId: "c", personId: "p", verb: "alter", wanted: wanted && { full: false, roles: [], endsAt: null, lease: null, ...wanted }, base: [], reason: "", stagedAt: day });
const row = (more: Partial<HeldRow> = {}): HeldRow => ({ uid: "u1", scopes: "0010", allAccess: false, expiresAt: null, ...more });
const changes = (wanted: Partial<Wanted> | null, held: HeldRow[]) => rowChanges(staged(wanted), held, numbers).changes;

describe("a staged change becomes rows of its vault", () => {
  test("a grant makes one row with that vault's numbers, in their order", () => expect(changes({ roles: ["m", "n"] }, [])).toEqual([{ change: "grant", vaultRef: "v", personId: "p", scopes: "0010,0023", allAccess: false, expiresAt: null }]));
  test("another role keeps the token: the row is altered, not made again", () => expect(changes({ roles: ["n", "b"], endsAt: day }, [row()])).toEqual([{ change: "alter", vaultRef: "v", uid: "u1", scopes: "0010,0011", allAccess: false, expiresAt: at }]));
  test("a removal ends every row of theirs", () => expect(changes(null, [row(), row({ uid: "u2", expiresAt: at })])).toEqual([{ change: "revoke", vaultRef: "v", uid: "u1" }, { change: "revoke", vaultRef: "v", uid: "u2" }]));
  test("a lease is a second row beside the one that stays", () => expect(changes({ roles: ["n"], lease: { roles: ["b"], endsAt: day } }, [row()])).toEqual([{ change: "grant", vaultRef: "v", personId: "p", scopes: "0011", allAccess: false, expiresAt: at }]));
  test("a lease that is not wanted any more ends, the row beside it stays as it is", () => expect(changes({ roles: ["n"] }, [row({ uid: "u2", scopes: "0011", expiresAt: at }), row()])).toEqual([{ change: "revoke", vaultRef: "v", uid: "u2" }]));
  test("a number that no role has stays on its row", () => expect(changes({ roles: ["m"] }, [row({ scopes: "0010,0099" })])).toEqual([{ change: "alter", vaultRef: "v", uid: "u1", scopes: "0023,0099", allAccess: false, expiresAt: null }]));
  test("what is so already changes nothing", () => expect(changes({ roles: ["n"] }, [row()])).toEqual([]));
  test("a role without a number there freezes nothing and says which", () => expect(rowChanges(staged({ roles: ["n", "x"] }), [row()], numbers)).toEqual({ changes: [], unnumbered: { vaultRef: "v", personId: "p", roles: ["x"] } }));
  test("whatever is wanted and held, carrying the changes out leaves exactly what is wanted", () => {
    const anyRoles = fc.subarray(["n", "m", "b"]);
    const anyWanted = fc.option(fc.record({ full: fc.boolean(), roles: anyRoles, endsAt: fc.option(fc.constant(day)), lease: fc.option(fc.record({ roles: fc.subarray(["n", "m", "b"], { minLength: 1 }), endsAt: fc.constant(day) })) }));
    const anyHeld = fc.array(fc.record({ scopes: fc.subarray(["0010", "0011", "0023"]).map((list) => list.join(",")), allAccess: fc.boolean(), expiresAt: fc.option(fc.constantFrom(at, at + 60)) }), { maxLength: 3 }).map((list) => list.map((one, index) => ({ ...one, uid: `u${index}` })));
    fc.assert(fc.property(anyWanted, anyHeld, (wanted, held) => {
      const rows = new Map(held.map((one) => [one.uid, one]));
      const made: Omit<HeldRow, "uid">[] = [];
      const carryOut = (change: RowChange) => {
        if (change.change === "revoke") rows.delete(change.uid);
        else if (change.change === "alter") rows.set(change.uid, change);
        else made.push(change);
      };
      changes(wanted, held).forEach(carryOut);
      const spell = (roles: readonly string[]) => roles.map((role) => numbers.get(role)!).sort().join(",");
      const expected = wanted === null ? [] : [...(wanted.full || wanted.roles.length > 0 ? [`${spell(wanted.roles)} ${wanted.full} ${wanted.endsAt ? at : null}`] : []), ...(wanted.lease ? [`${spell(wanted.lease.roles)} false ${at}`] : [])];
      expect([...rows.values(), ...made].map((one) => `${one.scopes} ${one.allAccess} ${one.expiresAt}`).sort()).toEqual(expected.sort());
    }));
  });
});
