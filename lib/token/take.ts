/** The sealed bytes for the browser that can open them, and what it says came of it. The server sees neither token nor key. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { mailOwners } from "../identity/owners.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";

/** Ids of hand-overs, as a field of a form. */
export const handOverIds = z.string().max(12_000).transform((text) => text.split(",").filter(Boolean)).pipe(z.array(z.uuid()).min(1).max(limits.sealedAtOnce));

/** What opening needs: the vault's id and key as they were when it sealed, the row, and the sealed bytes (PROTOCOL 8). */
export type SealedLine = { id: string; client: string; vault: string; key: string; uid: string; agent: number; sealed: { kem: string; enc: string; ct: string }; sealedTo: string };

/** One's own only; others' ids are as unknown as none. Throws Refusal `forbidden`. */
export async function takeSealed(actor: Actor, { ids }: { ids: readonly string[] }, db: Database = database()): Promise<SealedLine[]> {
  authorize(actor, "token.own");
  const { mspId, id: personId } = actor;
  return read(actor, async (tx) => {
    const rows = await tx.db.handOver.findMany({ where: { mspId, personId, handOverId: { in: [...ids] } }, include: { vault: { select: { vaultId: true, publicKey: true, client: { select: { name: true } } } } } });
    return rows.flatMap(({ handOverId, uid, agentId, kem, enc, ct, sealedTo, vault: { vaultId, publicKey, client } }) =>
      (vaultId === null || publicKey === null ? [] : [{ id: handOverId, client: client.name, vault: vaultId, key: publicKey, uid, agent: agentId, sealed: { kem, enc, ct }, sealedTo }]));
  }, db);
}

/** The person's browser opened these: a note of when, for their own page and the record. @returns how many were opened for the first time */
export async function noteOpened(actor: Actor, { ids }: { ids: readonly string[] }, clock: Clock = systemClock, db: Database = database()): Promise<{ count: number }> {
  authorize(actor, "token.own");
  const { mspId, id: personId } = actor;
  return write(actor, async (tx) => {
    const rows = await tx.db.handOver.findMany({ where: { mspId, personId, handOverId: { in: [...ids] }, openedAt: null }, include: { vault: { select: { client: { select: { name: true } } } } } });
    await tx.db.handOver.updateMany({ where: { mspId, handOverId: { in: rows.map(({ handOverId }) => handOverId) } }, data: { openedAt: clock.now() } });
    const names = [...new Set(rows.map(({ vault }) => vault.client.name))];
    if (rows.length === 0) tx.replayed = true; // opened once more: nothing of it changed
    else await record(tx, { action: "tokens.opened", target: { kind: "person", id: personId }, fields: { count: rows.length, names: names.length > 3 ? `${names.length} clients` : names.join(", ") } });
    return { count: rows.length };
  }, db);
}

const why = {
  other_key: "It names another key than theirs.",
  not_opened: "Their key does not open it, though it names that key.",
  other_row: "It opened, and what is inside belongs to another vault or row.",
  former_key: "It names a key that the console calls theirs, and they never made it.",
} as const;
export const strangeShape = z.object({ id: z.uuid(), why: z.enum(Object.keys(why) as [keyof typeof why, ...(keyof typeof why)[]]) });

/**
 * The person found a token that is not sealed to them: somebody else may open it. Recorded, and mailed to all owners, once per
 * hand-over. Throws Refusal `not_found`, `forbidden`.
 */
export async function reportStrange(actor: Actor, given: z.output<typeof strangeShape>, clock: Clock = systemClock, db: Database = database()): Promise<{ client: string }> {
  authorize(actor, "token.own");
  const { mspId, id: personId } = actor;
  return write(actor, async (tx) => {
    const row = await tx.db.handOver.findFirst({ where: { mspId, personId, handOverId: given.id }, include: { vault: { select: { clientId: true, client: { select: { name: true, msp: { select: { name: true } } } } } } } });
    if (row === null) throw new Refusal("not_found");
    const { client, clientId } = row.vault;
    const { count } = await tx.db.handOver.updateMany({ where: { mspId, handOverId: given.id, strangeAt: null }, data: { strangeAt: clock.now() } });
    if (count === 0) {
      tx.replayed = true;
      return { client: client.name };
    }
    await record(tx, { action: "token.strange", target: { kind: "client", id: clientId }, fields: { client: client.name, why: why[given.why] } });
    await mailOwners(tx, "seal_strange", { organisation: client.msp.name, person: actor.name, client: client.name, why: why[given.why], origin: env().APP_ORIGIN });
    return { client: client.name };
  }, db);
}
