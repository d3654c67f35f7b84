/** What time does by itself: renewals, drafts that become invoices, cards tried again, due dates that pass, transfers that arrive. */
import { attempt, finalize, pay } from "./invoices.ts";
import type { Subscription } from "./objects.ts";
import { itemOf, renew } from "./subscriptions.ts";
import { emit, type World } from "./world.ts";

type Deed = { at: number; work: () => void };

/** The subscriptions that time still works on; kept apart, so that ended ones cost nothing. */
const living = (world: World, clock: string | null): Subscription[] =>
  [...world.store.of("subscription").values()].filter(({ test_clock, status }) => test_clock === clock && status !== "canceled" && status !== "incomplete_expired");

function* deeds(world: World, clock: string | null): Generator<Deed> {
  for (const subscription of living(world, clock)) {
    if (subscription.status === "incomplete") continue;
    yield { at: itemOf(subscription).current_period_end, work: () => renew(world, subscription) };
  }
  for (const invoice of world.store.liveInvoices) {
    if (invoice.test_clock !== clock) continue;
    if (invoice.status === "draft") {
      if (invoice.auto_advance && invoice.automatically_finalizes_at !== null) yield { at: invoice.automatically_finalizes_at, work: () => finalize(world, invoice) };
      continue;
    }
    if (invoice.next_payment_attempt !== null) yield { at: invoice.next_payment_attempt, work: () => void attempt(world, invoice) };
    if (invoice.inner_paysAt !== null) yield { at: invoice.inner_paysAt, work: () => pay(world, invoice) };
    if (invoice.due_date !== null && !invoice.inner_overdue) {
      yield {
        at: invoice.due_date,
        work: () => {
          invoice.inner_overdue = true;
          emit(world, "invoice.overdue", invoice);
          const subscription = world.store.get("subscription", invoice.parent.subscription_details.subscription);
          if (subscription.status !== "active") return;
          subscription.status = "past_due";
          emit(world, "customer.subscription.updated", subscription);
        },
      };
    }
  }
  for (const session of world.store.of("checkout.session").values()) {
    if (session.status === "open" && session.test_clock === clock) {
      yield {
        at: session.expires_at,
        work: () => {
          Object.assign(session, { status: "expired", url: null });
          emit(world, "checkout.session.expired", session);
        },
      };
    }
  }
}

/** Runs a time forward, deed by deed in their order; `setTime` is told each moment before it happens. */
export function run(world: World, clock: string | null, until: number, setTime: (at: number) => void): void {
  for (;;) {
    let first: Deed | undefined;
    for (const deed of deeds(world, clock)) if (deed.at <= until && (first === undefined || deed.at < first.at)) first = deed;
    if (first === undefined) return;
    setTime(first.at);
    first.work();
  }
}
