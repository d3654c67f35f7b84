/** The actor's signing windows over one plan in the last quarter of an hour: what became of each, and which browser opened it. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { authorize } from "../identity/actor.ts";
import { stateOf, type WindowLine } from "../signing/windows.ts";

const shownForMs = 15 * 60_000;

export async function planWindows(actor: Actor, planId: string, clock: Clock = systemClock, db: Database = database()): Promise<WindowLine[]> {
  authorize(actor, "plan.read");
  const now = clock.now();
  const rows = await read(actor, (tx) => tx.db.signingTicket.findMany({ where: { mspId: actor.mspId, personId: actor.id, kind: { in: ["approve", "cosign"] }, planId, createdAt: { gt: new Date(now.getTime() - shownForMs) } }, orderBy: { createdAt: "desc" }, take: 3 }), db);
  return rows.map((row) => ({
    id: row.ticketId, kind: "approve", label: null, count: 0, state: stateOf(row, now), at: (row.outcomeAt ?? row.tradedAt ?? row.createdAt).getTime(), openedAt: row.tradedAt?.getTime() ?? null,
    openedBy: row.tradedAt ? `${row.tradedAgent ?? "a browser"}, ${row.tradedAddress ?? "unknown address"}` : null, words: row.outcomeWords,
  }));
}
