import type { Metadata } from "next";
import { EventTable } from "#components/billing/event-table.tsx";
import { ServerTime } from "#components/ui/time.tsx";
import { readEvents } from "#lib/billing/received.ts";
import { systemClock } from "#lib/clock.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { eventAskOf, type Search } from "../asked.ts";
import { again, allAgain } from "./actions.ts";

export const metadata: Metadata = { title: "Events of the payment provider" };

export default async function EventsPage({ searchParams }: { searchParams: Promise<Search> }) {
  const actor = await pageActor("billing.read");
  const events = await readEvents(actor, eventAskOf(await searchParams));
  return (
    <ServerTime now={systemClock.now().getTime()}>
      <EventTable events={events} again={holds(actor, "billing.write") ? { one: again, all: allAgain } : null} />
    </ServerTime>
  );
}
