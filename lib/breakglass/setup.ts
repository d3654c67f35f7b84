/**
 * The break-glass key: made in one custodian's browser, stated by their passkey, kept as shares sealed to the custodians' own inbox
 * keys, and endorsed by a signer like anybody's. No table and no person holds it whole (docs/decisions/0054-break-glass-in-shares.md).
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { assertionPartsShape, tapFailure } from "../identity/tap.ts";
import { statementOf } from "../inbox/waiting.ts";
import { limits } from "../limits.ts";
import { fromB64u } from "../protocol/bytes.ts";
import { spokenCode } from "../protocol/crockford.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { inboxFingerprint, inboxKeyChallenge, isCurrent, refuseInboxSignature } from "../protocol/inbox.ts";
import type { InboxStatement } from "../protocol/messages.ts";
import { record } from "../record/record.ts";

/** What the seat is called here, in matrices and in vaults. */
export const seatName = "Break-glass";

/** Somebody whose inbox key a signer endorsed: a share can be sealed to it. */
export type Candidate = { readonly id: string; readonly name: string; readonly keyId: string; readonly statement: InboxStatement; readonly fingerprint: string };
export type SetupForm = { readonly seat: { id: string; name: string; console: string; days: number }; readonly candidates: readonly Candidate[]; readonly passkeys: readonly { credential_id: string; label: string; transports: string[] }[] };

/** Everybody who could keep a share. */
async function candidatesIn({ db, actor: { mspId } }: Read, now: Date): Promise<Candidate[]> {
  const keys = await db.inboxKey.findMany({
    where: { mspId, replacedAt: null, differsAt: null, notAfter: { gt: now }, person: { frozenAt: null, keptBy: null }, endorsed: { some: { endorsement: { signingKey: { removedAt: null } } } } },
    include: { person: { select: { name: true } } }, orderBy: { person: { name: "asc" } },
  });
  return keys.map(({ personId, inboxKeyId, statement, person }) => ({ id: personId, name: person.name, keyId: inboxKeyId, statement: statementOf(statement), fingerprint: inboxFingerprint(statementOf(statement)) }));
}

/** The seat of this organisation, or the number it will have: stable for whoever makes the key now. */
const seatIn = async ({ db, actor: { mspId } }: Read): Promise<{ personId: string } | null> => db.person.findFirst({ where: { mspId, keptBy: { not: null } }, select: { personId: true } });

