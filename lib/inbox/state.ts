import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { assertionPartsShape, tapFailure } from "../identity/tap.ts";
import { limits } from "../limits.ts";
import { fromB64u } from "../protocol/bytes.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { inboxFingerprint, inboxKeyChallenge, isCurrent, refuseInboxSignature } from "../protocol/inbox.ts";
import { spokenCode } from "../protocol/crockford.ts";
import type { InboxStatement } from "../protocol/messages.ts";
import { record } from "../record/record.ts";
import { checkCopy, derivation, isPhraseCopy, phraseDerivation, type Copy } from "./copies.ts";
import { statementOf } from "./waiting.ts";

const b64 = (most: number) => z.string().regex(/^[A-Za-z0-9_-]+$/).max(most);

/**
 * What the technician's page sends: the statement it made, the passkey's word for it, and the private half under that passkey,
 * or, with `phrase`, under a phrase that stays in the browser.
 */
export const stateShape = z.strictObject({
  statement: z.unknown(), credential_id: b64(1_364), assertion: assertionPartsShape, wrapped: b64(80),
  phrase: z.strictObject({ memory_kib: z.int(), passes: z.int(), lanes: z.int(), salt: b64(22) }).optional(),
});

/** The copy that was sent, judged as the page will judge it when it opens it. Throws Refusal `invalid`. */
function readCopy({ credential_id, wrapped, phrase }: z.output<typeof stateShape>): Copy {
  const copy: unknown = phrase ? { derivation: phraseDerivation, ...phrase, wrapped } : { credential_id, derivation, wrapped };
  try {
    checkCopy(copy);
  } catch (error) {
    throw new Refusal("invalid", { cause: error });
  }
  return copy;
}

const noBytes = new Uint8Array(0);
const columnsOf = (copy: Copy, credentialId: Uint8Array<ArrayBuffer>) => ({
  derivation: copy.derivation, wrapped: fromB64u(copy.wrapped),
  ...(isPhraseCopy(copy) ? { credentialId: noBytes, memoryKib: copy.memory_kib, passes: copy.passes, lanes: copy.lanes, salt: fromB64u(copy.salt) } : { credentialId }),
});

function readStatement(value: unknown): InboxStatement {
  try {
    return statementOf(value);
  } catch (error) {
    if (error instanceof ProtocolError) throw new Refusal("invalid", { cause: error });
    throw error;
  }
}

/** What this console would have said about the actor: a statement may differ in its key and its end, in nothing else. */
function refuseForeign(statement: InboxStatement, actor: Actor, now: Date): void {
  const seconds = Math.floor(now.getTime() / 1_000);
  const ends = seconds + limits.inboxKeyDays * 86_400;
  // Five minutes for a browser whose clock runs ahead.
  const fits = statement.msp === env().APP_ORIGIN && statement.technician === actor.id && statement.name === actor.name && isCurrent(statement, seconds) && statement.not_after <= ends + 300;
  if (!fits) throw new Refusal("moved_on");
}

/**
 * A technician's inbox key: made in their browser, stated by their passkey. It takes the place of an earlier one at once,
 * and waits for a signer. The statement is judged here again, to the byte that was signed.
 * Throws Refusal `invalid`, `moved_on`, `inbox_passkey_gone`, `tap_*`.
 */
export async function stateInboxKey(actor: Actor, given: z.output<typeof stateShape>, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string; fingerprint: string }> {
  authorize(actor, "inbox_key.own");
  const { mspId, id: personId } = actor;
  const now = clock.now();
  const statement = readStatement(given.statement);
  refuseForeign(statement, actor, now);
  const copy = readCopy(given);
  const credentialId = fromB64u(given.credential_id);
  const passkey = await read(actor, (tx) => tx.db.passkey.findUnique({ where: { mspId_credentialId: { mspId, credentialId } } }), db);
  if (!passkey || passkey.personId !== personId) throw new Refusal("inbox_passkey_gone");
  const origin = env().APP_ORIGIN;
  const device = { origin, rpId: new URL(origin).hostname, backupEligible: passkey.backupEligible, hardwareBound: false, publicKey: passkey.publicKey };
  const refusal = await refuseInboxSignature(statement, given.assertion, device).catch(() => ({ code: "assertion_invalid" as const, reason: "form" }));
  if (refusal !== null) throw new Refusal(tapFailure(refusal));
  const id = uuid7(now.getTime());
  const fingerprint = spokenCode(inboxFingerprint(statement));
  await write(actor, async (tx) => {
    // Two tabs: the second waits here, and replaces what the first made.
    await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`inbox:${mspId}:${personId}`}, 0))`;
    await tx.db.inboxKey.updateMany({ where: { mspId, personId, replacedAt: null }, data: { replacedAt: now } });
    await tx.db.inboxKey.create({
      data: {
        mspId, inboxKeyId: id, personId, statement: { ...statement }, statementHash: inboxKeyChallenge(statement), assertion: { ...given.assertion }, credentialId,
        passkeyPublicKey: Uint8Array.from(passkey.publicKey), passkeyBackupEligible: passkey.backupEligible, passkeyLabel: passkey.label, madeAt: now, notAfter: new Date(statement.not_after * 1_000),
      },
    });
    await tx.db.inboxCopy.create({ data: { mspId, inboxKeyId: id, ...columnsOf(copy, credentialId), createdAt: now } });
    await record(tx, { action: "inbox_key.stated", target: { kind: "inbox_key", id }, fields: { fingerprint, key: passkey.label, under: isPhraseCopy(copy) ? "phrase" : "passkey" } });
  }, db);
  return { id, fingerprint };
}
