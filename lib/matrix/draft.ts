/**
 * What people have staged, kept: one draft per person, changed cell by cell against the revision it was seen at. A stale save changes
 * nothing and answers with the draft as it is, so that the browser can lay its own edits on top and try again: no edit is lost.
 */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import type { BaseRow, Staged, StagedChange, Wanted } from "./change.ts";
import { keysIn, vaultsByKey } from "./load.ts";
import { pack, unpack, type Packed, type Wish } from "./pack.ts";
import { rowChanges, type HeldRow, type RowChange, type Unnumbered } from "./rows.ts";

type CellRow = { owner_id: string; owner: string; vault_ref: string; client_id: string; person_id: string; held: boolean; full_access: boolean; roles: string[]; ends_at: Date | null; lease_roles: string[]; lease_ends_at: Date | null; reason: string; base: BaseRow[]; staged_at: Date; had: boolean };

const minutes = (time: Date | null): number => (time ? Math.round(time.getTime() / 60_000) : 0);

const rowsOf = ({ db, actor }: Read, ownerId: string | null): Promise<CellRow[]> => db.$queryRaw<CellRow[]>`
  select s.owner_id, p.name as owner, s.vault_ref, v.client_id, s.person_id, s.held, s.full_access, s.roles, s.ends_at, s.lease_roles, s.lease_ends_at, s.reason, s.base, s.staged_at,
         exists (select from known_agent a where a.msp_id = s.msp_id and a.vault_ref = s.vault_ref and a.person_id = s.person_id and a.managed_by = v.manager_uid and not a.admin) as had
    from staged_cell s join vault v using (msp_id, vault_ref) join person p on p.msp_id = s.msp_id and p.person_id = s.owner_id
   where s.msp_id = ${actor.mspId}::uuid and (${ownerId}::uuid is null or s.owner_id = ${ownerId}::uuid)
   order by s.vault_ref, s.person_id`;

const revisionOf = async ({ db, actor }: Read, ownerId: string): Promise<number> =>
  (await db.draft.findUnique({ where: { mspId_ownerId: { mspId: actor.mspId, ownerId } }, select: { revision: true } }))?.revision ?? 0;

type Kind = Pick<CellRow, "owner_id" | "owner" | "person_id" | "held" | "full_access" | "roles" | "ends_at" | "lease_roles" | "lease_ends_at" | "reason"> & { vaults: string };

const wishOf = (row: Kind): Wish =>
  !row.held && row.lease_ends_at === null
    ? { none: true, reason: row.reason }
    : { held: row.held, full: row.full_access, roles: row.roles, end: minutes(row.ends_at), lease: row.lease_ends_at ? { roles: row.lease_roles, end: minutes(row.lease_ends_at) } : null, reason: row.reason };

/**
 * What is staged, by draft and person; vaults as their places in `vaultRefs`. A line per kind of wish: 100,000 small rows cost more than
 * they say.
 */
const kindsOf = ({ db, actor }: Read, vaultRefs: readonly string[]): Promise<Kind[]> => db.$queryRaw<Kind[]>`
  select s.owner_id, p.name as owner, s.person_id, s.held, s.full_access, s.roles, s.ends_at, s.lease_roles, s.lease_ends_at, s.reason, string_agg((v.at - 1)::text, ',') as vaults
    from staged_cell s join unnest(${[...vaultRefs]}::uuid[]) with ordinality as v (vault_ref, at) using (vault_ref) join person p on p.msp_id = s.msp_id and p.person_id = s.owner_id
   where s.msp_id = ${actor.mspId}::uuid
   group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
   order by p.name, s.owner_id, s.person_id`;

/** `ownerId`: whose draft `revision` and `cells` are, so that a call that only echoes one's own save can be told. */
export type DraftView = { ownerId: string; revision: number; cells: Packed; colleagues: { name: string; cells: Packed }[] };

