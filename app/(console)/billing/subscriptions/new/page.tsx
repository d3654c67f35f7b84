import type { Metadata } from "next";
import { z } from "zod";
import { OpeningList } from "#components/billing/opening-list.tsx";
import { SubscribeForm } from "#components/billing/subscribe-form.tsx";
import { ServerTime } from "#components/ui/time.tsx";
import { subscribeForm } from "#lib/billing/subscribable.ts";
import { systemClock } from "#lib/clock.ts";
import { pageActor } from "#lib/identity/session.ts";
import { begin } from "./actions.ts";

export const metadata: Metadata = { title: "Subscribe a client" };

const asked = z.object({ client: z.uuid().optional().catch(undefined) });

export default async function NewSubscription({ searchParams }: { searchParams: Promise<Record<string, unknown>> }) {
  const actor = await pageActor("billing.write");
  const { client: first } = asked.parse(await searchParams);
  const form = await subscribeForm(actor, { first });
  return (
    <ServerTime now={systemClock.now().getTime()}>
      <h2 className="px-gutter pt-4 text-left text-20 font-semibold">Subscribe a client</h2>
      <SubscribeForm form={form} first={first} begin={begin} />
      {form.openings.length > 0 ? <OpeningList openings={form.openings} /> : null}
    </ServerTime>
  );
}
