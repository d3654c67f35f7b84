/** How far the log of one client is here, for its own page: the vault that is furthest behind speaks for it. Times in epoch milliseconds. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import type { PullState } from "./strip.ts";

/** `since`: the first event that is kept. `tampering`: signs of it in any of its vaults. */
export type ClientLog = { readonly vaults: number; readonly state: PullState; readonly words: string | null; readonly completeUntil: number | null; readonly since: number | null; readonly tampering: number };

type Row = { state: PullState; words: string | null; completeUntil: Date | null; since: Date | null; tampering: number };

/** Most worth saying first. */
const worst: readonly PullState[] = ["broken", "withheld", "silent", "failover", "behind", "unread", "ended", "ok"];

/** @returns null where no vault is connected. Throws Refusal `forbidden`, `database_unavailable` */
export async function clientLog(actor: Actor, clientId: string, db: Database = database()): Promise<ClientLog | null> {
  authorize(actor, "audit.read");
  const { mspId } = actor;
  const rows = await read(actor, ({ db: tx }) => tx.$queryRaw<Row[]>`
    select coalesce(p.state, 'unread') as state, p.words, s.complete_until as "completeUntil",
           (select min(a.from_at) from audit_stream a where a.msp_id = v.msp_id and a.vault_ref = v.vault_ref) as since,
           (select count(*)::int from audit_finding f where f.msp_id = v.msp_id and f.vault_ref = v.vault_ref and f.severity = 'tampering') as tampering
      from vault v left join audit_pull p on p.msp_id = v.msp_id and p.vault_ref = v.vault_ref
      left join audit_stream s on s.msp_id = v.msp_id and s.vault_ref = v.vault_ref and s.stream = 'primary'
     where v.msp_id = ${mspId}::uuid and v.client_id = ${clientId}::uuid and v.connected_at is not null and v.ended_at is null`, db);
  const [first] = rows.toSorted((a, b) => worst.indexOf(a.state) - worst.indexOf(b.state));
  if (first === undefined) return null;
  const until = rows.map(({ completeUntil }) => completeUntil?.getTime() ?? null);
  const since = rows.flatMap((row) => row.since?.getTime() ?? []);
  return {
    vaults: rows.length, state: first.state, words: first.words, since: since.length === 0 ? null : Math.min(...since), tampering: rows.reduce((sum, row) => sum + row.tampering, 0),
    completeUntil: until.includes(null) ? null : Math.min(...(until as number[])),
  };
}
