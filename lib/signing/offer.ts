/** What the signing page is told for its ticket. It checks every member strictly and refuses an answer that says more (signing/offer.ts). */
import { z } from "zod";
import type { Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { b64u } from "../protocol/bytes.ts";
import type { ConnectReply, Enrol, InboxStatement } from "../protocol/messages.ts";
import { isText } from "../protocol/schema.ts";
import { offerable } from "../inbox/waiting.ts";
import { confirmable } from "./confirmable.ts";
import type { Window } from "./window.ts";

export const transportNames = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"] as const;
/** Others exist, or will; the page knows these. A key whose way is not named is looked for everywhere. */
export const transportsShape = z.array(z.string().max(20)).max(10).transform((given) => transportNames.filter((name) => given.includes(name)));

type Key = { id: string; label: string; transports: string[] };
export type Common = { v: 1; msp: { name: string }; person: { name: string }; secret: string; seconds_left: number };
export type Offer =
  | (Common & { kind: "enrol"; label: string; hardware_bound: boolean; known: Key[] })
  | (Common & {
      kind: "endorse"; signers: Key[];
      statements: { statement: InboxStatement; assertion: Enrol; passkey: { public_key: string; backup_eligible: boolean; label: string }; made_at: number; replaces: boolean }[];
    })
  | (Common & { kind: "confirm"; signers: Key[]; clients: { name: string; contact: string | null; reply: ConnectReply; signature: string; replied_at: number; confirmed_as: string | null }[] });

/** A name as PROTOCOL 1 allows it. One that is not is shown without what it may not hold, rather than not at all. */
export const shownName = (name: string): string => {
  const allowed: (value: unknown) => boolean = isText;
  if (allowed(name)) return name;
  const kept = [...name.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu, "").toWellFormed()].slice(0, 120).join("");
  return kept === "" ? "(no name)" : kept;
};

const signersOf = (known: Key[]): Key[] => {
  if (known.length === 0) throw new Refusal("signing_key_needed");
  return known;
};

/** Those that can be confirmed still. A name that the wire does not allow is never put before a signer: it could not be signed as shown. */
async function clientsOffered(tx: Read, vaultRefs: readonly string[]) {
  const waiting = (await confirmable(tx, vaultRefs)).filter(({ statement }) => isText(statement.name));
  if (waiting.length === 0) throw new Refusal("moved_on");
  return waiting.map(({ statement, contactName, reply, signature, repliedAt, confirmedAs }) => ({
    name: statement.name, contact: contactName === "" ? null : shownName(contactName), reply, signature, replied_at: Math.floor(repliedAt.getTime() / 1_000), confirmed_as: confirmedAs,
  }));
}

export const commonOf = ({ actor, msp }: Window, { secret, secondsLeft }: { secret: string; secondsLeft: number }): Common => ({ v: 1, msp: { name: shownName(msp.name) }, person: { name: shownName(actor.name) }, secret, seconds_left: secondsLeft });

export async function offerOf(tx: Read, window: Window, given: { secret: string; secondsLeft: number; now: Date }): Promise<Offer> {
  const { ticket, actor } = window;
  const { now } = given;
  const { mspId } = actor;
  const common = commonOf(window, given);
  const keys = await tx.db.signingKey.findMany({ where: { mspId, personId: actor.id, ...(ticket.kind !== "enrol" && { removedAt: null }) }, orderBy: { createdAt: "asc" }, take: 100 });
  const known = keys.map(({ credentialId, label, transports }) => ({ id: b64u(credentialId), label: shownName(label), transports: transportsShape.parse(transports) }));
  if (ticket.kind === "enrol") {
    const policy = await tx.db.signingPolicy.findUnique({ where: { mspId } });
    return { ...common, kind: "enrol", label: shownName(ticket.label ?? "Signing key"), hardware_bound: policy?.hardwareBound ?? false, known };
  }
  if (ticket.kind === "confirm") return { ...common, kind: "confirm", signers: signersOf(known), clients: await clientsOffered(tx, ticket.vaultRefs) };
  const waiting = await offerable(tx, ticket.inboxKeyIds, now);
  // What was made or endorsed meanwhile is another list than the one that was asked for.
  if (waiting.length === 0) throw new Refusal("moved_on");
  return {
    ...common, kind: "endorse", signers: signersOf(known),
    statements: waiting.map((key) => ({
      statement: key.statement, assertion: key.assertion,
      passkey: { public_key: b64u(key.passkeyPublicKey), backup_eligible: key.passkeyBackupEligible, label: shownName(key.passkeyLabel) },
      made_at: Math.floor(key.madeAt.getTime() / 1_000), replaces: key.replaces,
    })),
  };
}
