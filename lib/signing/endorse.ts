import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal, type FailureCode } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize } from "../identity/actor.ts";
import { mailOwners } from "../identity/owners.ts";
import { assertionPartsShape, tapFailure } from "../identity/tap.ts";
import { offerable, type Offerable } from "../inbox/waiting.ts";
import { b64u, fromB64u } from "../protocol/bytes.ts";
import { spokenCode } from "../protocol/crockford.ts";
import { checkEndorsement, inboxFingerprint, MAX_ENDORSED, refuseEndorsement } from "../protocol/inbox.ts";
import type { Endorsement } from "../protocol/messages.ts";
import { record } from "../record/record.ts";
import { kindInWords } from "./ticket.ts";
import { secretShape } from "./trade.ts";
import { endWindow, windowBySecret, type Visitor, type Window } from "./window.ts";

const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const differsShape = z.array(hash).max(MAX_ENDORSED);
export const endorseShape = z.strictObject({
  secret: secretShape, credential_id: z.string().regex(/^[A-Za-z0-9_-]+$/).max(1_364),
  endorsement: z.strictObject({ statements: z.array(hash).min(1).max(MAX_ENDORSED), v: z.literal(1) }), assertion: assertionPartsShape, differs: differsShape,
});

type Key = { credentialId: Uint8Array<ArrayBuffer>; label: string };
type Judged = { key: Key } | FailureCode;

/** The assertion over exactly this list, by a signing key of this person that counts. */
async function judge(window: Window, given: z.output<typeof endorseShape>, db: Database): Promise<Judged> {
  const { mspId, id: personId } = window.actor;
  const endorsement: Endorsement = given.endorsement;
  try {
    checkEndorsement(endorsement);
    const credentialId = fromB64u(given.credential_id);
    const key = await read(window.actor, (tx) => tx.db.signingKey.findUnique({ where: { mspId_credentialId: { mspId, credentialId } } }), db);
    if (!key || key.personId !== personId || key.removedAt !== null) return "signing_key_strange";
    const refusal = await refuseEndorsement(endorsement, given.assertion, { origin: key.origin, rpId: key.rpId, backupEligible: key.backupEligible, hardwareBound: false, publicKey: key.publicKey });
    return refusal === null ? { key: { credentialId, label: key.label } } : tapFailure(refusal);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return "tap_refused"; // bytes that are none, or a list that is not in order
  }
}

const names = (keys: readonly Offerable[]) => {
  const shown = keys.slice(0, 20).map(({ statement }) => statement.name).join(", ");
  return keys.length > 20 ? `${shown} and ${keys.length - 20} more` : shown;
};

/** A signer was read another fingerprint: that key is never offered again, everybody who looks is told, and all owners are mailed. */
export async function reportDiffering(tx: Write, keys: readonly Offerable[], now: Date): Promise<void> {
  const { mspId } = tx.actor;
  for (const key of keys) {
    await tx.db.inboxKey.updateMany({ where: { mspId, inboxKeyId: key.inboxKeyId, differsAt: null }, data: { differsAt: now } });
    await record(tx, { action: "inbox_key.differed", target: { kind: "inbox_key", id: key.inboxKeyId }, fields: { name: key.statement.name, fingerprint: spokenCode(inboxFingerprint(key.statement)) } });
    const { name: organisation } = await tx.db.msp.findUniqueOrThrow({ where: { mspId } });
    await mailOwners(tx, "fingerprint_differs", { organisation, person: key.statement.name, by: tx.actor.name, origin: env().APP_ORIGIN });
  }
}

/**
 * Ceremony 2: a signer's word for 1 to 1,000 inbox keys, all of them from the list that this window was opened for.
 * Throws Refusal `signing_over`, `signing_session_over`, `forbidden`, `signing_key_strange`, `tap_*`, `moved_on`.
 */
export async function endorseInboxKeys(given: z.output<typeof endorseShape>, visitor: Visitor, clock: Clock = systemClock, db: Database = database()): Promise<{ endorsed: number }> {
  const now = clock.now();
  const window = await windowBySecret(given.secret, "endorse", now, visitor, db);
  authorize(window.actor, "inbox_key.endorse");
  const judged = await judge(window, given, db);
  const refused = await write(window.actor, (tx) => keep(tx, window, given, judged, now), db);
  if (refused !== null) throw new Refusal(refused);
  return { endorsed: given.endorsement.statements.length };
}

async function keep(tx: Write, window: Window, given: z.output<typeof endorseShape>, judged: Judged, now: Date): Promise<FailureCode | null> {
  const { mspId, id: personId } = tx.actor;
  const refuse = async (code: FailureCode) => {
    await endWindow(tx, window, { outcome: "refused", words: new Refusal(code).failure.title }, now);
    await record(tx, { action: "ticket.refused", target: { kind: "ticket", id: window.ticket.ticketId }, fields: { kind: kindInWords("endorse"), reason: new Refusal(code).failure.title } });
    return code;
  };
  if (typeof judged === "string") return refuse(judged);
  // Of the list that was asked for, what may still be endorsed at this moment: a key replaced meanwhile is not.
  const byHash = new Map((await offerable(tx, window.ticket.inboxKeyIds, now)).map((key) => [b64u(key.statementHash), key]));
  const pick = (hashes: readonly string[]) => hashes.map((one) => byHash.get(one)).filter((key) => key !== undefined);
  const same = pick(given.endorsement.statements);
  const differing = pick(given.differs);
  const both = differing.some((key) => same.includes(key));
  if (same.length !== given.endorsement.statements.length || differing.length !== given.differs.length || both) return refuse("moved_on");
  const endorsementId = uuid7(now.getTime());
  const { credentialId, label } = judged.key;
  await tx.db.endorsement.create({ data: { mspId, endorsementId, credentialId, personId, endorsement: { ...given.endorsement }, assertion: { ...given.assertion }, endorsedAt: now } });
  await tx.db.endorsedKey.createMany({ data: same.map(({ inboxKeyId }) => ({ mspId, endorsementId, inboxKeyId })) });
  await tx.db.signingKey.update({ where: { mspId_credentialId: { mspId, credentialId } }, data: { lastUsedAt: now } });
  await record(tx, { action: "inbox_keys.endorsed", target: { kind: "endorsement", id: endorsementId }, fields: { count: same.length, names: names(same), key: label } });
  await reportDiffering(tx, differing, now);
  await endWindow(tx, window, { outcome: "done", words: `${same.length === 1 ? "1 key" : `${same.length} keys`} endorsed.` }, now);
  return null;
}
