/**
 * A signed 401 while a new connect is under way is most often its beginning: the tap of the vault's owner renews our token, and the old
 * one opens nothing from that moment on, before the reply that brings the new one has reached us (PROTOCOL 10.2).
 */
import type { Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { Outcome } from "./read.ts";

const words = "It signed that our token opens nothing any more, and a new connect is under way: most likely it was renewed, and the answer is still to come.";

const ourWords = "It signed that our token opens nothing any more, and a renewal of ours is on its way: most likely it was done, and the proof is still to come.";

/** The same reading without its end: said in words, and looked at again when limits.readStoppedSeconds are over. Pure. */
export function withoutEnd(outcome: Outcome, why = words): Outcome {
  const { held: { vault: { reading } }, verdict, saved, at } = outcome;
  const again = new Date(at.getTime() + limits.readStoppedSeconds * 1_000);
  const since = reading.health === "silent" ? reading.healthSince : at;
  const patch = { ...saved.patch, health: "silent", words: why, health_since: since.toISOString(), next_probe_at: again.toISOString() };
  return { ...outcome, ends: false, verdict: { ...verdict, health: "silent", words: why, ends: null }, saved: { ...saved, nextReadAt: again, patch } };
}

/** Ends of vaults with an open request of ours are put off until it is answered, taken back or over; all else stays as it is. */
export async function putOffEnds(outcomes: readonly Outcome[], worker: Actor, db: Database): Promise<readonly Outcome[]> {
  const ending = outcomes.filter(({ ends, verdict }) => ends && verdict.ends === "ended");
  if (ending.length === 0) return outcomes;
  // A reply that was sent in time is taken for a little longer (lib/client/reply.ts), and one that is only kept is no answer yet.
  const since = new Date(ending[0]!.at.getTime() - limits.connectReplyGraceSeconds * 1_000);
  const open = await read(worker, (tx) => tx.db.connectRequest.findMany({
    where: { mspId: worker.mspId, vaultRef: { in: ending.map(({ saved }) => saved.vaultRef) }, cancelledAt: null, sealedKey: { not: null }, expiresAt: { gt: since } }, select: { vaultRef: true },
  }), db);
  // Ours, of a plan: sent, and not yet seen to be in use (lib/dispatch/renewal.ts settles it).
  const sent = await read(worker, (tx) => tx.db.tokenRenewal.findMany({
    where: { mspId: worker.mspId, vaultRef: { in: ending.map(({ saved }) => saved.vaultRef) }, sentAt: { not: null }, provenAt: null, sealedToken: { not: null }, plan: { dispatches: { some: { state: { in: ["sent", "accepted"] } } } } }, select: { vaultRef: true },
  }), db);
  const [connecting, renewing] = [open, sent].map((rows) => new Set(rows.map(({ vaultRef }) => vaultRef))) as [Set<string>, Set<string>];
  return outcomes.map((outcome) => (!ending.includes(outcome) ? outcome : connecting.has(outcome.saved.vaultRef) ? withoutEnd(outcome) : renewing.has(outcome.saved.vaultRef) ? withoutEnd(outcome, ourWords) : outcome));
}
