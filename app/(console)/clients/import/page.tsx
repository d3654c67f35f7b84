import type { Metadata } from "next";
import Link from "next/link";
import { ConnectImportList, ConnectImportUpload } from "#components/client/connect-import-upload.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { listImports } from "#lib/client/import-state.ts";
import { pageActor } from "#lib/identity/session.ts";
import { limits } from "#lib/limits.ts";
import { bring } from "./actions.ts";

export const metadata: Metadata = { title: "Bring a CSV" };

export default async function ImportsPage() {
  const actor = await pageActor("client.connect");
  const lines = await listImports(actor);
  return (
    <>
      <PageHeader crumbs={<><Link href="/clients" className="link">Clients</Link><span aria-hidden>/</span><span>Bring a CSV</span></>} title="Many clients at once" sub="Each row becomes a client with a link of its own. You see what would be made first; then there is a list of whom to call." />
      <ConnectImportUpload bring={bring} most={limits.importCharacters} rows={limits.importRows} />
      <ConnectImportList lines={lines} />
    </>
  );
}