async function viewIn(tx: Read): Promise<DraftView> {
  const byRef = await keysIn(tx);
  const [kinds, keys, revision] = [await kindsOf(tx, [...byRef.keys()]), [...byRef.values()], await revisionOf(tx, tx.actor.id)];
  const owners = new Map<string, Kind[]>();
  for (const kind of kinds) {
    const list = owners.get(kind.owner_id);
    if (list) list.push(kind);
    else owners.set(kind.owner_id, [kind]);
  }
  const packed = (list: readonly Kind[]): Packed => pack(list.flatMap((kind) => {
    const wish = wishOf(kind);
    return kind.vaults.split(",").map((at) => ({ row: keys[Number(at)]!, person: kind.person_id, wish }));
  }));
  return { ownerId: tx.actor.id, revision, cells: packed(owners.get(tx.actor.id) ?? []), colleagues: [...owners].filter(([id]) => id !== tx.actor.id).map(([, list]) => ({ name: list[0]!.owner, cells: packed(list) })) };
}

/** One's own draft and what colleagues have staged. Throws Refusal `forbidden`. */
export function loadDraft(actor: Actor, db: Database = database()): Promise<DraftView> {
  authorize(actor, "matrix.read");
  return read(actor, viewIn, db);
}

export type Saved = { saved: true; revision: number } | { saved: false; draft: DraftView };

/**
 * Changes cells of one's own draft. `revision`: the one they were edited at; when it is not the draft's any more, nothing changes
 * and the draft comes back. Cells of vaults or people that are not there any more are left out.
 * Throws Refusal `forbidden`, `invalid` (what cannot be unpacked), `draft_full`.
 */
export async function saveDraft(actor: Actor, { revision, cells }: { revision: number; cells: Packed }, clock: Clock = systemClock, db: Database = database()): Promise<Saved> {
  authorize(actor, "matrix.stage");
  const now = clock.now();
  const stale = await write(actor, async (tx): Promise<Saved> => {
    // One row to wait at: two tabs that save at once are one after the other.
    await tx.db.$executeRaw`insert into draft (msp_id, owner_id, revision, changed_at) values (${actor.mspId}::uuid, ${actor.id}::uuid, 0, ${now}) on conflict do nothing`;
    const [draft] = await tx.db.$queryRaw<{ revision: number }[]>`select revision from draft where msp_id = ${actor.mspId}::uuid and owner_id = ${actor.id}::uuid for update`;
    if (draft!.revision !== revision) throw new Stale();
    await put(tx, cells, now);
    const next = revision + 1;
    await tx.db.draft.update({ where: { mspId_ownerId: { mspId: actor.mspId, ownerId: actor.id } }, data: { revision: next, changedAt: now } });
    const count = await counted(tx);
    if (count.cells > limits.stagedCells) throw new Refusal("draft_full");
    await record(tx, { action: "draft.changed", fields: { cells: count.cells, vaults: count.vaults, revision: next } });
    await tx.db.$executeRaw`select pg_notify('staged', ${JSON.stringify({ msp_id: actor.mspId, owner_id: actor.id, revision: next })})`;
    return { saved: true, revision: next };
  }, db).catch((error: unknown) => {
    if (error instanceof Stale) return null;
    throw error;
  });
  return stale ?? { saved: false, draft: await read(actor, viewIn, db) };
}

/** Thrown inside the write, so that it leaves nothing behind. */
class Stale extends Error {}

const counted = async ({ db, actor }: Read): Promise<{ cells: number; vaults: number }> =>
  (await db.$queryRaw<{ cells: number; vaults: number }[]>`select count(*)::int as cells, count(distinct vault_ref)::int as vaults from staged_cell where msp_id = ${actor.mspId}::uuid and owner_id = ${actor.id}::uuid`)[0]!;

