import type { ReactNode } from "react";
import { TabLinks } from "#components/shell/tab-links.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { openAlarms } from "#lib/billing/alarms.ts";
import { failedEvents } from "#lib/billing/received.ts";
import { hasTerms } from "#lib/contract/terms.ts";
import { holds } from "#lib/identity/actor.ts";
import { currentActor } from "#lib/identity/session.ts";
import { BILLING_PAGES, CONTRACT, PRICES } from "../pages.ts";

export default async function BillingLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  const money = actor !== undefined && holds(actor, "billing.read");
  const [alarms, failed, terms] = actor ? await Promise.all([money ? openAlarms(actor) : 0, money ? failedEvents(actor) : 0, holds(actor, "contract.read") ? hasTerms(actor) : false]) : [0, 0, false];
  const counts: Readonly<Record<string, number>> = { "/billing/alarms": alarms, "/billing/events": failed };
  return (
    <>
      <PageHeader title="Billing" tabs />
      <div className="no-print">
        <TabLinks
          label="Billing"
          items={[
            ...(money ? BILLING_PAGES.map(({ href, label }) => ({ href, label, ...(counts[href] !== undefined && { count: counts[href] }) })) : []),
            // Without terms nothing says that there could be any.
            ...(terms ? [{ href: CONTRACT.href, label: CONTRACT.label }] : []),
            { href: PRICES.href, label: PRICES.label },
          ]}
        />
      </div>
      {children}
    </>
  );
}
