import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { z } from "zod";
import { ExportPage } from "#components/audit/exports.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Refusal } from "#lib/errors.ts";
import { showExport } from "#lib/export/show.ts";
import { pageActor } from "#lib/identity/session.ts";
import { stopExport } from "../../actions.ts";

export const metadata: Metadata = { title: "Export" };

export default async function OneExport({ params }: { params: Promise<{ export: string }> }) {
  const actor = await pageActor("audit.export");
  const id = z.uuid().safeParse((await params).export);
  const found = id.success
    ? await showExport(actor, { id: id.data }).catch((error: unknown) => {
        if (error instanceof Refusal && error.failure.code === "export_gone") return null;
        throw error;
      })
    : null;
  if (!found) notFound();
  return (
    <>
      <PageHeader crumbs={<><Link href="/audit">Audit</Link><span aria-hidden>/</span><Link href="/audit/exports">Exports</Link></>} title="Export" sub={found.query === "" ? "All of the audit." : found.query} />
      <ExportPage given={found} stop={stopExport} />
    </>
  );
}
