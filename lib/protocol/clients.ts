// Which key is which client's? A signer says it once, after comparing code 2 by voice (PROTOCOL 10.4). One tap covers a list,
// as an endorsement does (PROTOCOL 8): what is signed is the list of the statements' hashes, also where it holds only one.
import { refuseCeremony, type Refusal } from "./assertion.ts";
import { b64u, type Bytes } from "./bytes.ts";
import { base64url, list, literal, object, pattern, run, type Check } from "./check.ts";
import { clientChallenge } from "./connect.ts";
import { ProtocolError } from "./errors.ts";
import { labelledHash } from "./hash.ts";
import type { SigningDevice } from "./inbox.ts";
import { jcsBytes } from "./jcs.ts";
import type { ClientList, ClientStatement, Enrol } from "./messages.ts";
import { hash, text } from "./schema.ts";

export const MAX_CONFIRMED = 1_000;

const clientStatement: Check<ClientStatement> = object({ key: base64url(32), name: text, vault: pattern(/^[A-Za-z0-9_-]{1,64}$/, "a vault id") });

/** Throws ProtocolError `invalid` unless the value is a client statement: `{key, name, vault}` and nothing else. */
export function checkClientStatement(value: unknown, path = ""): asserts value is ClientStatement {
  run(clientStatement, value, path);
}

/** b64u of `H("clavitor/client/v1\n" || JCS({key, name, vault}))`: a statement's name in a list. */
export function clientHash(statement: ClientStatement): string {
  return b64u(clientChallenge(statement));
}

/** The list of statements, given in any order; repeats count once. Throws a RangeError outside 1..1,000. */
export function clientsOf(statements: readonly ClientStatement[]): ClientList {
  const hashes = [...new Set(statements.map(clientHash))].sort();
  if (hashes.length < 1 || hashes.length > MAX_CONFIRMED) throw new RangeError("1 to 1,000 clients");
  return { clients: hashes, v: 1 };
}

const clientList: Check<ClientList> = object({ clients: list(hash, 1, MAX_CONFIRMED), v: literal(1) });

/** Throws ProtocolError `invalid` unless the value is a list of 1 to 1,000 hashes, ascending (ASCII) without repeats. */
export function checkClients(value: unknown, path = ""): asserts value is ClientList {
  run(clientList, value, path);
  const hashes = value.clients;
  hashes.forEach((one, i) => {
    if (i > 0 && hashes[i - 1]! >= one) throw new ProtocolError("invalid", { path: `${path}/clients/${i}`, detail: "ascending" });
  });
}

/** `H("clavitor/clients/v1\n" || JCS({clients, v}))`: what a signer signs, for one client and for many. */
export function clientsChallenge({ clients, v }: ClientList): Bytes {
  return labelledHash("clients", jcsBytes({ clients, v }));
}

/** A signer's assertion over the list. Null when it stands. */
export async function refuseConfirmation(given: ClientList, assertion: Enrol, signer: SigningDevice): Promise<Refusal | null> {
  return refuseCeremony(assertion, { ...signer, challenge: clientsChallenge(given) });
}

/** Whether a list names a statement: this key, this vault, under exactly this name. */
export function confirms(given: ClientList, statement: ClientStatement): boolean {
  return given.clients.includes(clientHash(statement));
}
