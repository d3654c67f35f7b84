/** An audit to look at: events on true chains, ugly ones among them, vaults in every state, findings; planted through the administrator's hand. */
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { CHAIN_START, detailHash, eventHash } from "../../protocol/audit.ts";
import { b64u } from "../../protocol/bytes.ts";
import type { AuditBody, AuditDetail } from "../../protocol/messages.ts";
import { jcs } from "../../protocol/jcs.ts";
import { uuid7 } from "../../id.ts";

export type Vaulted = { clientId: string; vaultRef: string };
type Sketch = { action: AuditBody["action"]; outcome?: AuditBody["outcome"]; name: string; kind?: AuditBody["actor"]["kind"]; reason?: string | null; target?: AuditDetail["target"]; meta?: AuditDetail["meta"]; masked?: boolean };

const people = ["Priya Raman", "Kwame Asante", "Emil Novotný", "نور الحسيني", "Zoë van der Heijden", "=SUM(A1)", "<img src=x onerror=alert(1)>", "Maximiliane Freifrau von Schwarzenfeld-Hohenstauffenbergtal"];
function sketchOf(index: number): Sketch {
  const name = people[index % people.length]!;
  const entry = { kind: "entry" as const, id: b64u(randomBytes(16)) };
  if (index % 37 === 5) return { action: "entry.read", outcome: "denied", name, reason: "scope", target: null, meta: { entry: 118 } };
  if (index % 41 === 7) return { action: "agent.create", name: "Quillmoor IT", target: { kind: "agent", id: b64u(randomBytes(16)) }, meta: { agent: 44 } };
  if (index % 43 === 9) return { action: "agent.delete", name: "Quillmoor IT", target: { kind: "agent", id: b64u(randomBytes(16)) }, meta: { agent: 31 } };
  if (index % 29 === 3) return { action: "change.refused", outcome: "failure", name: "Quillmoor IT", reason: "stale", target: null };
  if (index % 31 === 4) return { action: "entry.read", name, masked: true };
  if (index % 5 === 2) return { action: "totp.read", name, target: entry };
  if (index % 7 === 3) return { action: "entries.search", name, target: null, meta: { count: index % 12 } };
  if (index % 53 === 11) return { action: "agent.lock", kind: "system", name: "system", reason: "limit", target: { kind: "agent", id: b64u(randomBytes(16)) } };
  return { action: "entry.read", name, target: entry };
}

/** `count` events per vault on one chain, the last at `until`. */
export async function seedTrail(admin: pg.Client, mspId: string, vaults: readonly Vaulted[], { count, until, everyMs = 97_000 }: { count: number; until: number; everyMs?: number }): Promise<void> {
  for (const [place, { clientId, vaultRef }] of vaults.entries()) {
    let prev = CHAIN_START;
    for (let index = 0; index < count; index += 1) {
      const sketch = sketchOf(index + place * 13);
      const at = until - (count - index) * everyMs - place * 1_313;
      const detail: AuditDetail = { salt: b64u(randomBytes(16)), name: sketch.name, target: sketch.target ?? null, reason: sketch.reason ?? null, ip: sketch.kind === "system" ? null : "203.0.113.41", meta: sketch.meta ?? {} };
      const body: AuditBody = { seq: index + 1, at, stream: "primary", epoch: 1, actor: { kind: sketch.kind ?? "human", agent_id: sketch.kind === "system" ? null : 7 + (index % 9) }, action: sketch.action, outcome: sketch.outcome ?? "success", detail_hash: b64u(detailHash(detail)), prev };
      const hash = b64u(eventHash(body));
      const shown = sketch.masked ? null : detail;
      // eslint-disable-next-line no-await-in-loop -- one chain, one after another
      await admin.query(
        `insert into audit_event (msp_id, received_at, event_id, at, skewed, vault_ref, client_id, stream, epoch, branch, seq, vault_at, actor_kind, agent_id, actor_name, action, outcome, target_kind, target_id, reason, ip, detail, detail_hash, prev, hash)
         values ($1, to_timestamp($2::float8 / 1000), $3, to_timestamp($2::float8 / 1000), false, $4, $5, 'primary', 1, 0, $6, $2::bigint, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
        [mspId, at, uuid7(at), vaultRef, clientId, body.seq, body.actor.kind, body.actor.agent_id, shown?.name ?? null, body.action, body.outcome, shown?.target?.kind ?? null, shown?.target?.id ?? null, shown?.reason ?? null, shown?.ip ?? null, shown && jcs(shown), Buffer.from(body.detail_hash, "base64url"), Buffer.from(prev, "base64url"), Buffer.from(hash, "base64url")],
      );
      prev = hash;
    }
    // eslint-disable-next-line no-await-in-loop
    await admin.query("insert into audit_name (msp_id, name) select distinct msp_id, actor_name from audit_event where msp_id = $1 and vault_ref = $2 and actor_name is not null on conflict do nothing", [mspId, vaultRef]);
    const state = place === 2 ? "failover" : place === 5 ? "silent" : place === 7 ? "broken" : "ok";
    const complete = until - (place === 2 ? 2_460_000 : place === 5 ? 3_900_000 : 12_000);
    // eslint-disable-next-line no-await-in-loop
    await admin.query("insert into audit_stream (msp_id, vault_ref, stream, vault_key, epoch, seq, hash, events, complete_until) select $1, $2, 'primary', coalesce(public_key, ''), 1, $3, $4, $3, to_timestamp($5::float8 / 1000) from vault where vault_ref = $2 on conflict do nothing", [mspId, vaultRef, count, Buffer.from(prev, "base64url"), complete]);
    // eslint-disable-next-line no-await-in-loop
    await admin.query("insert into audit_pull (msp_id, vault_ref, state, words, next_at) values ($1, $2, $3, $4, '9999-01-01') on conflict (msp_id, vault_ref) do update set state = excluded.state, words = excluded.words, next_at = excluded.next_at", [mspId, vaultRef, state, state === "silent" ? "No answer from its address." : null]);
    // eslint-disable-next-line no-await-in-loop
    if (place === 7) await admin.query("insert into audit_finding (msp_id, finding_id, vault_ref, stream, epoch, seq, seq_to, kind, severity, words) values ($1, $2, $3, 'primary', 1, 12, 12, 'hash', 'tampering', 'Event 12 is not what its own hash says: the vault, or somebody on its disk, changed it after it was written.')", [mspId, uuid7(), vaultRef]);
  }
}
