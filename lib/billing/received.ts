/** The webhooks that came, newest first, with what each changed: for whoever wants to know why a row says what it says. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { EventState } from "./types.ts";

export const eventShows = ["all", "failed", "waiting", "done", "ignored"] as const;
export type EventShow = (typeof eventShows)[number];
export type EventAsk = { readonly show?: EventShow; readonly page?: number };

/** Times in epoch milliseconds. `object`: what it is about, at the provider. `words`: what it changed, or why it was not handled. */
export type EventLine = { readonly id: string; readonly type: string; readonly object: string; readonly at: number; readonly receivedAt: number; readonly deliveries: number; readonly state: EventState; readonly attempts: number; readonly words: string | null };
export type Events = { readonly rows: readonly EventLine[]; readonly counts: Readonly<Record<EventShow, number>>; readonly page: number; readonly pages: number };

/** Throws Refusal `forbidden`, `database_unavailable`. */
export async function readEvents(actor: Actor, { show = "all", page = 1 }: EventAsk = {}, db: Database = database()): Promise<Events> {
  authorize(actor, "billing.read");
  const { mspId } = actor;
  const size = limits.ledgerPage;
  return read(actor, async (tx) => {
    const found = new Map((await tx.db.stripeEvent.groupBy({ by: ["state"], where: { mspId }, _count: true })).map(({ state, _count: count }) => [state, count]));
    const of = (state: EventState) => found.get(state) ?? 0;
    const counts = { all: [...found.values()].reduce((sum, count) => sum + count, 0), failed: of("failed"), waiting: of("waiting"), done: of("done"), ignored: of("ignored") };
    const pages = Math.max(1, Math.ceil(counts[show] / size));
    const at = Math.min(Math.max(1, page), pages);
    const rows = await tx.db.stripeEvent.findMany({
      where: { mspId, ...(show !== "all" && { state: show }) }, orderBy: [{ receivedAt: "desc" }, { eventId: "desc" }], skip: (at - 1) * size, take: size,
      select: { eventId: true, type: true, object: true, createdAt: true, receivedAt: true, deliveries: true, state: true, attempts: true, words: true },
    });
    return { counts, page: at, pages, rows: rows.map(({ eventId: id, createdAt, receivedAt, state, ...row }) => ({ ...row, id, state: state as EventState, at: createdAt.getTime(), receivedAt: receivedAt.getTime() })) };
  }, db);
}

/** How many were given up. Throws Refusal `forbidden`. */
export async function failedEvents(actor: Actor, db: Database = database()): Promise<number> {
  authorize(actor, "billing.read");
  return read(actor, (tx) => tx.db.stripeEvent.count({ where: { mspId: actor.mspId, state: "failed" } }), db);
}
