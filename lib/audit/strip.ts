/** How far the audit of each vault is complete, and what was found wrong: the strip over the table. Times in epoch milliseconds. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";

/** `behind`: more is waiting to be pulled. `failover`: a backup answers, its stream merges later. `withheld`: the vault gives no audit. */
export type PullState = "unread" | "ok" | "behind" | "failover" | "silent" | "withheld" | "broken" | "ended";
export type Coverage = { readonly vaultRef: string; readonly clientId: string; readonly client: string; readonly state: PullState; readonly words: string | null; readonly completeUntil: number | null; /** Events whose detail the client does not show. */ readonly masked: number; readonly events: number };
export type FindingLine = { readonly id: string; readonly vaultRef: string | null; readonly clientId: string | null; readonly client: string | null; readonly kind: string; readonly severity: "tampering" | "notice"; readonly words: string; readonly stream: string | null; readonly epoch: number; readonly seq: number; readonly seqTo: number; readonly seenAt: number; readonly times: number };
export type Strip = {
  readonly vaults: readonly Coverage[];
  /** To when every vault that is kept up with is complete; null: none is. */
  readonly completeUntil: number | null;
  readonly upToDate: number;
  /** The latest of each severity. */
  readonly findings: readonly FindingLine[];
  readonly tampering: number;
  readonly notices: number;
  /** Of our own records: how many the last signed checkpoint covers. */
  readonly checkpoint: { readonly size: number; readonly signedAt: number } | null;
  readonly now: number;
};

const shown = 50;

export async function auditStrip(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<Strip> {
  authorize(actor, "audit.read");
  const { mspId } = actor;
  return read(actor, async ({ db: tx }) => {
    const vaults = await tx.$queryRaw<{ vaultRef: string; clientId: string; client: string; state: PullState; words: string | null; completeUntil: Date | null; masked: bigint; events: bigint }[]>`
      select v.vault_ref as "vaultRef", c.client_id as "clientId", c.name as client, coalesce(p.state, 'unread') as state, p.words,
             (select max(s.complete_until) from audit_stream s where s.msp_id = v.msp_id and s.vault_ref = v.vault_ref and s.stream = 'primary') as "completeUntil",
             coalesce((select sum(s.masked) from audit_stream s where s.msp_id = v.msp_id and s.vault_ref = v.vault_ref), 0)::bigint as masked,
             coalesce((select sum(s.events) from audit_stream s where s.msp_id = v.msp_id and s.vault_ref = v.vault_ref), 0)::bigint as events
        from vault v join client c on c.msp_id = v.msp_id and c.client_id = v.client_id left join audit_pull p on p.msp_id = v.msp_id and p.vault_ref = v.vault_ref
       where v.msp_id = ${mspId}::uuid and v.connected_at is not null and v.ended_at is null order by c.name, v.vault_ref`;
    const findings = await tx.$queryRaw<(Omit<FindingLine, "seq" | "seqTo" | "seenAt"> & { seq: bigint; seqTo: bigint; seenAt: Date })[]>`
      select f.finding_id as id, f.vault_ref as "vaultRef", c.client_id as "clientId", c.name as client, f.kind, f.severity, f.words, f.stream, f.epoch, f.seq, f.seq_to as "seqTo", f.seen_at as "seenAt", f.times
        from audit_finding f left join vault v on v.msp_id = f.msp_id and v.vault_ref = f.vault_ref left join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
       where f.msp_id = ${mspId}::uuid order by f.severity desc, f.seen_at desc limit ${shown}`;
    const counts = await tx.$queryRaw<{ severity: string; count: number }[]>`select severity, count(*)::int as count from audit_finding where msp_id = ${mspId}::uuid group by severity`;
    const checkpoint = await tx.checkpoint.findFirst({ where: { mspId }, orderBy: { size: "desc" }, select: { size: true, signedAt: true } });
    const lines = vaults.map(({ completeUntil, masked, events, ...vault }): Coverage => ({ ...vault, completeUntil: completeUntil?.getTime() ?? null, masked: Number(masked), events: Number(events) }));
    const kept = lines.filter(({ state, completeUntil }) => state === "ok" && completeUntil !== null);
    const count = (severity: string) => counts.find((one) => one.severity === severity)?.count ?? 0;
    return {
      vaults: lines, completeUntil: kept.length === 0 ? null : Math.min(...kept.map((one) => one.completeUntil!)), upToDate: kept.length,
      findings: findings.map((one) => ({ ...one, seq: Number(one.seq), seqTo: Number(one.seqTo), seenAt: one.seenAt.getTime() })), tampering: count("tampering"), notices: count("notice"),
      checkpoint: checkpoint && { size: Number(checkpoint.size), signedAt: checkpoint.signedAt.getTime() }, now: clock.now().getTime(),
    };
  }, db);
}

/** As the strip's first line, of a whole portfolio in one question. The caller has authorized the actor. */
export async function completeIn({ db, actor: { mspId } }: Read): Promise<{ completeUntil: number | null; upToDate: number; vaults: number }> {
  const [row] = await db.$queryRaw<{ until: Date | null; kept: number; vaults: number }[]>`
    select min(s.until) filter (where p.state = 'ok') as until, count(s.until) filter (where p.state = 'ok')::int as kept, count(*)::int as vaults
      from vault v left join audit_pull p on p.msp_id = v.msp_id and p.vault_ref = v.vault_ref
      left join lateral (select max(x.complete_until) as until from audit_stream x where x.msp_id = v.msp_id and x.vault_ref = v.vault_ref and x.stream = 'primary') s on true
     where v.msp_id = ${mspId}::uuid and v.connected_at is not null and v.ended_at is null`;
  const { until, kept, vaults } = row!;
  return { completeUntil: until?.getTime() ?? null, upToDate: kept, vaults };
}
