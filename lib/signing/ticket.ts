/** The ticket that opens the signing house, and the secret that it is traded for: each 32 random bytes, of which only the SHA-256 is kept. */
import { createHash } from "node:crypto";
import { systemClock, type Clock } from "../clock.ts";
import type { Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { drawSecret } from "../identity/link.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import type { TicketKind } from "./window.ts";

/** Of a browser's User-Agent header. It is no secret: it tells a link that was carried elsewhere from one that was not. */
export const hashOfAgent = (userAgent: string): Uint8Array<ArrayBuffer> => new Uint8Array(createHash("sha256").update(userAgent).digest());

/** Where the console sends the person. The ticket stands in the fragment, which no server and no log sees. */
export const windowUrl = (signOrigin: string, subject: string, ticket: string): string => `${signOrigin}/approve/${subject}#${ticket}`;

export type Asked = { kind: TicketKind; label?: string; inboxKeyIds?: readonly string[]; vaultRefs?: readonly string[]; planId?: string; canary?: number | null; userAgent: string };

/**
 * Makes a ticket for the actor's own session, in the caller's transaction. Good once, for limits.ticketMs.
 * @returns the window's address; the only place where the ticket stands
 */
export async function makeTicket(tx: Write, { kind, label, inboxKeyIds = [], vaultRefs = [], planId, canary, userAgent }: Asked, clock: Clock = systemClock): Promise<{ id: string; url: string }> {
  const { mspId, id: personId, sessionId, kind: actorKind } = tx.actor;
  if (actorKind !== "person" || sessionId === undefined) throw new Refusal("forbidden");
  const now = clock.now();
  const recent = await tx.db.signingTicket.count({ where: { mspId, personId, createdAt: { gt: new Date(now.getTime() - 600_000) } } });
  if (recent >= limits.ticketsPerTenMinutes) throw new Refusal("too_many");
  const id = uuid7(now.getTime());
  const { secret, sha256 } = drawSecret();
  await tx.db.signingTicket.create({
    data: {
      mspId, ticketId: id, kind, personId, sessionId, label: label ?? null, inboxKeyIds: [...inboxKeyIds], vaultRefs: [...vaultRefs], planId: planId ?? null, canary: canary ?? null,
      ticketSha256: sha256, agentSha256: hashOfAgent(userAgent), createdAt: now, ticketExpiresAt: new Date(now.getTime() + limits.ticketMs),
    },
  });
  await record(tx, { action: "ticket.made", target: { kind: "ticket", id }, fields: { kind: kindInWords(kind) } });
  return { id, url: windowUrl(env().SIGN_ORIGIN, id, secret) };
}

const inWords: Readonly<Record<string, string>> = { enrol: "enrol a signing key", endorse: "endorse inbox keys", confirm: "confirm clients", approve: "approve a plan", cosign: "sign a plan first, of two" };
export const kindInWords = (kind: string): string => inWords[kind] ?? kind;
