import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { BoardPage } from "#components/revocation/board-page.tsx";
import { ServerTime } from "#components/ui/time.tsx";
import { Refusal } from "#lib/errors.ts";
import { pageActor } from "#lib/identity/session.ts";
import { showRevocation } from "#lib/revocation/show.ts";
import { apart, ask, plan } from "./actions.ts";

export const metadata: Metadata = { title: "Revocation" };

export default async function RevocationPage({ params }: { params: Promise<{ revocation: string }> }) {
  const actor = await pageActor("revocation.read");
  const id = z.uuid().safeParse((await params).revocation);
  if (!id.success) notFound();
  const view = await showRevocation(actor, id.data).catch((error: unknown) => {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    throw error;
  });
  return <ServerTime now={Date.now()}><BoardPage view={view} deeds={view.may.open ? { ask, plan, apart } : { ask: null, plan: null, apart: null }} /></ServerTime>;
}
