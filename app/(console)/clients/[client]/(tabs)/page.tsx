import type { Metadata } from "next";
import Link from "next/link";
import { AccessTable, OwnTable } from "#components/client/access-table.tsx";
import { ClientAside, MoneyAside, VaultAside } from "#components/client/vault-aside.tsx";
import { ReadNow, VaultNotes } from "#components/client/vault-notes.tsx";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Empty } from "#components/ui/states.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { nextStep } from "#lib/client/next-step.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { rowMakers } from "#lib/plan/proven.ts";
import { stageBack } from "../../../matrix/actions.ts";
import { accept, read } from "../actions.ts";
import { clientFacts, clientIdOf, moneyFacts } from "../client-facts.ts";

export const metadata: Metadata = { title: "Client" };

export default async function ClientPage({ params }: { params: Promise<{ client: string }> }) {
  const actor = await pageActor("client.read");
  const { client, now } = await clientFacts(actor, await clientIdOf(params));
  const may = { connect: holds(actor, "client.connect"), exit: holds(actor, "client.exit") };
  const lines = await moneyFacts(actor, client.id);
  const makers = await rowMakers(actor, client.vaults.map(({ ref }) => ref));
  const actions = { readNow: read, accept: holds(actor, "drift.settle") ? accept : null, stage: holds(actor, "matrix.stage") ? stageBack : null };
  const personLinks = holds(actor, "technician.read");
  const several = client.vaults.length > 1;
  const step = nextStep("new", null, now);
  return (
    <>
      <RefreshWhile active={client.vaults.some(({ state }) => state === "connected" || state === "unconfirmed")} everyMs={15_000} />
      <div className="grid grid-cols-[minmax(0,1fr)_328px] max-rail:grid-cols-1">
        <div className="min-w-0">
          {client.vaults.length === 0 ? (
            <Empty title="No vault was asked for yet" actions={may.connect && step ? <Link href={`/clients/${client.id}/connect`} className={buttonClass({ tone: "ink" })}>{step.verb}</Link> : undefined}>
              One tap by their admin connects it. Until then nothing can be seen or changed there.
            </Empty>
          ) : null}
          {client.vaults.map((vault) => (
            <section key={vault.ref} aria-label={several ? `Vault ${vault.vaultId ?? vault.address}` : "Access"} className="border-b border-line last:border-b-0">
              {several ? <h2 className="px-gutter pt-4 pb-1">Vault <span className="mono font-normal text-text-2">{vault.vaultId ?? vault.address}</span></h2> : null}
              <div className="grid gap-2 px-gutter pt-3 empty:hidden"><VaultNotes clientId={client.id} vault={vault} now={now} actions={actions} may={may} /></div>
              {vault.state === "asking" || vault.reading?.readAt === null || vault.reading === null ? (
                <Empty title={vault.state === "asking" ? "They have not connected this vault yet" : "Nothing was read from it yet"}>
                  {vault.state === "asking" ? `Who can open it is shown once their admin has tapped at ${vault.address}.` : "The first answer of a vault takes a few seconds; this page shows it by itself."}
                </Empty>
              ) : (
                <>
                  <div className="flex flex-wrap items-center gap-2 px-gutter pt-3 pb-2 text-12 text-text-3">
                    <span>Read from their vault <RelativeTime at={vault.reading.readAt} /></span>
                    {vault.state === "ended" ? null : <ReadNow vaultRef={vault.ref} readNow={read} />}
                  </div>
                  <AccessTable label={several ? `Who of us can open vault ${vault.vaultId}` : "Who of us can open it"} rows={vault.ours} makers={makers[vault.ref] ?? {}} personLinks={personLinks} claimLinks={personLinks && vault.state !== "ended"} />
                  {vault.own.length > 0 ? (
                    <>
                      <p className="border-y border-line bg-canvas px-gutter py-1.5 text-12 text-text-3">The client’s own. We see the names, we cannot touch them.</p>
                      <OwnTable label={several ? `The client’s own rows in vault ${vault.vaultId}` : "The client’s own"} rows={vault.own} />
                    </>
                  ) : null}
                </>
              )}
            </section>
          ))}
        </div>
        <aside aria-label="About this client" className="border-l border-line max-rail:border-t max-rail:border-l-0">
          {client.vaults.filter(({ state }) => state !== "asking").map((vault) => <VaultAside key={vault.ref} vault={vault} />)}
          {lines?.map((line) => <MoneyAside key={line.id} line={line} />)}
          <ClientAside client={client} may={may} />
        </aside>
      </div>
    </>
  );
}
