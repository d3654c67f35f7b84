import type { Metadata } from "next";
import { WhatIfBoard } from "#components/billing/what-if.tsx";
import { priceListAt } from "#lib/billing/price-list.ts";
import { askOf, readWhatIf } from "#lib/billing/what-if.ts";
import { systemClock } from "#lib/clock.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { textOf, type Search } from "../asked.ts";

export const metadata: Metadata = { title: "What if" };

export default async function WhatIfPage({ searchParams }: { searchParams: Promise<Search> }) {
  const actor = await pageActor("billing.read");
  const search = await searchParams;
  const whatIf = await readWhatIf(actor, askOf({ from: textOf(search.from), free: textOf(search.free), to: textOf(search.to), without: Array.isArray(search.without) ? undefined : search.without }));
  return <WhatIfBoard whatIf={whatIf} published={priceListAt(systemClock.now()).published} may={{ clients: holds(actor, "client.read") }} />;
}
