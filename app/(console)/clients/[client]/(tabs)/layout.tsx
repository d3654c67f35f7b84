import type { ReactNode } from "react";
import { ClockCard } from "#components/billing/clock-card.tsx";
import { TellClient } from "#components/billing/tell-client.tsx";
import { ClientHead } from "#components/client/client-head.tsx";
import { TabLinks } from "#components/shell/tab-links.tsx";
import { readClientClocks } from "#lib/billing/running.ts";
import { dayOf } from "#lib/billing/days.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { tell } from "../../../billing/actions.ts";
import { clientFacts, clientIdOf, logFacts, moneyFacts } from "../client-facts.ts";

export default async function ClientLayout({ params, children }: { params: Promise<{ client: string }>; children: ReactNode }) {
  const actor = await pageActor("client.read");
  const { client, now } = await clientFacts(actor, await clientIdOf(params));
  const base = `/clients/${client.id}`;
  const people = new Set(client.vaults.flatMap(({ ours }) => ours.map((row) => row.person?.id ?? row.uid))).size;
  const [clocks, lines, log] = [await readClientClocks(actor, client.id), await moneyFacts(actor, client.id), await logFacts(actor, client.id)];
  const may = { connect: holds(actor, "client.connect"), matrix: holds(actor, "matrix.read"), audit: holds(actor, "audit.read"), subscribe: holds(actor, "billing.write") };
  return (
    <>
      <ClientHead client={client} now={now} log={log} money={lines} may={may} />
      {clocks.length > 0 ? <div className="mx-gutter mt-3 divide-y divide-line overflow-hidden rounded-box">{clocks.map((line) => <ClockCard key={line.subscriptionId} line={line} today={dayOf(now)} linked={lines !== null} more={holds(actor, "billing.write") ? <TellClient line={line} today={dayOf(now)} tell={tell} /> : null} />)}</div> : null}
      <TabLinks
        label={`Pages of ${client.name}`}
        items={[
          { href: base, label: "Access", count: people },
          { href: `${base}/vaults`, label: "Vaults", count: client.vaults.length },
          { href: `${base}/roles`, label: "Roles", count: Math.max(0, ...client.vaults.map(({ roles }) => roles.length)) },
          { href: `${base}/their-view`, label: "Their view" },
          ...(holds(actor, "client.exit") && client.state !== "new" ? [{ href: `${base}/exit`, label: "Exit" }] : []),
        ]}
      />
      {children}
    </>
  );
}
