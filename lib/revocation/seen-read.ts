/**
 * The list of what the tokens of a board had opened, made of the audit that we keep (lib/audit pulls and checks every vault's log): when the
 * board is opened, and once more when what is kept has passed the proof that the token is gone. No vault is asked, so one that is down or
 * in failover is on the list as far as its log is held; where that is not far enough, its next pull is hurried.
 */
import type { Database } from "../db/client.ts";
import { observe, read, write, type Write } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { recordAll } from "../record/record.ts";
import type { BoardRow } from "./facts.ts";
import { gapWords, type Hidden } from "./seen.ts";
import { coverOf, type Cover } from "./seen-cover.ts";
import { endOf, isAhead, reaches, wantsList, type Moments } from "./seen-words.ts";

type Key = { vaultRef: string; uid: string };
/** What one list came to. */
export type Listed = Key & Hidden & { entries: number; unchanged: number };

/**
 * Lists anew what these tokens had opened, in the database alone: a token's readings may be hundreds of thousands. It is seenIn
 * (testing/seen-in.ts) over what is kept, with what only a kept log knows:
 *
 * - Both streams are chains of their own, and a backup writes only what it served itself: nothing stands in both. Along the primary's
 *   chain the order is that of its telling (branch, epoch, number); beside the backup's it is time.
 * - The same event told again, after a new connect, is one.
 * - A change counts as the vault tells it now. One that a restore took back, or that stands on a story it tells no more, changed nothing
 *   that lasted: `starts` are the places from which another epoch or story begins.
 *
 * Readings are found by the token's uid (audit_event_row_idx), changes by the entry (audit_event_target_idx), so that what is gone through
 * is what concerns this token, however long the logs are; months before a reading are not touched. Without the fences ("offset 0")
 * the planner goes through all changes of the organisation for each vault. Only changes without an entry are looked for in a vault's own
 * order, where some are masked, among its newest events.
 */
export async function listSeen({ db, actor: { mspId } }: Write, revocationId: string, keys: readonly Key[]): Promise<Listed[]> {
  const [refs, uids] = [keys.map(({ vaultRef }) => vaultRef), keys.map(({ uid }) => uid)];
  await db.$executeRaw`
    delete from revocation_seen n using unnest(${refs}::text[], ${uids}::text[]) as a(ref, uid)
     where n.msp_id = ${mspId}::uuid and n.revocation_id = ${revocationId}::uuid and n.vault_ref = a.ref::uuid and n.uid = a.uid`;
  return db.$queryRaw<Listed[]>`
    with asked as (select a.ref::uuid as vault_ref, a.uid from unnest(${refs}::text[], ${uids}::text[]) as a(ref, uid)),
    reading as materialized (
      select a.vault_ref, a.uid, e.stream, max(array[e.branch::bigint, e.epoch::bigint, e.seq]) as place, min(e.at) as at, max(e.target_id) as entry
        from asked a join audit_event e on e.msp_id = ${mspId}::uuid and e.agent_uid = a.uid and e.vault_ref = a.vault_ref and e.action in ('entry.read', 'totp.read') and e.outcome = 'success'
       group by a.vault_ref, a.uid, e.stream, e.epoch, e.seq, e.hash),
    opened as (
      select r.vault_ref, r.uid, r.entry, count(*)::int as reads, min(r.at) as first_at, max(r.at) as last_at, max(r.place) filter (where r.stream = 'primary') as place, max(r.at) filter (where r.stream = 'backup') as backup_at
        from reading r where r.entry is not null group by r.vault_ref, r.uid, r.entry),
    begun as (select r.vault_ref, r.uid, min(r.at) as at, count(*) filter (where r.entry is null)::int as hidden from reading r group by r.vault_ref, r.uid),
    starts as materialized (
      select f.vault_ref, case when f.kind = 'restored' then f.branch else f.branch + 1 end as branch, case when f.kind = 'restored' then f.epoch else 0 end as epoch, case when f.kind = 'new_key' then 1 else f.seq end as seq
        from audit_finding f where f.msp_id = ${mspId}::uuid and f.vault_ref in (select vault_ref from asked) and f.stream = 'primary' and f.kind in ('restored', 'fork', 'truncated', 'new_key')),
    unseen as (
      select b.vault_ref, b.uid, count(*)::int as changes
        from begun b
        join audit_stream m on m.msp_id = ${mspId}::uuid and m.vault_ref = b.vault_ref and m.stream = 'primary' and m.masked > 0
       cross join lateral (
          select 1
            from (select x.* from audit_event x where x.msp_id = ${mspId}::uuid and x.vault_ref = b.vault_ref and x.stream = 'primary' and x.received_at >= b.at - interval '10 minutes' order by x.seq desc limit ${limits.seenMaskedEvents}) e
           where e.target_id is null and e.action in ('entry.update', 'entry.delete') and e.outcome = 'success' and e.at >= b.at
             and not exists (select from starts s where s.vault_ref = e.vault_ref and s.seq <= e.seq and (s.branch, s.epoch) > (e.branch, e.epoch))) c
       group by b.vault_ref, b.uid),
    kept as (
      insert into revocation_seen (msp_id, revocation_id, vault_ref, uid, entry, reads, first_at, last_at, changed_at, removed)
      select ${mspId}::uuid, ${revocationId}::uuid, o.vault_ref, o.uid, o.entry, o.reads, o.first_at, o.last_at, c.at, coalesce(c.removed, false)
        from opened o left join lateral (
          select e.at, e.action = 'entry.delete' as removed
            from (select x.* from audit_event x where x.msp_id = ${mspId}::uuid and x.target_id = o.entry and x.vault_ref = o.vault_ref and x.received_at >= o.last_at - interval '10 minutes' offset 0) e
           where e.stream = 'primary' and e.action in ('entry.update', 'entry.delete') and e.outcome = 'success'
             and (o.place is null or array[e.branch::bigint, e.epoch::bigint, e.seq] > o.place) and (o.backup_at is null or e.at > o.backup_at)
             and not exists (select from starts s where s.vault_ref = e.vault_ref and s.seq <= e.seq and (s.branch, s.epoch) > (e.branch, e.epoch))
           order by e.branch, e.epoch, e.seq limit 1) c on true
      returning vault_ref, uid, changed_at)
    select a.vault_ref::text as "vaultRef", a.uid, coalesce(k.entries, 0) as entries, coalesce(k.unchanged, 0) as unchanged, coalesce(b.hidden, 0) as "hiddenReads",
           coalesce(u.changes, 0) as "hiddenChanges"
      from asked a left join (select vault_ref, uid, count(*)::int as entries, count(*) filter (where changed_at is null)::int as unchanged from kept group by vault_ref, uid) k on k.vault_ref = a.vault_ref and k.uid = a.uid
      left join begun b on b.vault_ref = a.vault_ref and b.uid = a.uid left join unseen u on u.vault_ref = a.vault_ref and u.uid = a.uid`;
}

