// What the server may tell this page, and nothing else. An offer that says more than it should is refused whole: above all
// there is no place in it for a challenge, since the page never signs bytes it was handed (PROTOCOL 6).
import { base64url, boolean, integer, list, literal, object, run, that, type Check } from "#lib/protocol/check.ts";
import { checkInboxStatement, MAX_ENDORSED } from "#lib/protocol/inbox.ts";
import type { Enrol, InboxStatement } from "#lib/protocol/messages.ts";
import { text, time } from "#lib/protocol/schema.ts";

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

export type Offer = EnrolOffer | EndorseOffer;

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

const kind = that<{ kind: "enrol" | "endorse" }>(
  (value) => typeof value === "object" && value !== null && "kind" in value && (value.kind === "enrol" || value.kind === "endorse"),
  "an offer to enrol or to endorse",
);

/** Throws ProtocolError `invalid` with the pointer of the first member that does not belong. */
export function checkOffer(value: unknown): asserts value is Offer {
  run(kind, value, "");
  if (value.kind === "enrol") run(enrol, value, "");
  else run(endorse, value, "");
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