/** What the page that makes the key needs. Throws Refusal `forbidden`. */
export async function setupForm(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<SetupForm> {
  authorize(actor, "break_glass.set");
  const { mspId, id } = actor;
  return read(actor, async (tx) => {
    const seat = await seatIn(tx);
    const passkeys = await tx.db.passkey.findMany({ where: { mspId, personId: id }, orderBy: { createdAt: "asc" } });
    return {
      seat: { id: seat?.personId ?? randomUUID(), name: seatName, console: env().APP_ORIGIN, days: limits.inboxKeyDays }, candidates: await candidatesIn(tx, clock.now()),
      passkeys: passkeys.map(({ credentialId, label, transports }) => ({ credential_id: Buffer.from(credentialId).toString("base64url"), label, transports })),
    };
  }, db);
}

const b64 = (most: number) => z.string().regex(/^[A-Za-z0-9_-]+$/).max(most);
const place = z.int().min(1).max(255);
export const sealedShape = z.strictObject({ kem: z.enum(["x25519", "x-wing"]), enc: b64(2_000), ct: b64(200) });
export const setupShape = z.strictObject({
  statement: z.unknown(), credential_id: b64(1_364), assertion: assertionPartsShape,
  shares: z.array(z.strictObject({ custodian: z.uuid(), key_id: z.uuid(), place, sealed: sealedShape })).min(2).max(limits.glassCustodians),
});

function readStatement(value: unknown): InboxStatement {
  try {
    return statementOf(value);
  } catch (error) {
    if (error instanceof ProtocolError) throw new Refusal("invalid", { cause: error });
    throw error;
  }
}

/**
 * Keeps a break-glass key that was made in the actor's browser, in place of an earlier one. It waits for a signer's endorsement; until
 * then nothing is sealed to it. Throws Refusal `glass_custodians`, `glass_moved`, `invalid`, `moved_on`, `inbox_passkey_gone`, `tap_*`.
 */
export async function setUpBreakGlass(actor: Actor, given: z.output<typeof setupShape>, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string; fingerprint: string }> {
  authorize(actor, "break_glass.set");
  const { mspId } = actor;
  const now = clock.now();
  const seconds = Math.floor(now.getTime() / 1_000);
  const statement = readStatement(given.statement);
  const origin = env().APP_ORIGIN;
  if (statement.msp !== origin || statement.name !== seatName || !isCurrent(statement, seconds) || statement.not_after > seconds + limits.inboxKeyDays * 86_400 + 300) throw new Refusal("moved_on");
  const { shares } = given;
  // Who makes it keeps a share: they saw it whole, and nobody else did.
  if (new Set(shares.map(({ custodian }) => custodian)).size !== shares.length || new Set(shares.map((one) => one.place)).size !== shares.length || !shares.some(({ custodian }) => custodian === actor.id)) throw new Refusal("glass_custodians");
  const credentialId = fromB64u(given.credential_id);
  const passkey = await read(actor, (tx) => tx.db.passkey.findUnique({ where: { mspId_credentialId: { mspId, credentialId } } }), db);
  if (!passkey || passkey.personId !== actor.id) throw new Refusal("inbox_passkey_gone");
  const device = { origin, rpId: new URL(origin).hostname, backupEligible: passkey.backupEligible, hardwareBound: false, publicKey: passkey.publicKey };
  const refusal = await refuseInboxSignature(statement, given.assertion, device).catch(() => ({ code: "assertion_invalid" as const, reason: "form" }));
  if (refusal !== null) throw new Refusal(tapFailure(refusal));
  const id = uuid7(now.getTime());
  const fingerprint = spokenCode(inboxFingerprint(statement));
  await write(actor, async (tx) => {
    await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`break-glass:${mspId}`}, 0))`;
    const candidates = new Map((await candidatesIn(tx, now)).map((one) => [one.id, one]));
    const kept = shares.map((share) => ({ share, candidate: candidates.get(share.custodian) }));
    if (kept.some(({ share, candidate }) => candidate?.keyId !== share.key_id || candidate.statement.kem !== share.sealed.kem)) throw new Refusal("glass_moved");
    const seat = await seatIn(tx);
    if (seat === null) {
      await tx.db.person.create({ data: { mspId, personId: statement.technician, name: seatName, email: `break-glass@${mspId}.invalid`, rights: ["technician"], keptBy: actor.id } });
    } else {
      if (seat.personId !== statement.technician) throw new Refusal("moved_on");
      await tx.db.person.update({ where: { mspId_personId: { mspId, personId: seat.personId } }, data: { keptBy: actor.id } });
      await tx.db.inboxKey.updateMany({ where: { mspId, personId: seat.personId, replacedAt: null }, data: { replacedAt: now } });
    }
    await tx.db.inboxKey.create({
      data: {
        mspId, inboxKeyId: id, personId: statement.technician, statement: { ...statement }, statementHash: inboxKeyChallenge(statement), assertion: { ...given.assertion }, credentialId,
        passkeyPublicKey: Uint8Array.from(passkey.publicKey), passkeyBackupEligible: passkey.backupEligible, passkeyLabel: passkey.label, madeAt: now, notAfter: new Date(statement.not_after * 1_000),
      },
    });
    await tx.db.breakGlassShare.createMany({ data: shares.map(({ custodian, key_id: custodianKey, place: at, sealed }) => ({ mspId, inboxKeyId: id, custodianId: custodian, custodianKey, place: at, ...sealed })) });
    const names = kept.map(({ candidate }) => candidate!.name).toSorted((a, b) => a.localeCompare(b)).join(", ");
    await record(tx, { action: "break_glass.set_up", target: { kind: "inbox_key", id }, fields: { fingerprint, custodians: shares.length, names } });
  }, db);
  return { id, fingerprint };
}
