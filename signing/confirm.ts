// Ceremony 3: which key is which client's (PROTOCOL 10.4). The signer compares each second code by voice; one tap then covers
// all that were the same. Codes and challenge are made here, from the vaults' own signed replies.
import { fromB64u } from "#lib/protocol/bytes.ts";
import { clientHash, clientsChallenge, clientsOf } from "#lib/protocol/clients.ts";
import { code2 } from "#lib/protocol/connect.ts";
import type { ClientList, ClientStatement, ConnectReply, Enrol } from "#lib/protocol/messages.ts";
import { verifySigned } from "#lib/protocol/signed.ts";
import type { House } from "./house.ts";
import type { ClientOffer, ConfirmOffer } from "./offer.ts";
import { credentialOf, enrolOf, tap, TAP_MS } from "./tap.ts";

/** A client whose vault's reply stands, as it is shown. */
export interface Listed {
  offered: ClientOffer;
  statement: ClientStatement;
  /** b64u of the statement's hash: its name in what is signed. */
  hash: string;
  /** Code 2, 16 letters. */
  code: string;
  /** Another client of this list has the same name. */
  namesake: boolean;
}

/** Why a list of clients is not even shown. */
export type WrongReply = { reason: "not_signed" | "twice"; name: string };

/**
 * Checks every reply under the key that it names, and makes the code that the client sees as well. A reply that was altered on the
 * way carries no such signature. What this cannot see is a whole vault that was put in the client's place: the code is for that.
 */
export async function judgeReplies(offer: ConfirmOffer): Promise<Listed[] | WrongReply> {
  const names = new Map<string, number>();
  for (const { name } of offer.clients) names.set(name, (names.get(name) ?? 0) + 1);
  const keys = new Set<string>();
  const listed: Listed[] = [];
  for (const offered of offer.clients) {
    const { reply, signature, name } = offered;
    // One key for two clients: one of them is not who it says.
    if (keys.has(reply.public_key)) return { reason: "twice", name };
    keys.add(reply.public_key);
    // The type stands for its exact JSON here: what is signed is every member, as it came.
    if (!(await verifySigned("connect-reply", reply as unknown as ConnectReply, signature, reply.public_key))) return { reason: "not_signed", name };
    const statement: ClientStatement = { key: reply.public_key, name, vault: reply.vault_id };
    listed.push({ offered, statement, hash: clientHash(statement), code: code2({ key: reply.public_key, request: reply.request, vault: reply.vault_id }), namesake: (names.get(name) ?? 0) > 1 });
  }
  return listed;
}

export interface ConfirmSubmission {
  secret: string;
  credential_id: string;
  confirmation: ClientList;
  assertion: Enrol;
  /** Hashes of the statements whose clients read something else. */
  differs: readonly string[];
}

/** What is signed, from the statements themselves: their hashes are made again here, not taken from a list. */
export function whatIsConfirmed(statements: readonly ClientStatement[]): { confirmation: ClientList; challenge: Uint8Array<ArrayBuffer> } {
  const confirmation = clientsOf(statements);
  return { confirmation, challenge: clientsChallenge(confirmation) };
}

export async function confirm(offer: ConfirmOffer, house: House, same: readonly Listed[], differs: readonly Listed[]): Promise<ConfirmSubmission> {
  const { confirmation, challenge } = whatIsConfirmed(same.map(({ statement }) => statement));
  const allowed = offer.signers.map(({ id }) => id);
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge,
    rpId: house.rpId,
    allowCredentials: offer.signers.map(({ id, transports }) => ({ type: "public-key", id: fromB64u(id), transports: [...transports] as AuthenticatorTransport[] })),
    userVerification: "required",
    timeout: TAP_MS,
  };
  const tapped = await tap(() => navigator.credentials.get({ publicKey }));
  return { secret: offer.secret, credential_id: credentialOf(tapped), confirmation, assertion: enrolOf(tapped, allowed), differs: differs.map(({ hash }) => hash) };
}