async function put(tx: Write, cells: Packed, now: Date): Promise<void> {
  let wished;
  try {
    wished = unpack(cells, limits.stagedCells);
  } catch (error) {
    throw error instanceof RangeError ? new Refusal("invalid", { cause: error }) : error;
  }
  const vaults = await vaultsByKey(tx);
  const people = new Set((await tx.db.person.findMany({ where: { mspId: tx.actor.mspId, personId: { in: [...cells.people] } }, select: { personId: true } })).map((person) => person.personId));
  const known = wished.flatMap(({ row, person, wish }) => { const ref = vaults.get(row); return ref === undefined || !people.has(person) ? [] : [{ ref, person, wish }]; });
  const cleared = known.filter(({ wish }) => "clear" in wish);
  const staged = known.filter(({ wish }) => !("clear" in wish));
  const list = cells.wishes.map((wish) => ("clear" in wish || "none" in wish ? { held: false, full: false, roles: [], end: 0, lease: null, reason: "clear" in wish ? "" : wish.reason } : wish));
  const place = new Map(cells.wishes.map((wish, at) => [wish, at]));
  const { mspId, id } = tx.actor;
  if (cleared.length > 0) await tx.db.$executeRaw`
    delete from staged_cell s using unnest(${cleared.map((one) => one.ref)}::uuid[], ${cleared.map((one) => one.person)}::uuid[]) as g (vault_ref, person_id)
     where s.msp_id = ${mspId}::uuid and s.owner_id = ${id}::uuid and s.vault_ref = g.vault_ref and s.person_id = g.person_id`;
  if (staged.length > 0) await tx.db.$executeRawUnsafe(`
    with w as (select w.at - 1 as at, (w.value->>'held')::boolean as held, (w.value->>'full')::boolean as full_access, array(select jsonb_array_elements_text(w.value->'roles')::uuid) as roles,
                      case when (w.value->>'end')::bigint = 0 then null else to_timestamp((w.value->>'end')::bigint * 60) end as ends_at,
                      array(select jsonb_array_elements_text(coalesce(nullif(w.value->'lease', 'null'::jsonb)->'roles', '[]'::jsonb))::uuid) as lease_roles,
                      to_timestamp((nullif(w.value->'lease', 'null'::jsonb)->>'end')::bigint * 60) as lease_ends_at, w.value->>'reason' as reason
                 from jsonb_array_elements($3::jsonb) with ordinality as w (value, at)),
         g as (select $1::uuid as msp_id, g.vault_ref, g.person_id, g.wish from unnest($4::uuid[], $5::uuid[], $6::int[]) as g (vault_ref, person_id, wish)),
         -- Rows of ours that each person has in each of these vaults now: what a change is staged against. Once for all cells.
         b as (select a.vault_ref, a.person_id, jsonb_agg(jsonb_build_object('uid', a.uid, 'revision', a.revision) order by a.uid) as rows
                 from known_agent a join vault v using (msp_id, vault_ref)
                where a.msp_id = $1::uuid and a.vault_ref in (select distinct vault_ref from g) and a.person_id is not null and a.managed_by = v.manager_uid and not a.admin
                group by a.vault_ref, a.person_id)
    insert into staged_cell as s (msp_id, owner_id, vault_ref, person_id, held, full_access, roles, ends_at, lease_roles, lease_ends_at, reason, base, staged_at)
    select g.msp_id, $2::uuid, g.vault_ref, g.person_id, w.held, w.full_access, w.roles, w.ends_at, w.lease_roles, w.lease_ends_at, w.reason, coalesce(b.rows, '[]'::jsonb), $7
      from g join w on w.at = g.wish left join b using (vault_ref, person_id)
    on conflict (msp_id, owner_id, vault_ref, person_id) do update set held = excluded.held, full_access = excluded.full_access, roles = excluded.roles, ends_at = excluded.ends_at,
      lease_roles = excluded.lease_roles, lease_ends_at = excluded.lease_ends_at, reason = excluded.reason, base = excluded.base, staged_at = excluded.staged_at`,
    mspId, id, JSON.stringify(list), staged.map((one) => one.ref), staged.map((one) => one.person), staged.map((one) => place.get(one.wish)!), now);
}

/** Everything that one person has staged, for lib/plan to freeze: the actor's own without `ownerId`. Throws Refusal `forbidden`. */
export function stagedChanges(actor: Actor, ownerId: string = actor.id, db: Database = database()): Promise<Staged> {
  authorize(actor, "matrix.read");
  return read(actor, (tx) => stagedIn(tx, ownerId), db);
}

/** The same inside a transaction. */
export async function stagedIn(tx: Read, ownerId: string): Promise<Staged> {
  const rows = await rowsOf(tx, ownerId);
  return {
    ownerId, revision: await revisionOf(tx, ownerId),
    changes: rows.map((row): StagedChange => {
      const wanted: Wanted | null = !row.held && row.lease_ends_at === null ? null : { full: row.full_access, roles: row.roles, endsAt: row.ends_at, lease: row.lease_ends_at ? { roles: row.lease_roles, endsAt: row.lease_ends_at } : null };
      return { vaultRef: row.vault_ref, clientId: row.client_id, personId: row.person_id, verb: !row.had ? "grant" : wanted === null ? "revoke" : "alter", wanted, base: row.base, reason: row.reason, stagedAt: row.staged_at };
    }),
  };
}

