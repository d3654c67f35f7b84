import type { Metadata } from "next";
import { BoardList } from "#components/revocation/board-list.tsx";
import { ServerTime } from "#components/ui/time.tsx";
import { pageActor } from "#lib/identity/session.ts";
import { listRevocations, removalsOutside } from "#lib/revocation/show.ts";

export const metadata: Metadata = { title: "Revocations" };

export default async function RevocationsPage() {
  const actor = await pageActor("revocation.read");
  return <ServerTime now={Date.now()}><BoardList boards={await listRevocations(actor)} outside={await removalsOutside(actor)} /></ServerTime>;
}
