/**
 * What delivery writes down, for many vaults of one tenant in one transaction: that bytes will leave, that a receipt came, that it was
 * read back, that a line is let go. Each statement is over all of them, behind the fence of each; long, because these statements are
 * read side by side. Throws what stopped the writing (Refusal `record_unwritable`, `database_unavailable`).
 */
import type { Client, Dispatch, Vault } from "#prisma/generated/client.ts";
import type { Database } from "../db/client.ts";
import { observe, read, write, type Write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { haltOver, haltsNow, kindsOfOps, shareHalts, type Halt } from "../plan/halt.ts";
import { answerRemoved, unstageProven } from "../plan/staged.ts";
import type { Op, Receipt } from "../protocol/messages.ts";
import { operationsIn } from "../receipt/expect.ts";
import { keepHandOvers } from "../receipt/hand-over.ts";
import { wantApplied } from "../receipt/settle.ts";
import { recordAll } from "../record/record.ts";
import { wakeSecondWaves } from "./canary.ts";
import type { Line } from "./line.ts";
import { noteSent, takeIntoUse, throwOldAway } from "./renewal.ts";
import { Together } from "./together.ts";

export type Loaded = { vault: Vault & { client: Pick<Client, "name" | "region"> }; failures: number; shares: Dispatch[] };
type Sending = { line: Line; share: Dispatch; number: number };
/** lost: another worker holds the line. stopped: by a person, before a byte left. */
export type MaySend = "may" | "lost" | "stopped" | Halt;
type Accepting = { line: Line; share: Dispatch; answer: string; receipt: Receipt; ops: readonly Op[]; tookMs: number };
type Proving = { line: Line; share: Dispatch; receiptId: string; revision: number; words: string | null; ops: readonly Op[] };
/** `before`: failures in a row when the line was taken up, where the pause is ours and not the vault's wish; else 0. */
type Leaving = { vaultRef: string; fence: bigint; nextAt: Date | null; before: number; failures: number; words: string | null };

const openStates = ["waiting", "sent", "accepted"];
const rank: Readonly<Record<string, number>> = { accepted: 0, sent: 1, waiting: 2 };
/** Proofs and open questions first, then removals, alterations, grants. */
const inOrder = (shares: readonly Dispatch[]): Dispatch[] => shares.toSorted((a, b) => rank[a.state]! - rank[b.state]! || a.rank - b.rank || (a.dispatchId < b.dispatchId ? -1 : 1));
const target = ({ dispatchId }: Dispatch) => ({ kind: "dispatch" as const, id: dispatchId });
const about = ({ vault }: Line, { kind }: Dispatch) => ({ client: vault.client.name, kind });
const isHalt = (may: MaySend): may is Halt => typeof may === "object";

export class Ledger {
  readonly load: Together<string, Loaded | null>;
  readonly open: Together<string, Dispatch[]>;
  readonly sent: Together<Sending, MaySend>;
  readonly accepted: Together<Accepting, string | null>;
  readonly proven: Together<Proving, boolean>;
  readonly leave: Together<Leaving, null>;
  readonly #worker: Actor;
  readonly #db: Database;
  readonly #now: () => Date;

  constructor(worker: Actor, db: Database, now: () => Date) {
    this.#worker = worker;
    this.#db = db;
    this.#now = now;
    const most = limits.dispatchTogether;
    this.load = new Together((refs) => this.#load(refs), most);
    this.open = new Together((refs) => this.#open(refs), most);
    this.sent = new Together((items) => this.#sent(items), most);
    this.accepted = new Together((items) => this.#accepted(items), most);
    this.proven = new Together((items) => this.#proven(items), most);
    this.leave = new Together((items) => this.#leave(items), most);
  }

  #load(refs: readonly string[]): Promise<(Loaded | null)[]> {
    const { mspId } = this.#worker;
    return read(this.#worker, async ({ db }) => {
      const where = { mspId, vaultRef: { in: [...refs] } };
      const vaults = await db.vault.findMany({ where, include: { client: { select: { name: true, region: true } } } });
      const lines = await db.vaultLine.findMany({ where, select: { vaultRef: true, failures: true } });
      const shares = Map.groupBy(await db.dispatch.findMany({ where: { ...where, state: { in: openStates } } }), ({ vaultRef }) => vaultRef);
      const failures = new Map(lines.map((line) => [line.vaultRef, line.failures]));
      const found = new Map(vaults.map((vault) => [vault.vaultRef, vault]));
      return refs.map((ref) => {
        const vault = found.get(ref);
        return vault === undefined ? null : { vault, failures: failures.get(ref) ?? 0, shares: inOrder(shares.get(ref) ?? []) };
      });
    }, this.#db);
  }

  #open(refs: readonly string[]): Promise<Dispatch[][]> {
    return read(this.#worker, async ({ db, actor: { mspId } }) => {
      const shares = Map.groupBy(await db.dispatch.findMany({ where: { mspId, vaultRef: { in: [...refs] }, state: { in: openStates } } }), ({ vaultRef }) => vaultRef);
      return refs.map((ref) => inOrder(shares.get(ref) ?? []));
    }, this.#db);
  }

  /** Lines still held by whoever asks: by vault. Lengthens their leases for the next step. */
  async #held({ db, actor: { mspId } }: Write, lines: readonly Pick<Line, "vaultRef" | "fence">[]): Promise<Set<string>> {
    const rows = await db.$queryRaw<{ vault_ref: string }[]>`
      update vault_line l set lease_until = now() + make_interval(secs => ${limits.dispatchLeaseSeconds}::float8)
        from unnest(${lines.map(({ vaultRef }) => vaultRef)}::uuid[], ${lines.map(({ fence }) => fence)}::bigint[]) as g(ref, fence)
       where l.msp_id = ${mspId}::uuid and l.vault_ref = g.ref and l.fence = g.fence returning l.vault_ref`;
    return new Set(rows.map(({ vault_ref: ref }) => ref));
  }

  /** Written before the first byte leaves: a try that nobody can count is none that may happen. */
  #sent(items: readonly Sending[]): Promise<MaySend[]> {
    return write(this.#worker, async (tx) => {
      const now = this.#now();
      const { mspId } = tx.actor;
      const held = await this.#held(tx, items.map(({ line }) => line));
      const halted = await haltedBy(tx, items, now);
      const going = items.filter((item) => held.has(item.share.vaultRef) && !halted.has(item));
      const ids = going.map(({ share }) => share.dispatchId);
      const numbers = going.map(({ number }) => number);
      const moved = await tx.db.$queryRaw<{ dispatch_id: string }[]>`
        update dispatch d set state = 'sent', attempts = g.number, changed_at = ${now}, first_sent_at = coalesce(d.first_sent_at, ${now}),
               epoch = case when d.first_sent_at is null then (select r.epoch from reading r where r.msp_id = d.msp_id and r.vault_ref = d.vault_ref) else d.epoch end
          from unnest(${ids}::uuid[], ${numbers}::int[], ${going.map(({ share }) => share.state)}::text[]) as g(id, number, state)
         where d.msp_id = ${mspId}::uuid and d.dispatch_id = g.id and d.state = g.state returning d.dispatch_id`;
      const sent = new Set(moved.map(({ dispatch_id: id }) => id));
      const leaving = going.filter(({ share }) => sent.has(share.dispatchId));
      if (leaving.length === 0) tx.replayed = true; // nothing leaves, and nothing but leases was written
      else {
        const leavingIds = leaving.map(({ share }) => share.dispatchId);
        await tx.db.$executeRaw`insert into attempt (msp_id, dispatch_id, number, fence, sent_at)
          select ${mspId}::uuid, g.id, g.number, g.fence, ${now} from unnest(${leavingIds}::uuid[], ${leaving.map(({ number }) => number)}::int[], ${leaving.map(({ line }) => line.fence)}::bigint[]) as g(id, number, fence)`;
        // What is under way must not look like a drift.
        await tx.db.$executeRaw`update reading set lease_until = now() + make_interval(secs => ${limits.dispatchLeaseSeconds}::float8) where msp_id = ${mspId}::uuid and vault_ref = any(${leaving.map(({ share }) => share.vaultRef)}::uuid[])`;
        for (const { share } of leaving) if (share.body.includes("/token")) await noteSent(tx, share, now);
        await tx.db.$executeRaw`update client c set exit_started_at = ${now} from vault v, dispatch d, plan p
          where d.msp_id = ${mspId}::uuid and d.dispatch_id = any(${leavingIds}::uuid[]) and p.msp_id = d.msp_id and p.plan_id = d.plan_id and p.kind = 'exit' and v.msp_id = d.msp_id and v.vault_ref = d.vault_ref and c.msp_id = v.msp_id and c.client_id = v.client_id and c.exit_started_at is null`;
        await recordAll(tx, "dispatch.attempted", leaving.map(({ line, share, number }) => ({ target: target(share), fields: { ...about(line, share), attempt: number } })));
      }
      return items.map((item): MaySend => (!held.has(item.share.vaultRef) ? "lost" : (halted.get(item) ?? (sent.has(item.share.dispatchId) ? "may" : "stopped"))));
    }, this.#db);
  }

  /** Receipts that fit what was sent, kept verbatim; what they did is wanted from now on. @returns the receipt's id, null: the fence is lost */
  #accepted(items: readonly Accepting[]): Promise<(string | null)[]> {
    return write(this.#worker, async (tx) => {
      const now = this.#now();
      const { mspId } = tx.actor;
      const held = await this.#held(tx, items.map(({ line }) => line));
      const kept = items.flatMap((item) => (held.has(item.share.vaultRef) ? [{ ...item, receiptId: uuid7(now.getTime()) }] : []));
      if (kept.length === 0) {
        tx.replayed = true; // another worker holds these lines, and asks with the same bytes
        return items.map(() => null);
      }
      await tx.db.receipt.createMany({
        data: kept.map(({ receiptId, share, answer, receipt }) => ({ mspId, receiptId, dispatchId: share.dispatchId, planId: share.planId, vaultRef: share.vaultRef, answer, epoch: receipt.epoch, revision: BigInt(receipt.revision), appliedAt: new Date(receipt.applied_at * 1_000), receivedAt: now })),
      });
      await wantApplied(tx, kept.map(({ share, ops, receipt }) => ({ vaultRef: share.vaultRef, ops, receipt })));
      await keepHandOvers(tx, kept.map(({ share, ops, receipt, receiptId }) => ({ planId: share.planId, vaultRef: share.vaultRef, receiptId, ops, receipt })), now);
      for (const { line, share, ops } of kept) if (ops.some(({ path }) => path.endsWith("/token"))) await takeIntoUse(tx, line, share);
      const ids = kept.map(({ share }) => share.dispatchId);
      const took = kept.map(({ tookMs }) => Math.round(tookMs));
      await tx.db.$executeRaw`update dispatch d set state = 'accepted', words = null, code = null, took_ms = g.took, accepted_at = ${now}, changed_at = ${now}
        from unnest(${ids}::uuid[], ${took}::int[]) as g(id, took) where d.msp_id = ${mspId}::uuid and d.dispatch_id = g.id`;
      await tx.db.$executeRaw`update attempt a set outcome = 'receipt', status = 200, took_ms = g.took
        from unnest(${ids}::uuid[], ${took}::int[], ${kept.map(({ share }) => share.attempts)}::int[]) as g(id, took, number) where a.msp_id = ${mspId}::uuid and a.dispatch_id = g.id and a.number = g.number and a.outcome is null`;
      await tellPages(tx, kept.map(({ share }) => share.vaultRef));
      await recordAll(tx, "dispatch.accepted", kept.map(({ line, share, receipt, receiptId }) => ({ target: target(share), fields: { ...about(line, share), revision: receipt.revision, receipt: receiptId } })));
      return items.map(({ share }) => kept.find((one) => one.share.dispatchId === share.dispatchId)?.receiptId ?? null);
    }, this.#db);
  }

  /** Found in a signed list of the primary. @returns whether it was written; false: the fence is lost */
  #proven(items: readonly Proving[]): Promise<boolean[]> {
    return write(this.#worker, async (tx) => {
      const now = this.#now();
      const { mspId } = tx.actor;
      const held = await this.#held(tx, items.map(({ line }) => line));
      const done = items.filter(({ share }) => held.has(share.vaultRef));
      if (done.length === 0) {
        tx.replayed = true; // another worker holds these lines
        return items.map(() => false);
      }
      const ids = done.map(({ share }) => share.dispatchId);
      const refs = done.map(({ share }) => share.vaultRef);
      await tx.db.$executeRaw`update receipt r set read_at = ${now}, read_revision = greatest(g.revision, r.revision)
        from unnest(${done.map(({ receiptId }) => receiptId)}::uuid[], ${done.map(({ revision }) => revision)}::bigint[]) as g(id, revision) where r.msp_id = ${mspId}::uuid and r.receipt_id = g.id and r.read_at is null`;
      await tx.db.$executeRaw`update dispatch d set state = 'proven', words = g.words, changed_at = ${now}, settled_at = ${now}
        from unnest(${ids}::uuid[], ${done.map(({ words }) => words)}::text[]) as g(id, words) where d.msp_id = ${mspId}::uuid and d.dispatch_id = g.id`;
      await dropStanding(tx, done, now);
      for (const { share, ops } of done) if (ops.some(({ path }) => path.endsWith("/token"))) await throwOldAway(tx, share, now);
      for (const [, same] of Map.groupBy(done, ({ share }) => `${share.planId} ${share.kind}`)) {
        const { planId, kind } = same[0]!.share;
        const vaultRefs = same.map(({ share }) => share.vaultRef);
        await unstageProven(tx, { planId, vaultRefs, kind });
        if (same.some(({ ops }) => ops.some(({ method, path }) => method === "POST" && path === "/agent"))) await answerRemoved(tx, { planId, vaultRefs });
      }
      await wakeSecondWaves(tx, done.map(({ share }) => share));
      await tellPages(tx, refs);
      await recordAll(tx, "dispatch.proven", done.map(({ line, share, revision }) => ({ target: target(share), fields: { ...about(line, share), revision } })));
      // Read again, at once: what was changed is seen (PROTOCOL 14).
      await tx.db.$executeRaw`update reading set lease_until = null, next_read_at = now() where msp_id = ${mspId}::uuid and vault_ref = any(${refs}::uuid[]) and next_read_at < '9999-01-01'`;
      await tx.db.$executeRaw`select job_wake('vault_read')`;
      return items.map(({ share }) => held.has(share.vaultRef));
    }, this.#db);
  }

  /** Lets lines go: free, and asked again at `nextAt` (null: nothing is left to do). A clock of ours, and no deed: observed, not recorded. */
  async #leave(items: readonly Leaving[]): Promise<null[]> {
    // Whoever joined a line meanwhile finds it due at once: what is open is asked of the shares themselves, and failures that joinLines
    // forgot say that somebody wants it tried now, whatever pause the try that was under way has come to.
    await observe(this.#worker, (tx) => tx.db.$executeRaw`
      update vault_line l set lease_until = null, failures = case when l.failures < g.before then l.failures else g.failures end, words = g.words,
             next_at = case when g.next_at is null then (case when exists (select from dispatch d where d.msp_id = l.msp_id and d.vault_ref = l.vault_ref and d.state in ('waiting', 'sent', 'accepted')) then now() end)
                            when l.failures < g.before then now() else g.next_at end
        from unnest(${items.map(({ vaultRef }) => vaultRef)}::uuid[], ${items.map(({ fence }) => fence)}::bigint[], ${items.map(({ before }) => before)}::int[], ${items.map(({ failures }) => failures)}::int[], ${items.map(({ words }) => words)}::text[], ${items.map(({ nextAt }) => nextAt)}::timestamptz[]) as g(ref, fence, before, failures, words, next_at)
       where l.msp_id = ${tx.actor.mspId}::uuid and l.vault_ref = g.ref and l.fence = g.fence`, this.#db);
    return items.map(() => null);
  }
}

/** Open pages draw these vaults anew (lib/matrix/listen.ts). */
async function tellPages({ db, actor: { mspId } }: Write, refs: readonly string[]): Promise<void> {
  await db.$executeRaw`select pg_notify('known', json_build_object('msp_id', ${mspId}::text, 'vault_ref', g.ref)::text) from unnest(${[...refs]}::text[]) as g(ref)`;
}

/** Switches over what is about to leave. Asking what became of one that can start nothing any more is no work, and goes on. */
async function haltedBy(tx: Write, items: readonly Sending[], now: Date): Promise<Map<Sending, Halt>> {
  await shareHalts(tx);
  const halts = await haltsNow(tx);
  if (halts.length === 0) return new Map();
  return new Map(items.flatMap((item): [Sending, Halt][] => {
    const { line: { vault }, share } = item;
    if (share.state === "sent" && share.kind === "fresh" && now >= share.startBefore) return [];
    const halt = haltOver(halts, { region: vault.client.region, kinds: kindsOfOps(operationsIn(share), vault.managerUid) });
    return halt === null ? [] : [[item, halt]];
  }));
}

/**
 * Proven without them: what stood by is not needed, and an approval that is not needed is not kept alive. While a revocation board is
 * open it stands by: a vault that is restored from an older copy gets it without another tap.
 */
async function dropStanding(tx: Write, done: readonly Proving[], now: Date): Promise<void> {
  const { mspId } = tx.actor;
  const words = "The removal is proven.";
  const rows = await tx.db.$queryRaw<{ dispatch_id: string; vault_ref: string; kind: string }[]>`
    update dispatch d set state = 'dropped', words = ${words}, changed_at = ${now}, settled_at = ${now}
      from unnest(${done.map(({ share }) => share.planId)}::uuid[], ${done.map(({ share }) => share.vaultRef)}::uuid[]) as g(plan, ref)
     where d.msp_id = ${mspId}::uuid and d.plan_id = g.plan and d.vault_ref = g.ref and d.kind = 'standing' and d.state in ('held', 'waiting') and d.attempts = 0
       and not exists (select from plan_operation o join revocation_row r on r.msp_id = o.msp_id and r.vault_ref = o.vault_ref and r.uid = o.uid join revocation b on b.msp_id = r.msp_id and b.revocation_id = r.revocation_id
                        where o.msp_id = d.msp_id and o.plan_id = d.plan_id and o.vault_ref = d.vault_ref and o.change = 'revoke' and b.closed_at is null)
     returning d.dispatch_id, d.vault_ref, d.kind`;
  if (rows.length === 0) return;
  const clients = new Map(done.map(({ line, share }) => [share.vaultRef, line.vault.client.name]));
  await recordAll(tx, "dispatch.dropped", rows.map((row) => ({ target: { kind: "dispatch" as const, id: row.dispatch_id }, fields: { client: clients.get(row.vault_ref) ?? "", kind: row.kind, words: "the removal is proven" } })));
}

export { isHalt };
