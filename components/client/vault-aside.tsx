import Link from "next/link";
import type { ReactNode } from "react";
import { buttonClass } from "#components/ui/button-class.ts";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Money } from "#components/ui/money.tsx";
import { RoleLetter } from "#components/ui/role-letter.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { longDay } from "#lib/billing/clock-words.ts";
import type { LedgerLine } from "#lib/billing/ledger.ts";
import { onwards } from "#lib/billing/onwards.ts";
import { planOf } from "#lib/billing/plan.ts";
import { grantFacts } from "#lib/client/grant-words.ts";
import { exitStep } from "#lib/client/next-step.ts";
import type { ClientFacts, VaultFacts } from "#lib/client/show.ts";
import { ProbeStrip } from "./probe-strip.tsx";
import { TokenSlots } from "./token-slots.tsx";

const Part = ({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) => (
  <section className="border-b border-line py-4 pr-gutter pl-5 last:border-b-0 max-rail:pl-gutter">
    <div className="flex items-baseline gap-2"><h2>{title}</h2>{aside}</div>
    {children}
  </section>
);

/** What belongs to one vault, beside who can open it. */
export function VaultAside({ vault }: { vault: VaultFacts }) {
  const { tokens, probed } = vault;
  const free = tokens && tokens.limit !== null ? Math.max(0, tokens.limit - tokens.used) : null;
  return (
    <>
      <Part title="Tokens" aside={tokens ? <><span className="text-text-3">{tokens.limit === null ? `${tokens.used}, no limit` : `${tokens.used} of ${tokens.limit}`}</span>{free === null ? null : <span className={`ml-auto text-12 ${free === 0 ? "font-medium text-danger-text" : "text-text-2"}`}>{free === 0 ? "none free" : `${free} free`}</span>}</> : null}>
        {tokens ? <TokenSlots slots={vault.slots} used={tokens.used} limit={tokens.limit} /> : <p className="mt-1 text-text-2">Not known before the vault was read.</p>}
      </Part>
      <Part title="Blind probe" aside={<span className="ml-auto text-12 text-text-2">24 h</span>}>
        <ProbeStrip hours={vault.strip.map((hour) => ({ key: hour.from, result: hour.result }))} label={`${probed.blind} of ${probed.tried} probes in the last day showed nothing to read`} />
        <p className="text-pretty text-text-2">
          {probed.tried === 0 ? "Every hour our token asks to list, search and open. It was not tried in the last day." : `Every hour our token asks to list, search and open. It got nothing, ${probed.blind} times of ${probed.tried}. It sees names, times, and how many entries carry a number.`}
        </p>
      </Part>
      <Part title="What they allow">
        {vault.grant ? (
          <KeyValues
            className="mt-1"
            of={grantFacts(vault.grant, vault.roles).map((fact) => ({
              key: fact.key, label: fact.label,
              value: <span className="inline-flex flex-wrap items-center gap-1.5" data-hint={fact.sentence}>{fact.key === "people" ? `${fact.short}, ${vault.ours.length} used` : fact.short}{fact.wide ? <Badge state="attention">wide</Badge> : null}</span>,
            }))}
          />
        ) : (
          <p className="mt-1 text-text-2">{vault.state === "asking" ? "They have not answered yet." : "What the vault says of it cannot be read, so nothing is shown as allowed."}</p>
        )}
      </Part>
    </>
  );
}

/** What its subscription costs: for whoever sees money. */
export function MoneyAside({ line }: { line: LedgerLine }) {
  const { currency, locked, list, saved, since, renewsOn, renews, goesOn, collection } = line;
  const money = (minor: number) => <Money of={{ minor, currency }} minorUnits="whenNeeded" />;
  return (
    <Part title="Money" aside={<Link prefetch={false} className="link ml-auto text-12" href={`/billing/subscriptions/${line.id}`}>Subscription</Link>}>
      <KeyValues
        className="mt-1"
        of={[
          { key: "lock", label: since === null ? "Price" : "Lock", value: <>{money(locked)}{` a year, ${planOf(line.plan).name}`}{since === null ? <span className="block text-12 text-text-3">locks with its first charge</span> : null}</> },
          { key: "list", label: "Today’s list", value: list === null ? <span className="text-text-3">not published in {currency}</span> : money(list) },
          { key: "saved", label: "Saved so far", value: saved === 0 ? <span className="text-text-3">nothing yet</span> : money(saved) },
          ...(renewsOn === null ? [] : [{ key: "renews", label: renews ? "Renews" : goesOn ? "Until" : "Ends", value: `${longDay(renewsOn)}, ${goesOn ? `then ${onwards(goesOn, currency)}` : collection === "card" ? "by card" : "by invoice"}` }]),
        ]}
      />
    </Part>
  );
}

/** What belongs to the client as a whole. */
export function ClientAside({ client, may }: { client: ClientFacts; may: { exit: boolean } }) {
  const { contact } = client;
  const exit = exitStep(client.vaults.map(({ state }) => state), client.exitStartedAt);
  const known = contact.name !== "" || contact.phone !== "" || contact.mail !== "";
  return (
    <>
      <Part title="Their people">
        {known ? (
          <KeyValues
            className="mt-1"
            of={[
              { key: "name", label: "IT admin", value: contact.name ? <bdi>{contact.name}</bdi> : <span className="text-text-3">not named</span> },
              ...(contact.phone ? [{ key: "phone", label: "Telephone", value: <a className="mono rounded-in hover:underline" href={`tel:${contact.phone.replaceAll(/[^+0-9]/g, "")}`}>{contact.phone}</a> }] : []),
              ...(contact.mail ? [{ key: "mail", label: "Mail", value: <a className="rounded-in [overflow-wrap:anywhere] hover:underline" href={`mailto:${encodeURIComponent(contact.mail).replaceAll("%40", "@")}`}>{contact.mail}</a> }] : []),
            ]}
          />
        ) : (
          <p className="mt-1 text-pretty text-text-2">Nobody is written down. A number that you already have is what codes are compared on.</p>
        )}
      </Part>
      {may.exit && exit !== null ? (
        <Part title="Exit" aside={client.exitStartedAt === null ? null : <span className="ml-auto text-12 text-text-2"><RelativeTime at={client.exitStartedAt} /></span>}>
          <p className="mt-0.5 mb-2.5 text-pretty text-text-2">{exit.words}</p>
          <Link href={`/clients/${client.id}/exit`} className={buttonClass({ tone: exit.kind === "start" ? "danger" : "ink" })}>{exit.verb}</Link>
        </Part>
      ) : null}
    </>
  );
}

/** One role of the dictionary as its letter. */
export const RoleName = ({ letter, name }: { letter: string; name: string }) => (
  <span className="inline-flex items-center gap-2"><RoleLetter letter={letter} name={name} /><span aria-hidden>{name}</span></span>
);
