import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import type { Database } from "../db/client.ts";
import { database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal, type FailureCode } from "../errors.ts";
import { agentInWords } from "../identity/agent.ts";
import { drawSecret } from "../identity/link.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { commonOf, offerOf, type Common, type Offer } from "./offer.ts";
import type { Read } from "../db/tenant.ts";
import { hashOfAgent, kindInWords } from "./ticket.ts";
import { windowByTicket, type Visitor, type Window } from "./window.ts";

export const secretShape = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const tradeShape = z.strictObject({ subject: z.uuid(), ticket: secretShape });

/** What a window over a plan shows. Plans are a later noun than signing (ARCHITECTURE, imports run one way), so it is handed in. */
export type ApproveOffering = (tx: Read, window: Window, common: Common, now: Date) => Promise<Common & { kind: "approve" }>;

const sameBytes = (one: Uint8Array, other: Uint8Array) => Buffer.from(one).equals(Buffer.from(other));

/**
 * The page trades its ticket for what it shows and the second secret. Single use: the first to come has it, and the console
 * shows who that was. A ticket that turns up in another browser is spent by that.
 * Throws Refusal `ticket_unknown`, `ticket_used`, `ticket_expired`, `ticket_elsewhere`, `signing_session_over`, `moved_on`.
 */
export async function tradeTicket({ subject, ticket }: z.output<typeof tradeShape>, visitor: Visitor, clock: Clock = systemClock, db: Database = database(), approve: ApproveOffering | null = null): Promise<Offer | Awaited<ReturnType<ApproveOffering>>> {
  const window = await windowByTicket(ticket, subject, visitor, db);
  const now = clock.now();
  if (window.ticket.tradedAt !== null) throw new Refusal("ticket_used");
  if (window.ticket.ticketExpiresAt <= now) throw new Refusal("ticket_expired");
  const { secret, sha256 } = drawSecret();
  const elsewhere = !sameBytes(window.ticket.agentSha256, hashOfAgent(visitor.userAgent));
  const refused = await write(window.actor, (tx) => spend(tx, window, visitor, now, elsewhere ? null : sha256), db);
  if (refused !== null) throw new Refusal(refused);
  const given = { secret, secondsLeft: Math.floor(limits.signingSecretMs / 1_000), now };
  if (window.ticket.kind === "approve" || window.ticket.kind === "cosign") {
    if (approve === null) throw new Error("This house was opened without plans.");
    return read(window.actor, (tx) => approve(tx, window, commonOf(window, given), now), db);
  }
  return read(window.actor, (tx) => offerOf(tx, window, given), db);
}

/** Of two that come at once, the row decides: one update finds it unspent. */
async function spend(tx: Parameters<Parameters<typeof write>[1]>[0], { ticket }: Window, visitor: Visitor, now: Date, secretSha256: Uint8Array<ArrayBuffer> | null): Promise<FailureCode | null> {
  const where = { mspId: ticket.mspId, ticketId: ticket.ticketId, tradedAt: null };
  const seen = { tradedAt: now, tradedAgent: agentInWords(visitor.userAgent), tradedAddress: visitor.address.slice(0, 64) };
  const ended = secretSha256 === null
    ? { outcome: "refused", outcomeAt: now, outcomeWords: "It was opened in another browser." }
    : { secretSha256, secretExpiresAt: new Date(now.getTime() + limits.signingSecretMs) };
  const { count } = await tx.db.signingTicket.updateMany({ where, data: { ...seen, ...ended } });
  if (count === 0) {
    tx.replayed = true; // nothing was written: the first to come left the record
    return "ticket_used";
  }
  const fields = { kind: kindInWords(ticket.kind), agent: seen.tradedAgent, address: seen.tradedAddress };
  await record(tx, { action: secretSha256 === null ? "ticket.elsewhere" : "ticket.opened", target: { kind: "ticket", id: ticket.ticketId }, fields });
  return secretSha256 === null ? "ticket_elsewhere" : null;
}
