/** What is known of the rows of boards, gathered for lib/revocation/judge.ts. */
import type { Read } from "../db/tenant.ts";
import { judgeRow, shareOf, type RowFacts, type RowVerdict, type ShareFacts } from "./judge.ts";

export type RowKey = { vaultRef: string; uid: string };
export type BoardRow = RowKey & {
  agentId: number; name: string; scopes: string; allAccess: boolean; clientId: string; client: string; contact: { name: string; phone: string; mail: string };
  vault: { address: string; id: string; name: string; key: string; agent: number | null; managerUid: string | null };
  facts: RowFacts; verdict: RowVerdict;
  /** As last read, whatever the epoch; null: never read since the board was opened. */
  shown: boolean | null; readAt: number | null; openPlan: string | null;
  removal: { answer: string; header: string; body: string; challenge: string } | null;
  seen: { at: number; words: string | null; from: number; complete: boolean } | null;
};

type Row = {
  vault_ref: string; uid: string; agent_id: number; name: string; scopes: string; all_access: boolean; own: boolean; left_out: string | null;
  absent_at: Date | null; absent_epoch: number | null; absent_revision: bigint | null; present_at: Date | null; present_epoch: number | null; present_revision: bigint | null; apart_at: Date | null; apart_words: string | null;
  seen_at: Date | null; seen_words: string | null; seen_from: Date | null; seen_complete: boolean | null;
  client_id: string; client: string; contact_name: string; contact_phone: string; contact_mail: string; address: string; vault_id: string; vault_name: string | null; public_key: string; our_agent: number | null; manager_uid: string | null; vault_state: string; backup_key: string | null;
  health: string | null; health_since: Date | null; words: string | null; epoch: number | null; replicated_revision: bigint | null; read_at: Date | null; shown: boolean; opened_at: Date;
};
type Share = { vault_ref: string; uid: string; plan_id: string; kind: string; state: string; words: string | null; changed_at: Date; first_sent_at: Date | null; start_before: Date; attempts: number; dispatch_id: string; receipt_id: string | null; receipt_epoch: number | null; receipt_revision: bigint | null; received_at: Date | null };
type PlanOf = { vault_ref: string; uid: string; plan_id: string };

const ms = (at: Date | null): number | null => at?.getTime() ?? null;
const keyOf = ({ vault_ref: ref, uid }: { vault_ref: string; uid: string }) => `${ref} ${uid}`;

/** Shares of every plan that removes a row of this board, oldest first; a fresh share counts for its removals too. */
function sharesOf({ db, actor: { mspId } }: Read, revocationId: string): Promise<Share[]> {
  return db.$queryRaw<Share[]>`
    select o.vault_ref::text, o.uid, o.plan_id::text, d.kind, d.state, d.words, d.changed_at, d.first_sent_at, d.start_before, d.attempts, d.dispatch_id::text, e.receipt_id::text, e.epoch as receipt_epoch, e.revision as receipt_revision, e.received_at
      from revocation_row w
      join plan_operation o on o.msp_id = w.msp_id and o.vault_ref = w.vault_ref and o.uid = w.uid and o.change = 'revoke'
      join dispatch d on d.msp_id = o.msp_id and d.plan_id = o.plan_id and d.vault_ref = o.vault_ref
      left join receipt e on e.msp_id = d.msp_id and e.dispatch_id = d.dispatch_id
     where w.msp_id = ${mspId}::uuid and w.revocation_id = ${revocationId}::uuid and not w.own
     order by d.dispatch_id`;
}

/** Plans without a tap that hold a removal and can still be signed. */
function openPlansOf({ db, actor: { mspId } }: Read, revocationId: string, now: Date): Promise<PlanOf[]> {
  return db.$queryRaw<PlanOf[]>`
    select o.vault_ref::text, o.uid, o.plan_id::text
      from revocation_row w
      join plan_operation o on o.msp_id = w.msp_id and o.vault_ref = w.vault_ref and o.uid = w.uid and o.change = 'revoke'
      join plan p on p.msp_id = o.msp_id and p.plan_id = o.plan_id and p.withdrawn_at is null and p.not_after > ${now}
     where w.msp_id = ${mspId}::uuid and w.revocation_id = ${revocationId}::uuid
       and not exists (select 1 from dispatch d where d.msp_id = p.msp_id and d.plan_id = p.plan_id and d.vault_ref = o.vault_ref)
     order by o.plan_id`;
}

