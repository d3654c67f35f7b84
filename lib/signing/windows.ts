/** The signing windows of a person, as the console shows them: it learns the outcome here, never from the window itself. */
import type { Database } from "../db/client.ts";
import { database } from "../db/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import type { Permission } from "../identity/permission.ts";
import type { TicketKind } from "./window.ts";

export type WindowState = "waiting" | "open" | "done" | "declined" | "refused" | "over";
/** Times in epoch milliseconds. */
export type WindowLine = { id: string; kind: TicketKind; label: string | null; count: number; state: WindowState; at: number; openedAt: number | null; openedBy: string | null; words: string | null };

type Row = { outcome: string | null; tradedAt: Date | null; ticketExpiresAt: Date; secretExpiresAt: Date | null };

/** Pure: where a window stands at `now`. */
export function stateOf({ outcome, tradedAt, ticketExpiresAt, secretExpiresAt }: Row, now: Date): WindowState {
  if (outcome === "done" || outcome === "declined" || outcome === "refused") return outcome;
  if (tradedAt === null) return ticketExpiresAt > now ? "waiting" : "over";
  return secretExpiresAt !== null && secretExpiresAt > now ? "open" : "over";
}

const shownForMs = 15 * 60_000;

const permissionFor = { enrol: "signing_key.enrol", endorse: "inbox_key.endorse", confirm: "client.connect", approve: "plan.release", cosign: "plan.release" } as const satisfies Record<TicketKind, Permission>;

/** The actor's windows of one kind in the last quarter of an hour, newest first. */
export async function listWindows(actor: Actor, kind: TicketKind, clock: Clock = systemClock, db: Database = database()): Promise<WindowLine[]> {
  authorize(actor, permissionFor[kind]);
  const now = clock.now();
  const rows = await read(actor, (tx) =>
    tx.db.signingTicket.findMany({ where: { mspId: actor.mspId, personId: actor.id, kind, createdAt: { gt: new Date(now.getTime() - shownForMs) } }, orderBy: { createdAt: "desc" }, take: 5 }), db);
  return rows.map((row) => ({
    id: row.ticketId, kind, label: row.label, count: row.inboxKeyIds.length + row.vaultRefs.length, state: stateOf(row, now), at: (row.outcomeAt ?? row.tradedAt ?? row.createdAt).getTime(),
    openedAt: row.tradedAt?.getTime() ?? null, openedBy: row.tradedAt ? `${row.tradedAgent ?? "a browser"}, ${row.tradedAddress ?? "unknown address"}` : null, words: row.outcomeWords,
  }));
}
