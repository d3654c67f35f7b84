import type { ReactNode } from "react";
import { TabLinks } from "#components/shell/tab-links.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { openAlarms } from "#lib/billing/alarms.ts";
import { failedEvents } from "#lib/billing/received.ts";
import { hasTerms } from "#lib/contract/terms.ts";
import { holds } from "#lib/identity/actor.ts";
import { currentActor } from "#lib/identity/session.ts";

export default async function BillingLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  const money = actor !== undefined && holds(actor, "billing.read");
  const [alarms, failed, terms] = actor ? await Promise.all([money ? openAlarms(actor) : 0, money ? failedEvents(actor) : 0, holds(actor, "contract.read") ? hasTerms(actor) : false]) : [0, 0, false];
  return (
    <>
      <PageHeader title="Billing" tabs />
      <div className="no-print">
        <TabLinks
          label="Billing"
          items={[
            ...(money ? [{ href: "/billing", label: "Subscriptions" }, { href: "/billing/invoices", label: "Invoices" }, { href: "/billing/statements", label: "Statements" }, { href: "/billing/renewals", label: "Renewals" }, { href: "/billing/what-if", label: "What if" }, { href: "/billing/alarms", label: "Alarms", count: alarms }, { href: "/billing/events", label: "Events", count: failed }, { href: "/billing/details", label: "Details" }] : []),
            // Without terms nothing says that there could be any.
            ...(terms ? [{ href: "/billing/contract", label: "Contract" }] : []),
            { href: "/billing/plans", label: "Plans and limits" },
          ]}
        />
      </div>
      {children}
    </>
  );
}
