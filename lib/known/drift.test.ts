import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AgentRow, AuditEvent } from "../protocol/messages.ts";
import { MANAGER, ownRow, rowOf } from "../vault/testing/signed-vaults.ts";
import { differences, reconcile, type Earlier, type OpenDrift, type Wanted } from "./drift.ts";
import { makeDirectory } from "./directory.ts";
import { personOf } from "./save.ts";
import { whoDid } from "./who.ts";

const row = (id: number, change: object = {}) => rowOf(id, `Row ${id}`, change) as AgentRow;
const wish = ({ uid, name, scopes, all_access, expires_at, hand_over }: AgentRow): Wanted => ({ uid, scopes, all_access, expires_at, name, sealed: hand_over === "sealed" });
const earlierOf = (one: AgentRow, change: object = {}): Earlier => ({ uid: one.uid, name: one.name, claim_by: one.claim_by, last_used_at: one.last_used_at, ...change });
const compare = (wanted: readonly Wanted[], rows: readonly AgentRow[], earlier: readonly Earlier[] = [], vaultNow = 1_800_000_000, now = vaultNow) => differences({ wanted, rows, earlier, managerUid: MANAGER.uid, vaultNow, now });

describe("known against wanted", () => {
  const one = row(10);
  test("as agreed: nothing", () => expect(compare([wish(one)], [one, ownRow as AgentRow])).toEqual({ open: [], ended: [] }));
  test("gone, new, changed: one sign each, with both sides", () => {
    const before = { name: "Row 10", scopes: "0010", all_access: false, expires_at: null };
    expect(compare([wish(one)], [], [earlierOf(one)]).open).toEqual([{ uid: one.uid, kind: "removed", before, after: null }]);
    expect(compare([], [one]).open).toEqual([{ uid: one.uid, kind: "appeared", before: null, after: before }]);
    expect(compare([wish(one)], [row(10, { all_access: true })]).open).toEqual([{ uid: one.uid, kind: "altered", before, after: { ...before, all_access: true } }]);
    expect(compare([wish(one)], [row(10, { expires_at: 9 })]).open).toMatchObject([{ kind: "altered", after: { expires_at: 9 } }]);
  });
  test("a row under another name, or with a token that its client holds too, is altered though its access is the same; what nobody saw yet is not compared", () => {
    expect(compare([wish(one)], [{ ...one, name: "Eve" }]).open).toMatchObject([{ kind: "altered", before: { name: "Row 10" }, after: { name: "Eve" } }]);
    for (const hand_over of ["hash", "plain"]) expect(compare([wish(one)], [row(10, { hand_over })]).open).toMatchObject([{ kind: "altered", after: { token_known: true } }]);
    expect(compare([wish(row(10, { hand_over: "hash" }))], [one]).open).toEqual([]);
    expect(compare([{ ...wish(one), name: null, sealed: null }], [row(10, { name: "Eve", hand_over: "hash" })]).open).toEqual([]);
    const [plain] = compare([wish(one)], [row(10, { hand_over: "hash" })]).open;
    expect(reconcile(compare([wish(one)], [{ ...row(10, { hand_over: "hash" }), name: "Eve" }]).open, [{ driftId: "d", uid: one.uid, kind: "altered", after: { ...plain!.after!, name: one.name } }]).changed).toHaveLength(1);
  });
  test("a row that the client took back still opens: it is said as their own, not as gone", () => expect(compare([wish(one)], [row(10, { managed_by: null })]).open).toMatchObject([{ kind: "altered", after: { own: true } }]));
  test("the client's own rows, other managers and our own row are never drift", () => expect(compare([], [row(10, { managed_by: null }), row(11, { managed_by: "x" }), row(12, { admin: true }), ownRow as AgentRow]).open).toEqual([]));
  test("an agreed end that came is an end; one that came early is drift", () => {
    const leased = row(10, { expires_at: 1_800_000_000 });
    expect(compare([wish(leased)], [], [earlierOf(leased)])).toEqual({ open: [], ended: [{ uid: leased.uid, name: "Row 10", how: "lease" }] });
    expect(compare([wish(leased)], [], [earlierOf(leased)], 1_799_999_999).open).toMatchObject([{ kind: "removed" }]);
  });
  test("a vault whose clock runs ahead cannot make an agreed end come early: ours says so too, but for five minutes", () => {
    const end = 1_800_000_000;
    const leased = row(10, { expires_at: end });
    const claimed = [earlierOf(one, { claim_by: end })];
    expect(compare([wish(leased)], [], [], end + 9_999, end - 300).ended).toHaveLength(1);
    expect(compare([wish(leased)], [], [], end + 9_999, end - 301)).toMatchObject({ open: [{ kind: "removed" }], ended: [] });
    expect(compare([wish(one)], [], claimed, end, end - 300).ended).toHaveLength(1);
    expect(compare([wish(one)], [], claimed, end, end - 301)).toMatchObject({ open: [{ kind: "removed" }], ended: [] });
  });
  test("a token that nobody claimed in time ended as agreed; one that was used did not", () => {
    const claimed = earlierOf(one, { claim_by: 1_799_000_000 });
    expect(compare([wish(one)], [], [claimed]).ended).toMatchObject([{ how: "unclaimed" }]);
    expect(compare([wish(one)], [], [{ ...claimed, last_used_at: 1_798_000_000 }]).open).toMatchObject([{ kind: "removed" }]);
  });

  const access = fc.record({ scopes: fc.constantFrom("", "0010", "0010,0011"), all_access: fc.boolean(), expires_at: fc.constantFrom(null, 1_900_000_000) });
  const some = fc.uniqueArray(fc.tuple(fc.integer({ min: 10, max: 20 }), access), { selector: ([id]) => id, maxLength: 8 });
  test("accepting every difference, or taking what is wanted for what is there, leaves none", () => {
    fc.assert(fc.property(some, some, (wanted, rows) => {
      const there = rows.map(([id, change]) => row(id, change));
      const wishes = wanted.map(([id, change]) => wish(row(id, change)));
      expect(compare(there.map(wish), there).open).toEqual([]);
      const accepted = new Map(wishes.map((one_) => [one_.uid, one_]));
      for (const { uid, after } of compare(wishes, there).open) {
        if (after === null) accepted.delete(uid);
        else accepted.set(uid, { uid, scopes: after.scopes, all_access: after.all_access, expires_at: after.expires_at, name: after.name, sealed: null });
      }
      expect(compare([...accepted.values()], there).open).toEqual([]);
    }));
  });
  test("reconciling twice does nothing the second time, and every open drift is either still so or gone", () => {
    fc.assert(fc.property(some, some, some, (wanted, earlier, rows) => {
      const wishes = wanted.map(([id, change]) => wish(row(id, change)));
      const at = (list: typeof rows) => compare(wishes, list.map(([id, change]) => row(id, change))).open;
      const open: OpenDrift[] = at(earlier).map(({ uid, kind, after }) => ({ driftId: uid, uid, kind, after }));
      const now = at(rows);
      const { fresh, changed, gone } = reconcile(now, open);
      const left = new Map(open.filter((drift) => !gone.includes(drift)).map((drift) => [drift.uid, drift]));
      for (const { uid, kind, after } of [...fresh, ...changed]) left.set(uid, { driftId: uid, uid, kind, after });
      expect(new Set(left.keys())).toEqual(new Set(now.map(({ uid }) => uid)));
      expect(reconcile(now, [...left.values()])).toEqual({ fresh: [], changed: [], gone: [] });
    }));
  });
});

