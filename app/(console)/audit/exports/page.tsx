import type { Metadata } from "next";
import Link from "next/link";
import { ExportList } from "#components/audit/exports.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { listExports } from "#lib/export/show.ts";
import { pageActor } from "#lib/identity/session.ts";

export const metadata: Metadata = { title: "Exports" };

export default async function ExportsPage() {
  const actor = await pageActor("audit.export");
  const exports = await listExports(actor);
  return (
    <>
      <PageHeader crumbs={<Link href="/audit">Audit</Link>} title="Exports" sub="Files of the audit, each sealed with this installation’s key and kept for seven days." />
      <ExportList exports={exports} />
    </>
  );
}