type Board = { revocationId: string; name: string; openedAt: Date; closedAt: Date | null };
type Due = { row: BoardRow; cover: Cover; moments: Moments };

async function keepLists(worker: Actor, { revocationId, name }: Board, due: readonly Due[], db: Database): Promise<void> {
  const { mspId } = worker;
  await write(worker, async (tx) => {
    // Two workers look at the same board: whoever comes second finds it done.
    await tx.db.$queryRaw`select 1 from revocation where msp_id = ${mspId}::uuid and revocation_id = ${revocationId}::uuid for update`;
    const now = await tx.db.revocationRow.findMany({ where: { mspId, revocationId, vaultRef: { in: due.map(({ row }) => row.vaultRef) } }, select: { vaultRef: true, uid: true, seenAt: true } });
    const still = due.filter(({ row }) => now.some(({ vaultRef, uid, seenAt }) => vaultRef === row.vaultRef && uid === row.uid && (seenAt?.getTime() ?? null) === (row.seen?.at ?? null)));
    if (still.length === 0) {
      tx.replayed = true;
      return;
    }
    const lists = await listSeen(tx, revocationId, still.map(({ row: { vaultRef, uid } }) => ({ vaultRef, uid })));
    const of = ({ vaultRef, uid }: Key) => lists.find((one) => one.vaultRef === vaultRef && one.uid === uid)!;
    const facts = still.map(({ row, cover, moments }) => ({ ref: row.vaultRef, uid: row.uid, at: new Date(endOf(cover, moments)), from: new Date(cover.from ?? 0), complete: cover.whole, words: gapWords(of(row)) }));
    await tx.db.$executeRaw`
      update revocation_row w set seen_at = g.at, seen_from = g."from", seen_complete = g.complete, seen_words = g.words
        from jsonb_to_recordset(${JSON.stringify(facts)}::jsonb) as g(ref uuid, uid text, at timestamptz, "from" timestamptz, complete boolean, words text)
       where w.msp_id = ${mspId}::uuid and w.revocation_id = ${revocationId}::uuid and w.vault_ref = g.ref and w.uid = g.uid`;
    await recordAll(tx, "revocation.seen_read", still.map(({ row }) => ({ target: { kind: "revocation", id: revocationId }, fields: { name, client: row.client, entries: of(row).entries, unchanged: of(row).unchanged } })));
    // An open board shows how many logs are read (lib/matrix/listen.ts).
    await tx.db.$executeRaw`select pg_notify('known', json_build_object('msp_id', ${mspId}::text, 'vault_ref', g.ref)::text) from unnest(${[...new Set(facts.map(({ ref }) => ref))]}::text[]) as g(ref)`;
  }, db);
}

