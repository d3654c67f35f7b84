import type { Metadata } from "next";
import { ConnectNew } from "#components/client/connect-new.tsx";
import { ConnectPreview } from "#components/client/connect-preview.tsx";
import { ConnectShell } from "#components/client/connect-shell.tsx";
import { readAsking } from "#lib/client/connect-state.ts";
import { env } from "#lib/env.ts";
import { pageActor } from "#lib/identity/session.ts";
import { defaultWant } from "#lib/client/request.ts";
import { create } from "./actions.ts";

export const metadata: Metadata = { title: "Onboard a client" };

export default async function NewClientPage() {
  const actor = await pageActor("client.connect");
  const { organisation, signers, roles, technicians } = await readAsking(actor);
  return (
    <ConnectShell
      name={null} step="client"
      preview={<ConnectPreview reader={null} host={null} origin={env().APP_ORIGIN} organisation={organisation} grant={defaultWant(Math.max(1, technicians))} roles={roles.map(({ name }) => ({ name, scope: null }))} signers={signers} code1={null} />}
    >
      <ConnectNew action={create} />
    </ConnectShell>
  );
}