/** The rows of a board with their verdicts, by client. `withProof` adds what was sent and answered, for a certificate. */
export async function boardRows(tx: Read, revocationId: string, now: Date, withProof = false): Promise<BoardRow[]> {
  const { db, actor: { mspId } } = tx;
  const rows = await db.$queryRaw<Row[]>`
    select w.vault_ref::text, w.uid, w.agent_id, w.name, w.scopes, w.all_access, w.own, w.left_out, w.absent_at, w.absent_epoch, w.absent_revision, w.present_at, w.present_epoch, w.present_revision, w.apart_at, w.apart_words, w.seen_at, w.seen_words, w.seen_from, w.seen_complete,
           c.client_id::text, c.name as client, c.contact_name, c.contact_phone, c.contact_mail, v.address, v.vault_id, v.vault_name, v.public_key, v.agent_id as our_agent, v.manager_uid, v.state as vault_state, v.backup_key,
           g.health, g.health_since, g.words, g.epoch, g.replicated_revision, g.read_at, k.uid is not null as shown, b.opened_at
      from revocation_row w
      join revocation b on b.msp_id = w.msp_id and b.revocation_id = w.revocation_id
      join vault v on v.msp_id = w.msp_id and v.vault_ref = w.vault_ref
      join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
      left join reading g on g.msp_id = w.msp_id and g.vault_ref = w.vault_ref
      left join known_agent k on k.msp_id = w.msp_id and k.vault_ref = w.vault_ref and k.uid = w.uid
     where w.msp_id = ${mspId}::uuid and w.revocation_id = ${revocationId}::uuid
     order by lower(c.name), w.vault_ref, w.uid`;
  const [shares, plans] = [await sharesOf(tx, revocationId), await openPlansOf(tx, revocationId, now)];
  const [sharesBy, plansBy] = [Map.groupBy(shares, keyOf), Map.groupBy(plans, keyOf)];
  const receipts = withProof ? await proofsOf(tx, shares) : new Map<string, NonNullable<BoardRow["removal"]>>();
  return rows.map((row): BoardRow => {
    const here = sharesBy.get(keyOf(row)) ?? [];
    const openPlan = plansBy.get(keyOf(row))?.at(-1)?.plan_id ?? null;
    const answered = here.findLast(({ receipt_id: id }) => id !== null);
    const facts: RowFacts = {
      own: row.own, leftOut: row.left_out, apart: row.apart_at === null ? null : { at: row.apart_at.getTime(), words: row.apart_words ?? "" },
      vault: row.vault_state, health: row.health ?? "unread", healthSince: ms(row.health_since), words: row.words, epoch: row.epoch, replicatedRevision: row.replicated_revision === null ? null : Number(row.replicated_revision), hasBackup: row.replicated_revision !== null || row.backup_key !== null,
      planned: openPlan !== null, shares: here.map((one): ShareFacts => shareOf({ kind: one.kind, state: one.state, words: one.words, changedAt: one.changed_at, firstSentAt: one.first_sent_at, startBefore: one.start_before, attempts: one.attempts })),
      receipt: answered === undefined ? null : { id: answered.receipt_id!, epoch: answered.receipt_epoch!, revision: Number(answered.receipt_revision), at: answered.received_at!.getTime() },
      absent: row.absent_at === null ? null : { at: row.absent_at.getTime(), epoch: row.absent_epoch!, revision: Number(row.absent_revision) }, present: row.present_at === null ? null : { at: row.present_at.getTime(), epoch: row.present_epoch!, revision: Number(row.present_revision) },
    };
    return {
      vaultRef: row.vault_ref, uid: row.uid, agentId: row.agent_id, name: row.name, scopes: row.scopes, allAccess: row.all_access, clientId: row.client_id, client: row.client, contact: { name: row.contact_name, phone: row.contact_phone, mail: row.contact_mail },
      vault: { address: row.address, id: row.vault_id, name: row.vault_name ?? row.vault_id, key: row.public_key, agent: row.our_agent, managerUid: row.manager_uid },
      facts, verdict: judgeRow(facts), shown: row.read_at !== null && row.read_at > row.opened_at ? row.shown : row.shown || null, readAt: ms(row.read_at), openPlan,
      removal: answered === undefined ? null : (receipts.get(answered.dispatch_id) ?? null),
      seen: row.seen_at === null ? null : { at: row.seen_at.getTime(), words: row.seen_words, from: row.seen_from?.getTime() ?? 0, complete: row.seen_complete === true },
    };
  });
}

async function proofsOf({ db, actor: { mspId } }: Read, shares: readonly Share[]): Promise<Map<string, NonNullable<BoardRow["removal"]>>> {
  const ids = shares.flatMap(({ dispatch_id: id, receipt_id: receipt }) => (receipt === null ? [] : [id]));
  const found = await db.receipt.findMany({ where: { mspId, dispatchId: { in: ids } }, select: { dispatchId: true, answer: true, dispatch: { select: { header: true, body: true, challenge: true } } } });
  return new Map(found.map(({ dispatchId, answer, dispatch }) => [dispatchId, { answer, header: dispatch.header, body: dispatch.body, challenge: dispatch.challenge }]));
}
