import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { SubscriptionPage } from "#components/billing/subscription-page.tsx";
import { readInvoices } from "#lib/billing/invoices.ts";
import { readSubscription } from "#lib/billing/subscription.ts";
import { Refusal } from "#lib/errors.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { tell } from "../../actions.ts";
import { change } from "./actions.ts";

export const metadata: Metadata = { title: "Subscription" };

export default async function Subscription({ params }: { params: Promise<{ subscription: string }> }) {
  const actor = await pageActor("billing.read");
  const { subscription } = await params;
  const facts = await readSubscription(actor, subscription).catch((error: unknown) => {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    throw error;
  });
  const invoices = await readInvoices(actor, { subscription });
  return <SubscriptionPage facts={facts} invoices={invoices.rows} may={{ client: holds(actor, "client.read") }} change={holds(actor, "billing.write") ? change : null} tell={holds(actor, "billing.write") ? tell : null} />;
}
