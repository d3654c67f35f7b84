import type { Metadata } from "next";
import { DetailsForm } from "#components/billing/details-form.tsx";
import { readDetails } from "#lib/billing/details.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { save } from "./actions.ts";

export const metadata: Metadata = { title: "Invoice details" };

export default async function InvoiceDetailsPage() {
  const actor = await pageActor("billing.read");
  return <DetailsForm details={await readDetails(actor)} save={holds(actor, "billing.write") ? save : null} />;
}
