/**
 * Who stands in a signing window. The house knows no cookie: a ticket or a secret names the row, the row names person and
 * session, and both must still be good at every step.
 */
import type { SigningTicket } from "#prisma/generated/client.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Write } from "../db/tenant.ts";
import { isUnavailable } from "../db/trouble.ts";
import { Refusal } from "../errors.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { judgeSession } from "../identity/judge-session.ts";
import { hashOfSecret } from "../identity/link.ts";

export type TicketKind = "enrol" | "endorse" | "confirm" | "approve" | "cosign";

/** The browser at the house's door, as server.ts saw it. */
export type Visitor = { userAgent: string; address: string; requestId?: string };
export type Window = { ticket: SigningTicket; actor: Actor; msp: { name: string } };

type Found = { msp_id: string; ticket_id: string };

async function found(asked: Promise<Found[]>): Promise<Found | undefined> {
  try {
    return (await asked)[0];
  } catch (error) {
    if (isUnavailable(error)) throw new Refusal("database_unavailable", { cause: error });
    throw error;
  }
}

/** Ids are given away without a tenant; whatever else is read is read inside it. */
const within = (mspId: string): Actor => personActor({ mspId, personId: "00000000-0000-0000-0000-000000000000", name: "", rights: [] });

async function load({ msp_id: mspId, ticket_id: ticketId }: Found, requestId: string | undefined, db: Database): Promise<Window & { sessionLives: boolean }> {
  const row = await read(within(mspId), (tx) =>
    tx.db.signingTicket.findUniqueOrThrow({ where: { mspId_ticketId: { mspId, ticketId } }, include: { person: { include: { msp: { select: { name: true } } } } } }), db);
  const { person, ...ticket } = row;
  // Whoever opens a window and signs in it is at work: the idle clock of the session starts anew.
  const { live } = await judgeSession(mspId, ticket.sessionId, true, db);
  return { ticket, actor: personActor(person, ticket.sessionId, requestId), msp: person.msp, sessionLives: live };
}

/** By the ticket out of the fragment. Throws Refusal `ticket_unknown`, `signing_session_over`. */
export async function windowByTicket(ticket: string, subject: string, { requestId }: Visitor, db: Database = database()): Promise<Window> {
  const row = await found(db.$queryRaw<Found[]>`select msp_id, ticket_id from signing_ticket_find(${hashOfSecret(ticket)})`);
  // A ticket for another subject is told nothing more than one that was invented.
  if (!row || row.ticket_id !== subject) throw new Refusal("ticket_unknown");
  const { sessionLives, ...window } = await load(row, requestId, db);
  if (!sessionLives) throw new Refusal("signing_session_over");
  return window;
}

/** By the second secret. Throws Refusal `signing_over` (unknown, spent or late are one), `signing_session_over`. */
export async function windowBySecret(secret: string, kinds: TicketKind | readonly TicketKind[] | undefined, now: Date, { requestId }: Visitor, db: Database = database()): Promise<Window> {
  const row = await found(db.$queryRaw<Found[]>`select msp_id, ticket_id from signing_secret_find(${hashOfSecret(secret)})`);
  if (!row) throw new Refusal("signing_over");
  const { sessionLives, ...window } = await load(row, requestId, db);
  const { outcome, secretExpiresAt } = window.ticket;
  if (outcome !== null || secretExpiresAt === null || secretExpiresAt <= now) throw new Refusal("signing_over");
  if (kinds !== undefined && ![kinds].flat().some((kind) => kind === window.ticket.kind)) throw new Refusal("signing_over");
  if (!sessionLives) throw new Refusal("signing_session_over");
  return window;
}

export type Ending = { outcome: "done" | "declined" | "refused"; words: string | null };

/**
 * Ends a window, in the caller's transaction: a submission counts once, whatever comes of it. Of two at once the row decides.
 * Throws Refusal `signing_over`.
 */
export async function endWindow(tx: Write, { ticket }: Window, { outcome, words }: Ending, now: Date): Promise<void> {
  const { count } = await tx.db.signingTicket.updateMany({
    where: { mspId: ticket.mspId, ticketId: ticket.ticketId, outcome: null, secretExpiresAt: { gt: now } },
    data: { outcome, outcomeAt: now, outcomeWords: words },
  });
  if (count === 0) throw new Refusal("signing_over");
}
