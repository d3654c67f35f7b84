/** Known against wanted: what differs without anybody here having done it. Pure; `store.ts` keeps it. */
import type { AgentRow } from "../protocol/messages.ts";

/** What a row may do, as it is compared. `expires_at`: Unix seconds. */
export type Access = { scopes: string; all_access: boolean; expires_at: number | null };
/** As kept in a drift, with the name it is shown under. `own`: the row stands, but the client took it into their own hands. */
export type DriftSide = Access & { name: string; own?: true; /** Its token was known to its person alone, and is known to the client now. */ token_known?: true };
export type DriftKind = "removed" | "appeared" | "altered";
export type Difference = { uid: string; kind: DriftKind; before: DriftSide | null; after: DriftSide | null };

/** `name` and `sealed` null: nobody saw the row since it was agreed, and nothing is compared. */
export type Wanted = Access & { uid: string; name: string | null; sealed: boolean | null };
/** A row that is no more, as it was last known: for its name, and for ends that were agreed. */
export type Earlier = { uid: string; name: string; claim_by: number | null; last_used_at: number | null };
/** A wanted row whose end came as agreed: its lease was over, or nobody claimed it in time. */
export type Ended = { uid: string; name: string; how: "lease" | "unclaimed" };

const same = (a: Access, b: Access): boolean => a.scopes === b.scopes && a.all_access === b.all_access && a.expires_at === b.expires_at;
const side = ({ name, scopes, all_access, expires_at }: Pick<AgentRow, "name"> & Access, own = false, tokenKnown = false): DriftSide => ({ name, scopes, all_access, expires_at, ...(own && { own: true as const }), ...(tokenKnown && { token_known: true as const }) });

/** Seconds that two honest clocks may differ: an end that comes earlier than this by ours was not agreed. */
const clockSlack = 300;

/** Ours: a row that our manager manages. Never our manager's own, nor another's, nor an owner's. */
export const isOurs = ({ managed_by, admin }: Pick<AgentRow, "managed_by" | "admin">, managerUid: string): boolean => managed_by === managerUid && !admin;

/**
 * @param vaultNow the vault's clock, Unix seconds: it is the one that ends leases
 * @param now our clock, Unix seconds: a vault alone cannot make an end come early by saying that it is later
 * @param earlier rows that are no more
 */
export function differences({ wanted, rows, earlier, managerUid, vaultNow, now }: { wanted: readonly Wanted[]; rows: readonly AgentRow[]; earlier: readonly Earlier[]; managerUid: string; vaultNow: number; now: number }): { open: Difference[]; ended: Ended[] } {
  const known = new Map(rows.map((row) => [row.uid, row]));
  const was = new Map(earlier.map((row) => [row.uid, row]));
  const wish = new Map(wanted.map((row) => [row.uid, row]));
  const open: Difference[] = [];
  const ended: Ended[] = [];
  const over = (at: number): boolean => at <= vaultNow && at <= now + clockSlack;
  for (const one of wanted) {
    const row = known.get(one.uid);
    const before = side({ ...one, name: one.name ?? was.get(one.uid)?.name ?? row?.name ?? "a row" });
    if (row !== undefined) {
      const own = !isOurs(row, managerUid);
      // A row that looks as before but is not: another name over the same access, or a token that its client holds too (PROTOCOL 11).
      const tokenKnown = one.sealed === true && row.hand_over !== "sealed";
      if (own || !same(one, row) || row.name !== before.name || tokenKnown) open.push({ uid: one.uid, kind: "altered", before, after: side(row, own, tokenKnown) });
      continue;
    }
    const { claim_by: claimBy = null, last_used_at: used = null } = was.get(one.uid) ?? {};
    if (one.expires_at !== null && over(one.expires_at)) ended.push({ uid: one.uid, name: before.name, how: "lease" });
    else if (claimBy !== null && over(claimBy) && used === null) ended.push({ uid: one.uid, name: before.name, how: "unclaimed" });
    else open.push({ uid: one.uid, kind: "removed", before, after: null });
  }
  for (const row of rows) {
    if (isOurs(row, managerUid) && !wish.has(row.uid)) open.push({ uid: row.uid, kind: "appeared", before: null, after: side(row) });
  }
  return { open, ended };
}

export type OpenDrift = { driftId: string; uid: string; kind: string; after: DriftSide | null };

const text = (value: DriftSide | null): string => (value === null ? "" : JSON.stringify([value.name, value.scopes, value.all_access, value.expires_at, value.own ?? false, value.token_known ?? false]));

/** What to do to the drifts that are open: some are new, some look otherwise now, some went away by themselves. */
export function reconcile(now: readonly Difference[], open: readonly OpenDrift[]): { fresh: Difference[]; changed: (Difference & { driftId: string })[]; gone: OpenDrift[] } {
  const before = new Map(open.map((one) => [one.uid, one]));
  const still = new Set(now.map(({ uid }) => uid));
  const fresh: Difference[] = [];
  const changed: (Difference & { driftId: string })[] = [];
  for (const one of now) {
    const old = before.get(one.uid);
    if (old === undefined) fresh.push(one);
    else if (old.kind !== one.kind || text(old.after) !== text(one.after)) changed.push({ ...one, driftId: old.driftId });
  }
  return { fresh, changed, gone: open.filter(({ uid }) => !still.has(uid)) };
}
