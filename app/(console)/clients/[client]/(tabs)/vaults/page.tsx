import type { Metadata } from "next";
import { VaultFactsPart } from "#components/client/vault-facts.tsx";
import { Empty } from "#components/ui/states.tsx";
import { pageActor } from "#lib/identity/session.ts";
import { clientFacts, clientIdOf } from "../../client-facts.ts";

export const metadata: Metadata = { title: "Vaults of a client" };

export default async function ClientVaultsPage({ params }: { params: Promise<{ client: string }> }) {
  const actor = await pageActor("client.read");
  const { client } = await clientFacts(actor, await clientIdOf(params));
  if (client.vaults.length === 0) return <Empty title="There is no vault yet">It appears here with the first request to connect it.</Empty>;
  return <div className="grid gap-4 px-gutter py-4">{client.vaults.map((vault) => <VaultFactsPart key={vault.ref} vault={vault} />)}</div>;
}
