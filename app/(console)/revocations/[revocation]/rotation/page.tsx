import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { RotationPage } from "#components/revocation/rotation-page.tsx";
import { ServerTime } from "#components/ui/time.tsx";
import { Refusal } from "#lib/errors.ts";
import { pageActor } from "#lib/identity/session.ts";
import { rotationOf } from "#lib/revocation/hand-out.ts";

export const metadata: Metadata = { title: "Rotation list" };

export default async function RotationListPage({ params }: { params: Promise<{ revocation: string }> }) {
  const actor = await pageActor("revocation.read");
  const id = z.uuid().safeParse((await params).revocation);
  if (!id.success) notFound();
  const view = await rotationOf(actor, id.data).catch((error: unknown) => {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    throw error;
  });
  return <ServerTime now={Date.now()}><RotationPage view={view} /></ServerTime>;
}
