import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { z } from "zod";
import { ConnectBounds } from "#components/client/connect-bounds.tsx";
import { ConnectCompare } from "#components/client/connect-compare.tsx";
import { ConnectFound } from "#components/client/connect-found.tsx";
import { ConnectPreview } from "#components/client/connect-preview.tsx";
import { ConnectShell } from "#components/client/connect-shell.tsx";
import { ConnectWait } from "#components/client/connect-wait.tsx";
import { planName } from "#components/client/words.ts";
import { showConnect, type ConnectState } from "#lib/client/connect-state.ts";
import { defaultWant } from "#lib/client/request.ts";
import type { Step } from "#lib/client/steps.ts";
import { env } from "#lib/env.ts";
import { Refusal } from "#lib/errors.ts";
import { pageActor } from "#lib/identity/session.ts";
import { listWindows } from "#lib/signing/windows.ts";
import { again, ask, cancel, confirm, giveUp, mail, paste } from "./actions.ts";

export const metadata: Metadata = { title: "Connect" };

type Props = { params: Promise<{ client: string }>; searchParams: Promise<{ step?: string }> };

/** What a finished step came to, under its name. */
function factsOf({ client, vault, request, answered }: ConnectState): Partial<Record<Step, string>> {
  const bounds = answered?.grant ?? request?.want;
  return {
    client: [client.name, planName(client.plan), ...client.tags].join(", "),
    ...(vault && bounds && { bounds: `${new URL(vault.address).host}, at most ${bounds.max_agents} people` }),
    ...(answered && { connect: `Vault ${answered.vaultId}` }),
    ...(answered?.confirmedBy && { compare: `By ${answered.confirmedBy}` }),
  };
}

async function load(clientId: string, actor: Awaited<ReturnType<typeof pageActor>>): Promise<ConnectState> {
  if (!z.uuid().safeParse(clientId).success) notFound();
  try {
    return await showConnect(actor, clientId);
  } catch (error) {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    throw error;
  }
}

export default async function ConnectPage({ params, searchParams }: Props) {
  const actor = await pageActor("client.connect");
  const state = await load((await params).client, actor);
  const { client, vault, request, answered, found, offer } = state;
  if (client.ended) redirect("/clients");
  const { APP_ORIGIN: origin, DEMO_VAULTS } = env();
  const facts = factsOf(state);
  const step = (await searchParams).step === "bounds" ? "bounds" : state.step;
  if (step === "bounds" || step === "client" || vault === null) {
    const before = vault && { address: vault.address, want: answered?.grant ?? request?.want ?? defaultWant(Math.max(1, offer.technicians)), roles: (request?.roles ?? offer.roles).map(({ name }) => name).filter((name) => offer.roles.some((role) => role.name === name)), state: vault.state };
    return <ConnectBounds client={{ id: client.id, name: client.name, contact: client.contact.name }} asking={offer} origin={origin} facts={facts} before={before} newVault={DEMO_VAULTS ?? null} ask={ask} />;
  }
  const shown = step === "connect" ? null : answered;
  const preview = (
    <ConnectPreview
      reader={client.contact.name === "" ? null : client.contact.name} host={new URL(vault.address).host} origin={origin} organisation={offer.organisation} grant={shown?.grant ?? request?.want ?? defaultWant(1)}
      roles={shown?.roles ?? request?.roles ?? []} signers={request?.signers ?? offer.signers} code1={request?.code1 ?? null}
    />
  );
  const windows = step === "compare" ? await listWindows(actor, "confirm") : [];
  return (
    <ConnectShell name={client.name} step={step} facts={facts} preview={preview}>
      {step === "connect" && request ? <ConnectWait client={client} vaultRef={vault.ref} request={request} actions={{ mail, cancel, paste, again }} /> : null}
      {step === "compare" && answered ? <ConnectCompare client={client} vaultRef={vault.ref} answered={answered} code1={request?.code1 ?? null} windows={windows} confirm={confirm} giveUp={giveUp} /> : null}
      {step === "found" ? <ConnectFound client={client} answered={answered} found={found} /> : null}
    </ConnectShell>
  );
}
