import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal, type FailureCode } from "../errors.ts";
import { authorize } from "../identity/actor.ts";
import { mailOwners } from "../identity/owners.ts";
import { assertionPartsShape, tapFailure } from "../identity/tap.ts";
import { limits } from "../limits.ts";
import { fromB64u, tryB64u } from "../protocol/bytes.ts";
import { verifyEnrol } from "../protocol/connect.ts";
import { record } from "../record/record.ts";
import { transportsShape } from "./offer.ts";
import { kindInWords } from "./ticket.ts";
import { secretShape } from "./trade.ts";
import { endWindow, windowBySecret, type Visitor, type Window } from "./window.ts";

const b64 = (most: number) => z.string().max(most).refine((text) => text !== "" && tryB64u(text) !== null);
export const enrolShape = z.strictObject({ secret: secretShape, credential_id: b64(1_364), public_key: b64(2_048), transports: transportsShape, enrol: assertionPartsShape });

type Proven = { backupEligible: boolean; backedUp: boolean };

/** PROTOCOL 10.1: the new credential signed its own id and key and this console's origin, on the signing origin. */
async function prove(given: z.output<typeof enrolShape>, hardwareBound: boolean): Promise<Proven | FailureCode> {
  const { APP_ORIGIN, SIGN_ORIGIN } = env();
  const signer = { credential_id: given.credential_id, public_key: given.public_key, rp_id: new URL(SIGN_ORIGIN).hostname, origin: SIGN_ORIGIN, enrol: given.enrol };
  try {
    const proven = await verifyEnrol(signer, APP_ORIGIN, hardwareBound);
    return "code" in proven ? tapFailure(proven) : proven;
  } catch {
    return "tap_refused"; // bytes that are none
  }
}

/**
 * Ceremony 1: a new signing key of whoever opened the window. One submission per window, whatever comes of it; what was
 * refused is recorded and shown in the console.
 * Throws Refusal `signing_over`, `signing_session_over`, `forbidden`, `tap_*`, `key_copyable`, `signing_key_taken`, `too_many`.
 */
export async function enrolSigningKey(given: z.output<typeof enrolShape>, visitor: Visitor, clock: Clock = systemClock, db: Database = database()): Promise<{ label: string }> {
  const now = clock.now();
  const window = await windowBySecret(given.secret, "enrol", now, visitor, db);
  authorize(window.actor, "signing_key.enrol");
  const { mspId } = window.actor;
  const policy = await read(window.actor, (tx) => tx.db.signingPolicy.findUnique({ where: { mspId } }), db);
  const proven = await prove(given, policy?.hardwareBound ?? false);
  const refused = await write(window.actor, (tx) => keep(tx, window, given, proven, now), db);
  if (refused !== null) throw new Refusal(refused);
  return { label: window.ticket.label ?? "" };
}

async function keep(tx: Parameters<Parameters<typeof write>[1]>[0], window: Window, given: z.output<typeof enrolShape>, proven: Proven | FailureCode, now: Date): Promise<FailureCode | null> {
  const { mspId, id: personId } = tx.actor;
  const refuse = async (code: FailureCode) => {
    await endWindow(tx, window, { outcome: "refused", words: new Refusal(code).failure.title }, now);
    await record(tx, { action: "ticket.refused", target: { kind: "ticket", id: window.ticket.ticketId }, fields: { kind: kindInWords("enrol"), reason: new Refusal(code).failure.title } });
    return code;
  };
  if (typeof proven === "string") return refuse(proven);
  const { APP_ORIGIN, SIGN_ORIGIN } = env();
  if ((await tx.db.signingKey.count({ where: { mspId, personId, removedAt: null } })) >= limits.signingKeysPerPerson) return refuse("too_many");
  const label = window.ticket.label ?? "Signing key";
  // A credential id is taken for ever: also by a key that was removed, and by one that another window enrols right now.
  const { count } = await tx.db.signingKey.createMany({
    data: [{
      mspId, credentialId: fromB64u(given.credential_id), personId, publicKey: fromB64u(given.public_key), label, rpId: new URL(SIGN_ORIGIN).hostname, origin: SIGN_ORIGIN, mspOrigin: APP_ORIGIN,
      enrol: { ...given.enrol }, transports: given.transports, backupEligible: proven.backupEligible, backedUp: proven.backedUp, createdAt: now,
    }],
    skipDuplicates: true,
  });
  if (count === 0) return refuse("signing_key_taken");
  await endWindow(tx, window, { outcome: "done", words: `“${label}” is a signing key now.` }, now);
  await record(tx, { action: "signing_key.enrolled", target: { kind: "signing_key", id: given.credential_id }, fields: { label, hardware_bound: !proven.backupEligible } });
  const person = await tx.db.person.findUniqueOrThrow({ where: { mspId_personId: { mspId, personId } }, include: { msp: true } });
  await mailOwners(tx, "signing_key_enrolled", { organisation: person.msp.name, person: person.name, label, origin: APP_ORIGIN }, [person]);
  return null;
}
