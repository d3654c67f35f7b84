import type { Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { limits } from "../limits.ts";
import { queueMail } from "../mail/queue.ts";
import { b64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import type { VerifiedKey } from "./webauthn.ts";

/**
 * Keeps a verified key for a person, records it and mails the person. Throws Refusal `key_known` when it opens a door already,
 * anybody's: which one is not said.
 */
export async function keepKey(tx: Write, person: { personId: string; name: string; email: string }, key: VerifiedKey, label: string): Promise<void> {
  const { mspId } = tx.actor;
  const [known] = await tx.db.$queryRaw<unknown[]>`select 1 from passkey_find(${key.credentialId})`;
  if (known) throw new Refusal("key_known");
  if ((await tx.db.passkey.count({ where: { mspId, personId: person.personId } })) >= limits.passkeysPerPerson) {
    throw new Refusal("invalid", { fields: { label: `A person has at most ${limits.passkeysPerPerson} keys. Remove one that is not used.` } });
  }
  await tx.db.passkey.create({
    data: {
      mspId, credentialId: key.credentialId, personId: person.personId, publicKey: key.publicKey, counter: key.counter, transports: key.transports,
      backupEligible: key.backupEligible, backedUp: key.backedUp, aaguid: key.aaguid, label,
    },
  });
  await record(tx, { action: "passkey.added", target: { kind: "passkey", id: b64u(key.credentialId) }, fields: { label, backed_up: key.backedUp } });
  await queueMail(tx, { address: person.email, name: person.name }, "key_added", { name: person.name, label, origin: env().APP_ORIGIN });
}