/** Lists that could not be made by themselves, in this process, and when they are tried again. */
const failed = new Map<string, number>();
/** When the pull of a vault's log was hurried last, in this process. Bounded by what is on boards. */
const hurried = new Map<string, number>();

/**
 * Pulls of these logs are due now, whatever they were to wait for; one whose last pull failed, a minute apart. A pull that is under way
 * may have asked too early: its log is hurried again when it has ended. @returns which were
 */
async function hurry(worker: Actor, waiting: readonly Cover[], { db, now }: Tools): Promise<ReadonlySet<string>> {
  const { mspId } = worker;
  const refs = waiting.filter(({ vaultRef, failing }) => now().getTime() - (hurried.get(`${mspId} ${vaultRef}`) ?? 0) >= limits.seenLookMs * (failing ? 12 : 1)).map(({ vaultRef }) => vaultRef);
  if (refs.length === 0) return new Set();
  for (const ref of refs) hurried.set(`${mspId} ${ref}`, now().getTime());
  await observe(worker, (tx) => tx.db.$executeRaw`update audit_pull set next_at = now() where msp_id = ${mspId}::uuid and vault_ref = any(${refs}::uuid[]) and next_at > now() and next_at < '9000-01-01' and (lease_until is null or lease_until < now())`, db);
  return new Set(refs);
}

type Tools = { db: Database; now: () => Date };

/**
 * Makes the lists that are due, and hurries the logs that a proven row waits for.
 * @returns how many logs are waited for that can be expected soon: who asks, pulls them and comes again
 */
export async function readSeen(worker: Actor, board: Board, rows: readonly BoardRow[], tools: Tools): Promise<number> {
  const { db, now } = tools;
  const cover = await read(worker, (tx) => coverOf(tx, board.revocationId), db);
  const covers = new Map(cover.map((one) => [`${one.vaultRef} ${one.uid}`, one]));
  const asked = rows.filter(({ facts: { own } }) => !own).map((row): Due => ({
    row, cover: covers.get(`${row.vaultRef} ${row.uid}`)!, moments: { absent: row.facts.absent?.at ?? null, openedAt: board.openedAt.getTime(), closedAt: board.closedAt?.getTime() ?? null, now: now().getTime() },
  }));
  const keyOf = ({ row: { vaultRef, uid } }: Due) => `${worker.mspId} ${vaultRef} ${uid}`;
  const due = asked.filter((one) => wantsList(one.cover, one.row.seen, one.moments) && (failed.get(keyOf(one)) ?? 0) <= now().getTime());
  let trouble: unknown;
  let failures = 0;
  const parts = Array.from({ length: Math.ceil(due.length / limits.revocationKept) }, (_, at) => due.slice(at * limits.revocationKept, (at + 1) * limits.revocationKept));
  for (let part = parts.pop(); part !== undefined && failures < limits.seenFailures; part = parts.pop()) {
    try {
      await keepLists(worker, board, part, db);
    } catch (error) {
      // A log that is too much holds up no other: halved until it stands alone, it is left for a while.
      trouble ??= error;
      failures += 1;
      const half = Math.ceil(part.length / 2);
      if (part.length > 1) parts.push(part.slice(0, half), part.slice(half));
      else failed.set(keyOf(part[0]!), now().getTime() + limits.seenFailedMs);
    }
  }
  // A proof shows that the vault answers, whatever its last pull or reading came to: one that came back a moment ago is still said to be
  // silent. One that went away since costs a failed pull a minute. A moment that has not come cannot be waited for.
  const waiting = asked.filter(({ row: { facts, seen }, cover: held, moments }) => {
    const { absent } = moments;
    return absent !== null && (seen === null || seen.at < absent) && !reaches(held, moments) && !isAhead(held, moments) && facts.vault === "connected" && held.state !== "withheld" && held.state !== "broken";
  }).map(({ cover: held }) => held);
  const soon = waiting.length === 0 ? new Set() : await hurry(worker, waiting, tools);
  if (trouble !== undefined) throw trouble;
  return waiting.filter(({ vaultRef, failing }) => !failing || soon.has(vaultRef)).length;
}