export type StagedRows = { readonly revision: number; readonly changes: readonly RowChange[]; readonly unnumbered: readonly Unnumbered[] };

/** The same as rows of the vaults, with that vault's numbers: what a plan freezes. For the transaction that makes it. */
export async function stagedRowsIn(tx: Read, ownerId: string): Promise<StagedRows> {
  const { mspId } = tx.actor;
  const { revision, changes } = await stagedIn(tx, ownerId);
  const refs = [...new Set(changes.map(({ vaultRef }) => vaultRef))];
  const scopes = await tx.db.roleScope.findMany({ where: { mspId, vaultRef: { in: refs } }, select: { vaultRef: true, roleId: true, scope: true } });
  const held = await tx.db.$queryRaw<{ vault_ref: string; person_id: string; uid: string; scopes: string; all_access: boolean; expires_at: Date | null }[]>`
    select a.vault_ref, a.person_id, a.uid, a.scopes, a.all_access, a.expires_at from known_agent a join vault v using (msp_id, vault_ref)
     where a.msp_id = ${mspId}::uuid and a.vault_ref = any (${refs}::uuid[]) and a.person_id is not null and a.managed_by = v.manager_uid and not a.admin`;
  const numbers = new Map<string, Map<string, string>>();
  for (const { vaultRef, roleId, scope } of scopes) numbers.set(vaultRef, (numbers.get(vaultRef) ?? new Map<string, string>()).set(roleId, scope));
  const rows = new Map<string, HeldRow[]>();
  for (const row of held) rows.set(`${row.vault_ref} ${row.person_id}`, [...(rows.get(`${row.vault_ref} ${row.person_id}`) ?? []), { uid: row.uid, scopes: row.scopes, allAccess: row.all_access, expiresAt: row.expires_at ? Math.floor(row.expires_at.getTime() / 1_000) : null }]);
  const found = changes.map((change) => rowChanges(change, rows.get(`${change.vaultRef} ${change.personId}`) ?? [], numbers.get(change.vaultRef) ?? new Map<string, string>()));
  return { revision, changes: found.flatMap((one) => one.changes), unnumbered: found.flatMap((one) => one.unnumbered ?? []) };
}

/** The same for whoever asks. Throws Refusal `forbidden`. */
export function stagedRows(actor: Actor, ownerId: string = actor.id, db: Database = database()): Promise<StagedRows> {
  authorize(actor, "matrix.read");
  return read(actor, (tx) => stagedRowsIn(tx, ownerId), db);
}

/**
 * Takes cells out of a draft because a plan of them was settled: read back from the vault as wanted. Only as they were staged at
 * `stagedAt`: what was staged anew meanwhile stays. For the transaction that settles a receipt; its caller records.
 * @returns how many cells were taken out
 */
export async function settleStaged(tx: Write, ownerId: string, cells: readonly { vaultRef: string; personId: string; stagedAt: Date }[]): Promise<number> {
  if (cells.length === 0) return 0;
  const taken = await tx.db.$executeRaw`
    delete from staged_cell s using unnest(${cells.map((one) => one.vaultRef)}::uuid[], ${cells.map((one) => one.personId)}::uuid[], ${cells.map((one) => one.stagedAt)}::timestamptz[]) as g (vault_ref, person_id, staged_at)
     where s.msp_id = ${tx.actor.mspId}::uuid and s.owner_id = ${ownerId}::uuid and s.vault_ref = g.vault_ref and s.person_id = g.person_id and s.staged_at <= g.staged_at`;
  if (taken === 0) return 0;
  const [draft] = await tx.db.$queryRaw<{ revision: number }[]>`update draft set revision = revision + 1 where msp_id = ${tx.actor.mspId}::uuid and owner_id = ${ownerId}::uuid returning revision`;
  await tx.db.$executeRaw`select pg_notify('staged', ${JSON.stringify({ msp_id: tx.actor.mspId, owner_id: ownerId, revision: draft!.revision })})`;
  return taken;
}
