import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { z } from "zod";
import { ConnectImport } from "#components/client/connect-import.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { readAsking } from "#lib/client/connect-state.ts";
import { showImport, type ImportState } from "#lib/client/import-state.ts";
import { Refusal } from "#lib/errors.ts";
import type { Actor } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { away, call, mail, make } from "../actions.ts";

export const metadata: Metadata = { title: "A sheet of clients" };

async function load(actor: Actor, id: string): Promise<ImportState> {
  if (!z.uuid().safeParse(id).success) notFound();
  try {
    return await showImport(actor, id);
  } catch (error) {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    throw error;
  }
}

export default async function ImportPage({ params }: { params: Promise<{ import: string }> }) {
  const actor = await pageActor("client.connect");
  const [sheet, asking] = [await load(actor, (await params).import), await readAsking(actor)];
  return (
    <>
      <PageHeader
        crumbs={<><Link href="/clients" className="link">Clients</Link><span aria-hidden>/</span><Link href="/clients/import" className="link">Bring a CSV</Link></>}
        title={<bdi>{sheet.fileName}</bdi>}
        sub={<>{sheet.rows.length === 1 ? "1 row" : `${sheet.rows.length.toLocaleString("en")} rows`}, brought by <bdi>{sheet.by}</bdi>, <RelativeTime at={sheet.createdAt} />{sheet.cancelledAt === null ? "" : "; put away"}</>}
      />
      <ConnectImport sheet={sheet} asking={asking} actions={{ make, call, mail, away }} />
    </>
  );
}
