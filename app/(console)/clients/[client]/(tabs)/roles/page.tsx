import type { Metadata } from "next";
import Link from "next/link";
import { ScopeTable } from "#components/client/scope-table.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Empty } from "#components/ui/states.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { clientFacts, clientIdOf } from "../../client-facts.ts";

export const metadata: Metadata = { title: "Roles at a client" };

export default async function ClientRolesPage({ params }: { params: Promise<{ client: string }> }) {
  const actor = await pageActor("client.read");
  const { client } = await clientFacts(actor, await clientIdOf(params));
  const vaults = client.vaults.filter(({ state }) => state !== "asking");
  if (vaults.length === 0) return <Empty title="No number is known yet">Which number a role has is named by the client when they connect, or set under Roles.</Empty>;
  return (
    <>
      {vaults.map((vault) => (
        <section key={vault.ref} aria-label={`Role numbers in vault ${vault.vaultId}`} className="border-b border-line last:border-b-0">
          <div className="flex flex-wrap items-start gap-3 px-gutter pt-4 pb-3">
            <div className="min-w-0 flex-1 basis-64">
              <h2>Role numbers{client.vaults.length > 1 ? <> in vault <span className="mono font-normal">{vault.vaultId}</span></> : null}</h2>
              <p className="mt-0.5 max-w-[70ch] text-pretty text-text-2">A role is the same word at every client and a number of its own in each vault. How many entries carry a number is all that we see of them.</p>
            </div>
            {holds(actor, "role.read") ? <Link href="/roles" className={buttonClass({})}>All roles</Link> : null}
          </div>
          <ScopeTable label={`Numbers in vault ${vault.vaultId}`} scopes={vault.scopes} />
        </section>
      ))}
    </>
  );
}
