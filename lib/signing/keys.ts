/** The signing keys of an organisation, and what it asks of them. */
import { database, type Database } from "../db/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { mailOwners } from "../identity/owners.ts";
import { b64u, tryB64u } from "../protocol/bytes.ts";
import { signerFingerprint } from "../protocol/connect.ts";
import { spokenCode } from "../protocol/crockford.ts";
import { record } from "../record/record.ts";

/** Times in epoch milliseconds; `id` is the credential's, b64u. */
export type SigningKeyLine = { id: string; label: string; person: string; own: boolean; hardwareBound: boolean; /** By which its person and whoever rolls it out compare it. */ letters: string; since: number; lastUsedAt: number | null; removedAt: number | null };
export type SigningKeys = { keys: SigningKeyLine[]; hardwareBound: boolean };

/** All of them, those that count first; removed ones stay to be seen. */
export async function listSigningKeys(actor: Actor, db: Database = database()): Promise<SigningKeys> {
  authorize(actor, "signing_key.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const [rows, policy] = await Promise.all([
      tx.db.signingKey.findMany({ where: { mspId }, include: { person: { select: { name: true } } }, orderBy: [{ createdAt: "asc" }] }),
      tx.db.signingPolicy.findUnique({ where: { mspId } }),
    ]);
    const keys = rows.map((row) => ({
      id: b64u(row.credentialId), label: row.label, person: row.person.name, own: row.personId === actor.id, hardwareBound: !row.backupEligible, letters: spokenCode(signerFingerprint(b64u(row.publicKey))),
      since: row.createdAt.getTime(), lastUsedAt: row.lastUsedAt?.getTime() ?? null, removedAt: row.removedAt?.getTime() ?? null,
    }));
    return { keys: keys.toSorted((a, b) => Number(a.removedAt !== null) - Number(b.removedAt !== null)), hardwareBound: policy?.hardwareBound ?? false };
  }, db);
}

/**
 * Ends a signing key here: it opens no window, endorses and approves nothing more, and what it endorsed waits for another
 * signer. Vaults that know it go on taking its signature until it is removed from them, which is a plan of its own.
 * Throws Refusal `not_found`, `moved_on` when it was removed before.
 */
export async function removeSigningKey(actor: Actor, { id }: { id: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ label: string }> {
  authorize(actor, "signing_key.remove");
  const credentialId = tryB64u(id);
  if (credentialId === null) throw new Refusal("not_found");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const key = await tx.db.signingKey.findUnique({ where: { mspId_credentialId: { mspId, credentialId } }, include: { person: { include: { msp: true } } } });
    if (!key) throw new Refusal("not_found");
    const { count } = await tx.db.signingKey.updateMany({ where: { mspId, credentialId, removedAt: null }, data: { removedAt: clock.now(), removedBy: actor.id } });
    if (count === 0) throw new Refusal("moved_on");
    await record(tx, { action: "signing_key.removed", target: { kind: "signing_key", id }, fields: { label: key.label, person: key.person.name } });
    await mailOwners(tx, "signing_key_removed", { organisation: key.person.msp.name, person: key.person.name, label: key.label, by: actor.name, origin: env().APP_ORIGIN }, [key.person]);
    return { label: key.label };
  }, db);
}

/** Whether new signing keys must stay on their device (BE=0). Keys that are enrolled stay as they are. */
export async function setHardwareBound(actor: Actor, { hardwareBound }: { hardwareBound: boolean }, clock: Clock = systemClock, db: Database = database()): Promise<{ hardwareBound: boolean }> {
  authorize(actor, "signing_policy.change");
  const { mspId } = actor;
  const changedAt = clock.now();
  return write(actor, async (tx) => {
    await tx.db.signingPolicy.upsert({ where: { mspId }, create: { mspId, hardwareBound, changedAt }, update: { hardwareBound, changedAt } });
    await record(tx, { action: "signing_policy.changed", fields: { hardware_bound: hardwareBound } });
    return { hardwareBound };
  }, db);
}
