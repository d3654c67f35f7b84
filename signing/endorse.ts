// Ceremony 2: whose inbox key is it (PROTOCOL 8). The signer compares each fingerprint with its owner; one tap then covers
// all that were the same. The challenge is made here, from the statements as they were shown.
import { b64u, fromB64u } from "#lib/protocol/bytes.ts";
import { endorseChallenge, endorsementOf, inboxFingerprint, inboxKeyChallenge, isCurrent, refuseInboxSignature } from "#lib/protocol/inbox.ts";
import type { Endorsement, Enrol, InboxStatement } from "#lib/protocol/messages.ts";
import { hostOf } from "#lib/protocol/address.ts";
import type { House } from "./house.ts";
import type { EndorseOffer, StatementOffer } from "./offer.ts";
import { Stopped } from "./stopped.ts";
import { credentialOf, enrolOf, tap, TAP_MS } from "./tap.ts";

/** A statement that stands, as it is shown. */
export interface Shown {
  offered: StatementOffer;
  /** b64u of its hash: its name in the endorsement. */
  hash: string;
  /** 16 letters. */
  fingerprint: string;
  /** Another statement of this list is made out to the same name. */
  namesake: boolean;
}

/** Why a list of statements is not even shown. */
export type Wrong = { reason: "other_organisation" | "not_current" | "twice" | "not_their_own"; name: string };

function firstWrong(offered: readonly StatementOffer[], house: House, now: number): Wrong | null {
  const technicians = new Set<string>();
  for (const { statement } of offered) {
    if (statement.msp !== house.console) return { reason: "other_organisation", name: statement.name };
    if (!isCurrent(statement, now)) return { reason: "not_current", name: statement.name };
    // Two keys of one person in one list: one of them is somebody else's, or a mistake. Either way nobody should tap.
    if (technicians.has(statement.technician)) return { reason: "twice", name: statement.name };
    technicians.add(statement.technician);
  }
  return null;
}

/**
 * Checks every statement: made for this console, in force, one per person, and signed by the passkey that is named with it.
 * A key that was exchanged on the way carries no such signature. What this cannot see is a passkey that was invented
 * together with the key: that is what the comparison of fingerprints is for.
 * @param now Unix seconds
 */
export async function judgeStatements(offer: EndorseOffer, house: House, now: number): Promise<Shown[] | Wrong> {
  const wrong = firstWrong(offer.statements, house, now);
  if (wrong !== null) return wrong;
  const rpId = hostOf(house.console);
  if (rpId === null) throw new Stopped("misbuilt");
  const names = new Map<string, number>();
  for (const { statement } of offer.statements) names.set(statement.name, (names.get(statement.name) ?? 0) + 1);
  const shown: Shown[] = [];
  for (const offered of offer.statements) {
    const { statement, assertion, passkey } = offered;
    const device = { origin: house.console, rpId, backupEligible: passkey.backup_eligible, hardwareBound: false, publicKey: fromB64u(passkey.public_key) };
    if ((await refuseInboxSignature(statement, assertion, device)) !== null) return { reason: "not_their_own", name: statement.name };
    shown.push({ offered, hash: b64u(inboxKeyChallenge(statement)), fingerprint: inboxFingerprint(statement), namesake: (names.get(statement.name) ?? 0) > 1 });
  }
  return shown;
}

export interface EndorseSubmission {
  secret: string;
  credential_id: string;
  endorsement: Endorsement;
  assertion: Enrol;
  /** Hashes of the statements whose owners read something else. */
  differs: readonly string[];
}

/** What is signed, from the statements themselves: their hashes are made again here, not taken from a list. */
export function whatIsSigned(statements: readonly InboxStatement[]): { endorsement: Endorsement; challenge: Uint8Array<ArrayBuffer> } {
  const endorsement = endorsementOf(statements);
  return { endorsement, challenge: endorseChallenge(endorsement) };
}

export async function endorse(offer: EndorseOffer, house: House, same: readonly Shown[], differs: readonly Shown[]): Promise<EndorseSubmission> {
  const { endorsement, challenge } = whatIsSigned(same.map(({ offered }) => offered.statement));
  const allowed = offer.signers.map(({ id }) => id);
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge,
    rpId: house.rpId,
    allowCredentials: offer.signers.map(({ id, transports }) => ({ type: "public-key", id: fromB64u(id), transports: [...transports] as AuthenticatorTransport[] })),
    userVerification: "required",
    timeout: TAP_MS,
  };
  const tapped = await tap(() => navigator.credentials.get({ publicKey }));
  return { secret: offer.secret, credential_id: credentialOf(tapped), endorsement, assertion: enrolOf(tapped, allowed), differs: differs.map(({ hash }) => hash) };
}
