/** How far the audit that we keep covers what one token of a board did: from when, until when, and what is wrong with it in between. */
import type { Read } from "../db/tenant.ts";
import type { Found, Held } from "./seen-words.ts";

export type Cover = Held & {
  vaultRef: string; uid: string;
  /** The token's own making stands in what is kept: nothing that it did can be older. */
  whole: boolean;
  /** Of the first event that is kept and can be of the token; null: none is. */
  from: number | null;
  /** Its last pull came to nothing, or to a backup. */
  failing: boolean;
};

type Row = {
  vault_ref: string; uid: string; state: string; skew_ms: bigint | null; complete_until: Date | null; held_at: Date | null; events: bigint | null; backup_until: Date | null; backup_events: bigint | null;
  first_seq: bigint | null; first_at: Date | null; made_at: Date | null;
};

/**
 * One question for a whole board. The first event of a vault is the first in audit_event's own order (msp, vault, stream, number), the
 * making of a row is found by its uid (the fence, "offset 0", keeps the planner from going through all rows ever made for each): a few
 * places of an index each, however long the logs are. Times are by the vault's clock.
 */
export async function coverOf({ db, actor: { mspId } }: Read, revocationId: string): Promise<Cover[]> {
  const rows = await db.$queryRaw<Row[]>`
    select w.vault_ref::text, w.uid, coalesce(p.state, 'unread') as state, p.skew_ms, s.complete_until, s.at as held_at, s.events, b.complete_until as backup_until, b.events as backup_events, first.seq as first_seq, first.at as first_at, made.at as made_at
      from revocation_row w
      left join audit_pull p on p.msp_id = w.msp_id and p.vault_ref = w.vault_ref
      left join audit_stream s on s.msp_id = w.msp_id and s.vault_ref = w.vault_ref and s.stream = 'primary'
      left join audit_stream b on b.msp_id = w.msp_id and b.vault_ref = w.vault_ref and b.stream = 'backup'
      left join lateral (select e.seq, e.at from audit_event e where e.msp_id = ${mspId}::uuid and e.vault_ref = w.vault_ref and e.stream = 'primary' order by e.seq limit 1) first on true
      left join lateral (
        select min(e.at) as at from (select x.* from audit_event x where x.msp_id = ${mspId}::uuid and x.target_id = w.uid and x.vault_ref = w.vault_ref offset 0) e
         where e.stream = 'primary' and e.action = 'agent.create' and e.outcome = 'success') made on true
     where w.msp_id = ${mspId}::uuid and w.revocation_id = ${revocationId}::uuid and not w.own`;
  return rows.map((row): Cover => {
    const skew = Number(row.skew_ms ?? 0);
    const byVault = (at: Date | null) => (at === null ? null : at.getTime() + skew);
    // An empty log is whole; one whose events are all deleted here is not.
    const whole = row.made_at !== null || (row.first_seq === null ? row.events === 0n : row.first_seq === 1n);
    return {
      vaultRef: row.vault_ref, uid: row.uid, state: row.state, skew, until: byVault(row.complete_until), heldTo: row.held_at?.getTime() ?? null, held: row.events !== null,
      backup: row.backup_events === null && row.state !== "failover" ? null : { until: byVault(row.backup_until) },
      whole, from: (row.made_at ?? row.first_at)?.getTime() ?? null, failing: row.state === "silent" || row.state === "failover" || row.state === "broken" || row.state === "withheld" || row.state === "ended",
    };
  });
}

type FoundRow = { vault_ref: string; uid: string; kind: string; stream: string; epoch: number; seq: bigint; seq_to: bigint; times: number };

/** By "vaultRef uid": what is wrong with these logs since each token was made, or as far as they are kept; the first of each kind, and how many. */
export async function foundIn({ db, actor: { mspId } }: Read, revocationId: string): Promise<Map<string, Found[]>> {
  // What a chain held before the token was made on it cannot hide what it opened. Another story begins after all of the one before.
  const rows = await db.$queryRaw<FoundRow[]>`
    select distinct on (w.vault_ref, w.uid, f.kind) w.vault_ref::text, w.uid, f.kind, f.stream, f.epoch, f.seq, f.seq_to, count(*) over (partition by w.vault_ref, w.uid, f.kind)::int as times
      from revocation_row w
      join audit_finding f on f.msp_id = w.msp_id and f.vault_ref = w.vault_ref and (f.severity = 'tampering' or f.kind in ('restored', 'new_key', 'pruned'))
      left join lateral (
        select min(array[e.branch::bigint, e.epoch::bigint, e.seq]) as place from (select x.* from audit_event x where x.msp_id = ${mspId}::uuid and x.target_id = w.uid and x.vault_ref = w.vault_ref offset 0) e
         where e.stream = 'primary' and e.action = 'agent.create' and e.outcome = 'success') made on true
     where w.msp_id = ${mspId}::uuid and w.revocation_id = ${revocationId}::uuid and not w.own and not (f.kind = 'pruned' and f.seq = 1)
       and (f.stream = 'backup' or made.place is null or made.place < case when f.kind in ('fork', 'truncated', 'new_key') then array[f.branch::bigint + 1, 0, 0] else array[f.branch::bigint, f.epoch::bigint, f.seq] end)
     order by w.vault_ref, w.uid, f.kind, f.stream desc, f.epoch, f.seq`;
  const found = rows.map(({ vault_ref: ref, uid, kind, stream, epoch, seq, seq_to: seqTo, times }) => ({ key: `${ref} ${uid}`, one: { kind, stream, epoch, seq: Number(seq), seqTo: Number(seqTo), times } }));
  return new Map([...Map.groupBy(found, ({ key }) => key)].map(([key, all]) => [key, all.map(({ one }) => one)]));
}
