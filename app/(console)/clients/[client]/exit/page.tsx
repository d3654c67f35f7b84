import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ExitPage } from "#components/plan/exit-page.tsx";
import { Refusal } from "#lib/errors.ts";
import type { Actor } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { exitsOf } from "#lib/receipt/certificate.ts";
import { previewExit } from "#lib/plan/exit.ts";
import { freezeExit } from "./actions.ts";

export const metadata: Metadata = { title: "Exit of a client" };

const exitOr404 = async (actor: Actor, clientId: string) => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(clientId)) notFound();
  try {
    return await previewExit(actor, { clientId });
  } catch (error) {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    throw error;
  }
};

export default async function ClientExitPage({ params }: { params: Promise<{ client: string }> }) {
  const actor = await pageActor("client.exit");
  const { client } = await params;
  const [preview, ended] = await Promise.all([exitOr404(actor, client), exitsOf(actor, client)]);
  return <ExitPage preview={preview} ended={ended} action={freezeExit} />;
}
