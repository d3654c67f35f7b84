import type { Metadata } from "next";
import { Suspense } from "react";
import { ClientList, OnboardLinks } from "#components/client/client-list.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { LoadingPage } from "#components/ui/states.tsx";
import { holds, type Actor } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { listClients } from "#lib/client/list.ts";

export const metadata: Metadata = { title: "Clients" };

const WIDTHS = ["minmax(0,2fr)", "64px", "132px", "minmax(0,1fr)", "104px"] as const;

// The right is asked before anything is sent, so that a refusal has its own status; only then the rows may take their time.
export default async function ClientsPage() {
  const actor = await pageActor("client.read");
  return (
    <Suspense fallback={<LoadingPage what="the clients" widths={WIDTHS} />}>
      <Clients actor={actor} />
    </Suspense>
  );
}

async function Clients({ actor }: { actor: Actor }) {
  const now = new Date().getTime();
  const { lines, more } = await listClients(actor, now);
  const may = { connect: holds(actor, "client.connect") };
  return (
    <>
      <PageHeader title={lines.length === 0 ? "Clients" : lines.length === 1 ? "1 client" : `${lines.length.toLocaleString("en")} clients`} actions={may.connect && lines.length > 0 ? <OnboardLinks /> : null} />
      <ClientList lines={lines} more={more} now={now} may={may} />
    </>
  );
}
