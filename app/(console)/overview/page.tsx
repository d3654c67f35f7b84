import { Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { Estate } from "#components/overview/estate.tsx";
import { NeedsList } from "#components/overview/needs-list.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Empty } from "#components/ui/states.tsx";
import { exactTime } from "#components/ui/time-text.ts";
import { ServerTime } from "#components/ui/time.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { readOverview } from "#lib/overview/load.ts";
import { headline } from "#lib/overview/needs.ts";

export const metadata: Metadata = { title: "Overview" };

export default async function OverviewPage() {
  const actor = await pageActor("client.read");
  const { needs, estate, facts, drawnAt } = await readOverview(actor);
  const onboard = holds(actor, "client.connect") ? (
    <Link href="/clients/new" className={buttonClass({ tone: "ink" })}>
      <Plus aria-hidden />
      Onboard a client
    </Link>
  ) : null;
  return (
    <ServerTime now={drawnAt.getTime()}>
      <PageHeader crumbs={exactTime(drawnAt.getTime())} title={headline(needs.length)} large actions={onboard} />
      <div className="grid grid-cols-[minmax(0,1fr)_324px] border-t border-line max-rail:grid-cols-1">
        {needs.length > 0 ? (
          <NeedsList needs={needs} />
        ) : (
          <Empty title={facts.vaults > 0 ? "Every vault was read and is as we want it" : "No client is connected yet"} actions={facts.vaults > 0 ? null : onboard}>
            {facts.vaults > 0 ? "What needs a person appears here by itself, the most harmful first." : "Ask a client's admin for one tap at their own vault. What it holds appears in the matrix."}
          </Empty>
        )}
        <div className="border-l border-line max-rail:border-t max-rail:border-l-0">
          <Estate vaults={estate} facts={facts} />
        </div>
      </div>
    </ServerTime>
  );
}
