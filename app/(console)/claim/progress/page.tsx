import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { ProgressBoard } from "#components/claim/progress-board.tsx";
import { demoProgress } from "#lib/demo/progress.ts";
import { readPhones } from "#lib/demo/phones.ts";
import { pageActor } from "#lib/identity/session.ts";
import { start } from "./actions.ts";

export const metadata: Metadata = { title: "The demo connects" };

export default async function ProgressPage() {
  const actor = await pageActor("client.connect");
  const progress = await demoProgress(actor);
  if (!progress) notFound();
  if (!progress.hasSigningKey) redirect("/claim");
  const comparing = progress.connectedAt !== null && progress.confirmed < (progress.clients ?? 0);
  return <ProgressBoard progress={progress} phones={comparing ? await readPhones(actor) : null} start={start} />;
}
