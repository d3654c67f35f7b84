/** An assertion against the keys that we hold: for sign-in, where the key says who it is, and for step-up, where we know who asks. */
import { installation } from "../id.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { tryB64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { personActor, type Actor } from "./actor.ts";
import type { Assertion } from "./ceremony.ts";
import { userHandleOf } from "./user-handle.ts";
import { judgeAssertion, judgeForm, type Expected } from "./webauthn.ts";

export type Answered = { actor: Actor; key: { credentialId: Uint8Array<ArrayBuffer>; label: string; counter: bigint; backedUp: boolean } };

/** Who may look without a tenant: the finder gives ids only, and an id that is nobody's finds nothing. */
const nobody = (mspId: string): Actor => personActor({ mspId, personId: "00000000-0000-0000-0000-000000000000", name: "", rights: [] });

type Row = { credential_id: Uint8Array; public_key: Uint8Array; counter: bigint; backup_eligible: boolean; label: string; person_id: string; name: string; rights: string[]; frozen_at: Date | null };

/**
 * One statement and one row, whether the key is known or not: asked for by Prisma, an unknown key was answered an eighth sooner
 * than a known one (bench/sign-in.ts).
 */
async function keyAndPerson(tx: Read, mspId: string, credentialId: Uint8Array) {
  const [row] = await tx.db.$queryRaw<(Row | { [Name in keyof Row]: null })[]>`
    select k.credential_id, k.public_key, k.counter, k.backup_eligible, k.label, p.person_id, p.name, p.rights, p.frozen_at
      from (values (1)) as one left join passkey k on k.msp_id = ${mspId}::uuid and k.credential_id = ${credentialId}
                               left join person p on p.msp_id = k.msp_id and p.person_id = k.person_id`;
  if (!row || row.credential_id === null) return { key: null, person: null };
  return {
    key: { credentialId: row.credential_id, publicKey: row.public_key, counter: row.counter, backupEligible: row.backup_eligible, label: row.label, personId: row.person_id },
    person: { mspId, personId: row.person_id, name: row.name, rights: row.rights, frozenAt: row.frozen_at },
  };
}

/**
 * Judges an assertion, whoever it is of. An unknown key runs the same statements and the same signature check as a known
 * one, and ends in the same words.
 * @param requestId found again in the record of a copied key
 * Throws Refusal: the rungs of the ladder, `key_refused`, `person_frozen` (only to whoever holds the frozen person's key).
 */
export async function answer(assertion: Assertion, expected: Expected, requestId?: string, db: Database = database()): Promise<Answered> {
  judgeForm(assertion, expected);
  const credentialId = tryB64u(assertion.id);
  if (!credentialId || credentialId.length > 1_023) throw new Refusal("key_refused");
  const [owner] = await db.$queryRaw<{ msp_id: string; person_id: string }[]>`select msp_id, person_id from passkey_find(${credentialId})`;
  const mspId = owner?.msp_id ?? installation;
  const { key, person } = await read(nobody(mspId), (tx) => keyAndPerson(tx, mspId, credentialId), db);
  const { counter, backedUp } = await judgeAssertion(assertion, expected, key ?? undefined);
  // judgeAssertion refuses without a key; said again for the reader and the compiler.
  if (!key || !person) throw new Refusal("key_refused");
  const { userHandle } = assertion.response;
  if (userHandle && userHandle !== userHandleOf(key.personId)) throw new Refusal("key_refused");
  if (person.frozenAt) throw new Refusal("person_frozen");
  return { actor: personActor(person, undefined, requestId), key: { credentialId: Uint8Array.from(key.credentialId), label: key.label, counter, backedUp } };
}

/**
 * Takes the key's counter on, in the caller's transaction. One that did not grow, where it ever counted, is the mark of a copy
 * (WebAuthn level 3, 6.1.1): false, and recorded, so the caller must let the transaction commit and then refuse. Two answers
 * at once are decided by the row.
 */
export async function countOn(tx: Write, { key }: Answered): Promise<boolean> {
  const { mspId } = tx.actor;
  const changed = await tx.db.$executeRaw`
    update passkey set counter = ${key.counter}::bigint, backed_up = ${key.backedUp}, last_used_at = now()
     where msp_id = ${mspId}::uuid and credential_id = ${key.credentialId} and (counter < ${key.counter}::bigint or (counter = 0 and ${key.counter}::bigint = 0))`;
  if (changed === 1) return true;
  const kept = await tx.db.passkey.findUnique({ where: { mspId_credentialId: { mspId, credentialId: key.credentialId } }, select: { counter: true } });
  if (!kept) throw new Refusal("key_refused"); // removed meanwhile
  await record(tx, { action: "passkey.counter_regressed", fields: { label: key.label, kept: Number(kept.counter), shown: Number(key.counter) } });
  return false;
}
