/**
 * Where a vault's log stops being the one that we hold: the first number at which both differ, found by halving, since a hash chain
 * that agrees at one place agrees at all before it.
 */
import type { Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import { b64u } from "../protocol/bytes.ts";
import type { AuditEvent, Stream } from "../protocol/messages.ts";
import type { VaultClient } from "../vault/client.ts";
import type { Refused, Unknown } from "../vault/result.ts";
import type { Place } from "./chain.ts";
import type { Kept } from "./store.ts";

/** `theirs` null: the vault holds nothing there any more. `ours`: what we hold at `seq`. `before`: the last place on which both agree. */
export type Divergence = { seq: number; ours: { epoch: number; hash: string; at: number }; theirs: AuditEvent | null; before: Place };
export type Diverged = { kind: "found"; at: Divergence } | { kind: "agrees" } | { kind: "unasked"; result: Refused | Unknown | null };

type OwnRow = { epoch: number; seq: bigint; hash: Uint8Array; at: Date; vault_at: bigint };

/** What we hold at a number or next below it, the story told last first. */
async function ownAt({ mspId, vaultRef }: Kept, stream: Stream, seq: number, db: Database): Promise<OwnRow | null> {
  const [row] = await read(workerFor(mspId), (tx) => tx.db.$queryRaw<OwnRow[]>`
    select epoch, seq, hash, at, vault_at from audit_event where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and stream = ${stream}
       and seq = (select max(seq) from audit_event where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and stream = ${stream} and seq <= ${seq})
     order by received_at desc, event_id desc limit 1`, db);
  return row ?? null;
}

async function lowestHeld({ mspId, vaultRef }: Kept, stream: Stream, db: Database): Promise<number | null> {
  const [row] = await read(workerFor(mspId), (tx) => tx.db.$queryRaw<{ seq: bigint | null }[]>`select min(seq) as seq from audit_event where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and stream = ${stream}`, db);
  return row?.seq == null ? null : Number(row.seq);
}

/** @param end the last number that we hold; @param firstSeq the first that the vault holds; @param until performance.now() after which nothing is asked any more */
export async function findDivergence(kept: Kept, client: VaultClient, { stream, end, branch, firstSeq, until }: { stream: Stream; end: number; branch: number; firstSeq: number; until: number }, db: Database): Promise<Diverged> {
  const lowest = await lowestHeld(kept, stream, db);
  if (lowest === null) return { kind: "agrees" };
  const theirsAt = async (seq: number) => {
    if (performance.now() > until) return null;
    const result = await client.audit({ after: seq - 1, limit: 1, stream });
    if (result.kind !== "answered") return result;
    const [event] = result.value.events;
    return { kind: "answered" as const, event: event?.seq === seq ? event : null };
  };
  // Below `low` both agree, or nothing can be compared; at `high` they differ, once that is known.
  let low = Math.max(lowest, firstSeq);
  let high = end + 1;
  let found: { theirs: AuditEvent | null; own: OwnRow } | null = null;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const own = await ownAt(kept, stream, middle, db);
    // Of a gap, what came before it is compared.
    const place = own === null ? 0 : Number(own.seq);
    if (own === null || place < low) {
      low = middle + 1;
      continue;
    }
    const asked = await theirsAt(place);
    if (asked === null || asked.kind !== "answered") return { kind: "unasked", result: asked };
    const { event } = asked;
    if (event !== null && event.epoch === own.epoch && event.hash === b64u(own.hash)) low = middle + 1;
    else {
      high = place;
      found = { theirs: event, own };
    }
  }
  if (found === null) return { kind: "agrees" };
  const seq = Number(found.own.seq);
  const prior = await ownAt(kept, stream, seq - 1, db);
  const before: Place = prior === null
    ? { branch, point: null, at: null, vaultAt: null }
    : { branch, point: { epoch: prior.epoch, seq: Number(prior.seq), hash: b64u(prior.hash) }, at: prior.at.getTime(), vaultAt: Number(prior.vault_at) };
  return { kind: "found", at: { seq, ours: { epoch: found.own.epoch, hash: b64u(found.own.hash), at: found.own.at.getTime() }, theirs: found.theirs, before } };
}
