import type { Metadata } from "next";
import { RecordList } from "#components/record/record-list.tsx";
import { pageActor } from "#lib/identity/session.ts";
import { listRecords } from "#lib/record/list.ts";

export const metadata: Metadata = { title: "Records" };

export default async function RecordsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await pageActor("record.read");
  const { after } = await searchParams;
  const page = await listRecords(actor, typeof after === "string" ? after : undefined);
  return <RecordList lines={page.lines.map((line) => ({ ...line, at: line.at.getTime() }))} next={page.next} isFirst={after === undefined} />;
}