describe("who did it, from the vault's log", () => {
  const event = (change: object): AuditEvent => ({
    seq: 1, at: 1_800_000_000_000, stream: "primary", epoch: 1, actor: { kind: "human", agent_id: 1 }, action: "agent.update", outcome: "success", detail_hash: "", prev: "", hash: "",
    detail: { salt: "", name: "Dana", target: { kind: "agent", id: "u1" }, reason: null, ip: null, meta: {} }, ...change,
  });
  const detail = (change: object) => ({ ...event({}).detail!, ...change });
  test("the latest deed on the row counts; refused ones, reads, other rows and masked events do not", () => {
    const found = whoDid([
      event({}), event({ at: 1_800_000_001_000, detail: detail({ name: "Eve\u202e" }) }), event({ outcome: "denied", detail: detail({ name: "Nobody" }) }), event({ action: "entry.read", detail: detail({ name: "Reader" }) }),
      event({ detail: detail({ target: { kind: "agent", id: "u2" } }) }), event({ detail: null }), event({ detail: detail({ target: null }) }),
    ], ["u1"]);
    expect(found).toEqual(new Map([["u1", { at: new Date(1_800_000_001_000), by: "Eve\ufffd" }]]));
  });
  test("a time beyond every calendar is still a time", () => expect(whoDid([event({ at: Number.MAX_SAFE_INTEGER })], ["u1"]).get("u1")!.at.getTime()).not.toBeNaN());
});

test("a name links only rows that we manage: the client's own, other managers' and our own row bear it for themselves; a seal links any", () => {
  const directory = { bySeal: new Map([["seal", "p1"]]), byName: new Map([["Row 10", "p2"]]) };
  const of = (change: object) => personOf(row(10, { sealed_to: null, ...change }), directory, MANAGER.uid);
  expect(of({})).toEqual({ bySeal: null, byName: "p2" });
  for (const change of [{ managed_by: null }, { managed_by: "x" }, { admin: true }]) expect(of(change)).toEqual({ bySeal: null, byName: null });
  expect(of({ managed_by: null, sealed_to: "seal" })).toEqual({ bySeal: "p1", byName: null });
  expect(personOf(row(10, { managed_by: null }), directory, null).byName).toBeNull();
});

test("a directory knows every key that anybody ever stated, and only names that one person bears", () => {
  const statement = { v: 1, kem: "x25519", public_key: Buffer.alloc(32, 9).toString("base64url"), msp: "https://msp.example", name: "Tess", not_after: 1_900_000_000, technician: "3b241101-e2bb-4255-8caf-4136c566a962" };
  const { bySeal, byName } = makeDirectory([{ personId: "p1", statement }], [{ personId: "p1", name: "Tess" }, { personId: "p2", name: "Sam" }, { personId: "p3", name: "Sam" }, { personId: "p4", name: "Sam" }]);
  expect([...bySeal.values()]).toEqual(["p1"]);
  expect([...byName]).toEqual([["Tess", "p1"]]);
});
