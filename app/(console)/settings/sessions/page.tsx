import type { Metadata } from "next";
import { SessionList } from "#components/identity/session-list.tsx";
import { pageActor } from "#lib/identity/session.ts";
import { listSessions } from "#lib/identity/sessions.ts";
import { end, endOthers } from "./actions.ts";

export const metadata: Metadata = { title: "My sessions" };

export default async function SessionsPage() {
  const actor = await pageActor("self");
  const sessions = await listSessions(actor);
  return <SessionList sessions={sessions.map((line) => ({ ...line, createdAt: line.createdAt.getTime(), seenAt: line.seenAt.getTime() }))} end={end} endOthers={endOthers} />;
}
