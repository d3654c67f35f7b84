// What the server may tell this page, and nothing else. An offer that says more than it should is refused whole: above all
// there is no place in it for a challenge, since the page never signs bytes it was handed (PROTOCOL 6).
import { isBaseUrl } from "#lib/protocol/address.ts";
import { base64url, boolean, integer, list, literal, nullable, object, pattern, run, that, type Check } from "#lib/protocol/check.ts";
import { MAX_CONFIRMED } from "#lib/protocol/clients.ts";
import { checkInboxStatement, MAX_ENDORSED } from "#lib/protocol/inbox.ts";
import type { ConnectReply, Enrol, InboxStatement } from "#lib/protocol/messages.ts";
import { hash, text, time } from "#lib/protocol/schema.ts";

/** A credential of this origin that may be asked for a tap. */
export interface KnownKey {
  /** b64u. */
  id: string;
  label: string;
  transports: readonly string[];
}

interface Common {
  v: 1;
  msp: { name: string };
  person: { name: string };
  /** b64u of 32 bytes: the second secret, good for one submission. */
  secret: string;
  /** How long the secret is good for, seconds. */
  seconds_left: number;
}

export interface EnrolOffer extends Common {
  kind: "enrol";
  /** What the new key is to be called. */
  label: string;
  /** The organisation takes only keys that cannot leave their device. */
  hardware_bound: boolean;
  /** The person's signing keys so far: none of them is made twice. */
  known: readonly KnownKey[];
}

export interface StatementOffer {
  statement: InboxStatement;
  /** By the technician's passkey over the statement. */
  assertion: Enrol;
  passkey: { public_key: string; backup_eligible: boolean; label: string };
  /** Unix seconds. */
  made_at: number;
  /** An earlier key of the same person that was endorsed and still counts. */
  replaces: boolean;
}

export interface EndorseOffer extends Common {
  kind: "endorse";
  signers: readonly KnownKey[];
  statements: readonly StatementOffer[];
}

/** What this page reads of a reply. All of it is under the vault's signature, members that it does not read too. */
export type ReplyOffer = Pick<ConnectReply, "request" | "vault_id" | "vault_url" | "public_key"> & Readonly<Record<string, unknown>>;

export interface ClientOffer {
  /** What the console calls the client: the name in the statement. */
  name: string;
  /** Whom to call, if the console knows. */
  contact: string | null;
  /** The vault's signed reply to the connect request, as it came. */
  reply: ReplyOffer;
  /** b64u: the vault's signature over the reply. */
  signature: string;
  /** Unix seconds. */
  replied_at: number;
  /** The name under which it was confirmed before; null when never. */
  confirmed_as: string | null;
}

export interface ConfirmOffer extends Common {
  kind: "confirm";
  signers: readonly KnownKey[];
  clients: readonly ClientOffer[];
}

export type Offer = EnrolOffer | EndorseOffer | ConfirmOffer;

const TRANSPORTS = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"] as const;
const credentialId = base64url(1, 1023);
const key = object({ id: credentialId, label: text, transports: list(literal(...TRANSPORTS), 0, TRANSPORTS.length) });

const common = {
  v: literal(1),
  msp: object({ name: text }),
  person: object({ name: text }),
  secret: base64url(32),
  seconds_left: integer(1, 600),
};

const enrol: Check<EnrolOffer> = object({ ...common, kind: literal("enrol"), label: text, hardware_bound: boolean, known: list(key, 0, 100) });

const statement: Check<InboxStatement> = (value, path) => {
  checkInboxStatement(value, path);
};
const assertion: Check<Enrol> = object({ authenticator_data: base64url(37, 4096), client_data_json: base64url(1, 4096), signature: base64url(1, 1024) });
const offered: Check<StatementOffer> = object({
  statement,
  assertion,
  passkey: object({ public_key: base64url(1, 2048), backup_eligible: boolean, label: text }),
  made_at: time,
  replaces: boolean,
});
const endorse: Check<EndorseOffer> = object({ ...common, kind: literal("endorse"), signers: list(key, 1, 100), statements: list(offered, 1, MAX_ENDORSED) });

// A later vault may say more in its reply: what it signed is verified as it came, so nothing is cut out of it.
const reply: Check<ReplyOffer> = object({ request: hash, vault_id: pattern(/^[A-Za-z0-9_-]{1,64}$/, "a vault id"), vault_url: that<string>(isBaseUrl, "the base URL of a vault"), public_key: base64url(32) }, {}, "allowed");
const client: Check<ClientOffer> = object({ name: text, contact: nullable(text), reply, signature: base64url(64), replied_at: time, confirmed_as: nullable(text) });
const confirm: Check<ConfirmOffer> = object({ ...common, kind: literal("confirm"), signers: list(key, 1, 100), clients: list(client, 1, MAX_CONFIRMED) });

const KINDS: readonly unknown[] = ["enrol", "endorse", "confirm"];
const kind = that<{ kind: Offer["kind"] }>((value) => typeof value === "object" && value !== null && "kind" in value && KINDS.includes(value.kind), "an offer of a kind that is known");

/** Throws ProtocolError `invalid` with the pointer of the first member that does not belong. */
export function checkOffer(value: unknown): asserts value is Offer {
  run(kind, value, "");
  if (value.kind === "enrol") run(enrol, value, "");
  else if (value.kind === "endorse") run(endorse, value, "");
  else run(confirm, value, "");
}

/** Of a refused request: our own words for it, capped. Null when the body is none of ours. */
export interface Problem {
  code: string;
  title: string;
  detail: string;
  remedy: string;
}

const words = that<string>((value) => typeof value === "string" && value.length <= 400, "words");
const problem: Check<Problem> = object({ code: words, title: words, detail: words, remedy: words }, {}, "allowed");

export function readProblem(value: unknown): Problem | null {
  try {
    run(problem, value, "");
    return value;
  } catch {
    return null;
  }
}

