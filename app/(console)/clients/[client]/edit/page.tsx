import type { Metadata } from "next";
import Link from "next/link";
import { DetailsForm } from "#components/client/details-form.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { readDetails } from "#lib/client/edit.ts";
import { pageActor } from "#lib/identity/session.ts";
import { edit } from "../actions.ts";
import { clientIdOf, orNotFound } from "../client-facts.ts";

export const metadata: Metadata = { title: "Edit a client" };

export default async function EditClientPage({ params }: { params: Promise<{ client: string }> }) {
  const actor = await pageActor("client.connect");
  const clientId = await clientIdOf(params);
  const { details, mark } = await orNotFound(readDetails(actor, clientId));
  return (
    <>
      <PageHeader crumbs={<><Link href="/clients" className="rounded-in hover:text-text">Clients</Link><span aria-hidden>/</span><Link href={`/clients/${clientId}`} className="rounded-in hover:text-text"><bdi>{details.name}</bdi></Link></>} title="What is written down about them" sub="Nothing of it reaches their vault." />
      <div className="border-t border-line px-gutter py-5"><div className="max-w-[640px]"><DetailsForm clientId={clientId} details={details} mark={mark} edit={edit} /></div></div>
    </>
  );
}
