// What the server may tell this page, and nothing else. An offer that says more than it should is refused whole: above all
// there is no place in it for a challenge, since the page never signs bytes it was handed (PROTOCOL 6).
import { isBaseUrl } from "#lib/protocol/address.ts";
import { base64url, boolean, integer, list, literal, nullable, object, pattern, run, that, type Check } from "#lib/protocol/check.ts";
import { checkClients, MAX_CONFIRMED } from "#lib/protocol/clients.ts";
import { checkEndorsement, checkInboxStatement, MAX_ENDORSED } from "#lib/protocol/inbox.ts";
import type { ClientList, ConnectReply, Endorsement, Enrol, InboxStatement } from "#lib/protocol/messages.ts";
import { checkPlan, MAX_PLAN_PEOPLE, MAX_PLAN_VAULTS, type Plan } from "#lib/protocol/plan.ts";
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

/** A signing key with the key itself: the root of what an approval rests on, proven by the tap. */
export interface Signer extends KnownKey {
  /** COSE, b64u. */
  public_key: string;
}

export interface ApproveOffer extends Common {
  kind: "approve";
  /** release: this tap sends it. cosign: the first of two people; the other's tap sends it. */
  part: "release" | "cosign";
  /** Of a release: who signed it before, as the console says; the vaults judge it. */
  first: { person: string; label: string } | null;
  /** b64u of 32 bytes: what the console showed. Made again here, and compared. */
  digest: string;
  plan: Plan;
  /** Places of vaults that are done or on their way: this tap leaves them out. */
  left: readonly number[];
  signers: readonly Signer[];
  /** Which key is which client's, by the signers' own word. */
  confirmations: readonly { credential_id: string; confirmation: ClientList; assertion: Enrol }[];
  /** Of each of the plan's people, in their order: the statement, and places in `endorsements`. */
  inboxes: readonly { statement: InboxStatement; endorsements: readonly number[] }[];
  endorsements: readonly { credential_id: string; endorsement: Endorsement; assertion: Enrol; endorsed_at: number }[];
}

export type Offer = EnrolOffer | EndorseOffer | ConfirmOffer | ApproveOffer;

/** A vault's answer to `/auth/begin` as it came through the relay; `words` where there is none. */
export type Relayed = { place: number; status: number; body: string; answer: string; target: string } | { place: number; words: string };

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

const plan: Check<Plan> = (value, path) => {
  checkPlan(value, path);
};
const clients: Check<ClientList> = (value, path) => {
  checkClients(value, path);
};
const endorsement: Check<Endorsement> = (value, path) => {
  checkEndorsement(value, path);
};
const place = integer(0, MAX_PLAN_VAULTS - 1);
const approve: Check<ApproveOffer> = object({
  ...common,
  kind: literal("approve"),
  part: literal("release", "cosign"),
  first: nullable(object({ person: text, label: text })),
  digest: hash,
  plan,
  left: list(place, 0, MAX_PLAN_VAULTS),
  signers: list(object({ id: credentialId, label: text, transports: list(literal(...TRANSPORTS), 0, TRANSPORTS.length), public_key: base64url(1, 2048) }), 1, 100),
  confirmations: list(object({ credential_id: credentialId, confirmation: clients, assertion }), 0, 5_000),
  inboxes: list(object({ statement, endorsements: list(integer(0), 0, 100) }), 0, MAX_PLAN_PEOPLE),
  endorsements: list(object({ credential_id: credentialId, endorsement, assertion, endorsed_at: time }), 0, 5_000),
});

const relayed = list(
  that<Relayed>((value) => {
    try {
      if (typeof value === "object" && value !== null && "words" in value) run(object({ place, words: that<string>((words) => typeof words === "string" && words.length <= 400, "words") }), value, "");
      else run(object({ place, status: integer(200, 599), body: base64url(0, 65_536), answer: pattern(/^[A-Za-z0-9_-]{1,1000}$/, "an answer"), target: pattern(/^[\x21-\x7e]{1,2000}$/, "a target") }), value, "");
      return true;
    } catch {
      return false;
    }
  }, "a vault's answer"),
  0,
  200,
);

/** Throws ProtocolError `invalid`. What stands in the answers is believed only under the vaults' signatures. */
export function checkRelayed(value: unknown): asserts value is { answers: readonly Relayed[] } {
  run(object({ answers: relayed }), value, "");
}

const KINDS: ReadonlySet<unknown> = new Set(["enrol", "endorse", "confirm", "approve"]);
const kind = that<{ kind: Offer["kind"] }>((value) => typeof value === "object" && value !== null && "kind" in value && KINDS.has(value.kind), "an offer of a kind that is known");

/** Throws ProtocolError `invalid` with the pointer of the first member that does not belong. */
export function checkOffer(value: unknown): asserts value is Offer {
  run(kind, value, "");
  if (value.kind === "enrol") run(enrol, value, "");
  else if (value.kind === "endorse") run(endorse, value, "");
  else if (value.kind === "confirm") run(confirm, value, "");
  else run(approve, value, "");
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

