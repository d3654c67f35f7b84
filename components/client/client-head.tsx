import { ExternalLink, Grid3x3, Pencil, ScrollText } from "lucide-react";
import Link from "next/link";
import { auditHref, pullWords, shortTime } from "#components/audit/words.ts";
import { Badge } from "#components/ui/badge.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Chip } from "#components/ui/chip.tsx";
import { cx } from "#components/ui/class-names.ts";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Glyph } from "#components/ui/glyph.tsx";
import { Money } from "#components/ui/money.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { calendarDate } from "#components/ui/time-text.ts";
import { RelativeTime } from "#components/ui/time.tsx";
import type { ReactNode } from "react";
import type { ClientLog } from "#lib/audit/client-log.ts";
import { longDay } from "#lib/billing/clock-words.ts";
import type { LedgerLine } from "#lib/billing/ledger.ts";
import { capital } from "#lib/capital.ts";
import { conditionKind, conditionOf, worstOf } from "#lib/client/condition.ts";
import { probeWords } from "#lib/client/probe-words.ts";
import type { ClientFacts } from "#lib/client/show.ts";
import { planName, STATE_WORDS } from "./words.ts";

type Shown = { client: ClientFacts; now: number; /** null: the audit is not this person's. */ log: { log: ClientLog | null } | null; /** null: money is not this person's. */ money: readonly LedgerLine[] | null };

/** `may`: what this person may do; links to pages that they cannot open are left out. */
export function ClientHead({ may, ...shown }: Shown & { may: { connect: boolean; matrix: boolean; audit: boolean; subscribe: boolean } }) {
  const { client } = shown;
  const base = `/clients/${client.id}`;
  const [first] = client.vaults;
  return (
    <>
      <PageHeader
        tabs
        crumbs={<><Link href="/clients" className="rounded-in hover:text-text">Clients</Link><span aria-hidden>/</span>{first?.vaultId ? <CopyableId id={first.vaultId} what="vault" /> : <CopyableId id={client.id} what="client" />}</>}
        title={<span className="flex flex-wrap items-baseline gap-x-2"><bdi className="min-w-0 [overflow-wrap:anywhere]">{client.name}</bdi>{client.place ? <bdi className="font-normal text-text-3">{client.place}</bdi> : null}</span>}
        sub={<span className="flex flex-wrap items-center gap-1.5 pt-1"><Badge>{planName(client.plan)}</Badge>{client.state === "connected" ? null : <Badge state={client.state === "stopped" ? "refused" : "attention"}>{STATE_WORDS[client.state]}</Badge>}{client.tags.map((tag) => <Link key={tag} href={`/clients?tag=${encodeURIComponent(tag)}`} prefetch={false} className="rounded-in"><Chip qualifier="tag"><bdi>{tag}</bdi></Chip></Link>)}{client.region ? <span className="text-12 text-text-3"><bdi>{client.region}</bdi></span> : null}</span>}
        actions={
          <>
            {may.connect ? <Link href={`${base}/edit`} className={buttonClass({})}><Pencil aria-hidden />Edit</Link> : null}
            <Link href={`${base}/their-view`} className={buttonClass({})}><ExternalLink aria-hidden />Their page</Link>
            {may.audit ? <Link href={`/audit?q=${encodeURIComponent(`since:30d client:${client.id}`)}`} className={buttonClass({})}><ScrollText aria-hidden />Audit</Link> : null}
            {may.matrix ? <Link href={`/matrix?q=${encodeURIComponent(`client:"${client.name}"`)}`} className={buttonClass({ tone: "ink" })}><Grid3x3 aria-hidden />Open in the matrix</Link> : null}
          </>
        }
      />
      <Strip {...shown} subscribes={may.subscribe} />
    </>
  );
}

function Fact({ label, children, small, spare }: { label: string; children: ReactNode; small: ReactNode; /** Left out between thumb and rail, where four fit. */ spare?: boolean }) {
  return (
    <div className={cx("min-w-0 border-l border-line px-4 pt-3 pb-3.5 first:border-l-0 first:pl-0 max-thumb:border-l-0 max-thumb:py-1.5 max-thumb:pr-2 max-thumb:pl-0", spare && "max-rail:hidden max-thumb:block")}>
      <dt className="text-12 text-text-3">{label}</dt>
      <dd className="mt-0.5">
        <p className="flex items-center gap-1.5 font-medium">{children}</p>
        <p className="mt-px text-12 text-pretty text-text-2">{small}</p>
      </dd>
    </div>
  );
}

/** How far its log is here, and whether it holds. */
function LogFact({ client, log, now }: { client: ClientFacts; log: ClientLog | null; now: number }) {
  if (log === null) return <Fact label="Log" spare small="It is read from the moment a vault is connected."><Glyph state="none" />Nothing to read yet</Fact>;
  const { state, completeUntil, since, tampering, vaults } = log;
  const until = completeUntil === null ? null : shortTime(completeUntil, now);
  const whole = tampering === 0 && state !== "broken";
  const small = whole ? [state === "ok" ? null : until === null ? "nothing is complete yet" : `complete until ${until}`, since === null ? null : `chain whole since ${calendarDate(since)}`, vaults > 1 ? `${vaults} vaults` : null] : [until === null ? null : `complete until ${until}`, "see what was found in the audit"];
  const words = !whole ? (tampering > 0 ? `${tampering} ${tampering === 1 ? "sign" : "signs"} of tampering` : "Its chain does not hold") : state === "ok" && until !== null ? `Complete until ${until}` : capital(pullWords[state].words);
  return (
    <Fact label="Log" spare small={small.filter((part) => part !== null).join(", ")}>
      <Glyph state={whole ? pullWords[state].state : "refused"} />
      <Link prefetch={false} className="rounded-in hover:underline" href={auditHref(`since:30d client:${client.id}`)}>{words}</Link>
    </Fact>
  );
}

/** What it costs, for whoever sees money; else, and where nothing is paid, which plan it is. */
function PlanFact({ client, money, subscribes }: { client: ClientFacts; money: readonly LedgerLine[] | null; subscribes: boolean }) {
  const [line] = money ?? [];
  if (line === undefined) {
    const since = client.payer === "msp" ? `paid by you, client since ${calendarDate(client.createdAt)}` : `paid by the client, since ${calendarDate(client.createdAt)}`;
    const missing = money !== null && client.payer === "msp" && client.endedAt === null && client.exitStartedAt === null;
    return (
      <Fact label="Plan" small={missing ? <>no subscription yet{subscribes ? <>: <Link prefetch={false} className="link" href={`/billing/subscriptions/new?client=${client.id}`}>subscribe</Link></> : null}</> : since}>
        {planName(client.plan)}
      </Fact>
    );
  }
  const { locked, list, currency, since, renewsOn, renews, goesOn } = line;
  const amount = (minor: number) => <Money of={{ minor, currency }} minorUnits="whenNeeded" />;
  return (
    <Fact label={since === null ? "Price" : "Lock"} small={<>{list === null ? "no list price" : list === locked ? "list is the same" : <>list {amount(list)}</>}{renewsOn === null ? null : <span className={renews || goesOn ? undefined : "text-danger-text"}>{`, ${renews ? "renews" : goesOn ? "until" : "ends"} ${longDay(renewsOn)}`}</span>}</>}>
      <Link prefetch={false} className="rounded-in hover:underline" href={`/billing/subscriptions/${line.id}`}>{amount(locked)} a year</Link>
    </Fact>
  );
}

/** The five answers at a glance. Of several vaults the worst one speaks. */
function Strip({ client, now, log, money, subscribes }: Shown & { subscribes: boolean }) {
  const alive = client.vaults.filter(({ state }) => state !== "ended");
  const shown = alive.length > 0 ? alive : client.vaults;
  const kinds = shown.map(conditionKind);
  const worst = shown[kinds.indexOf(worstOf(kinds))];
  const ours = alive.flatMap((vault) => vault.ours);
  const people = new Set(ours.map((row) => row.person?.id ?? row.uid)).size;
  const full = new Set(ours.filter(({ letters }) => letters.full).map((row) => row.person?.id ?? row.uid)).size;
  const ending = ours.filter(({ ending: soon }) => soon).length;
  const probed = alive.toSorted((a, b) => (a.probe.result === "not_blind" ? -1 : b.probe.result === "not_blind" ? 1 : a.probe.result === "unproven" ? -1 : 0))[0];
  const probe = probed ? probeWords(probed.probe, now) : null;
  const condition = worst ? conditionOf(worst) : null;
  return (
    <dl className={cx("mx-gutter mt-3 grid border-t border-line max-rail:grid-cols-4 max-thumb:grid-cols-2", log === null ? "grid-cols-[1.15fr_1fr_1fr_1fr]" : "grid-cols-[1.15fr_1fr_1fr_1fr_1fr]")}>
      <Fact label="Can open it" small={people === 0 ? "No token there is one of ours that opens anything." : [full > 0 && `${full} with full access`, ending > 0 && `${ending} ending within a week`].filter(Boolean).join(", ") || "none with full access"}>
        {people === 0 ? "Nobody of ours" : client.technicians < people ? `${people} ${people === 1 ? "person" : "people"} of ours` : `${people} of our ${client.technicians} ${client.technicians === 1 ? "technician" : "technicians"}`}
      </Fact>
      <Fact label="Blind probe" small={probed?.probe.at ? <><RelativeTime at={probed.probe.at} />{`, ${probed.probed.blind} of ${probed.probed.tried} in 24 h`}</> : "Tried every hour once it is connected."}>
        {probe ? <><Glyph state={probe.shape} />{probe.word}</> : <><Glyph state="none" />Nothing to try</>}
      </Fact>
      <Fact label="Vault" small={worst?.reading?.readAt ? <>read <RelativeTime at={worst.reading.readAt} />{shown.length > 1 ? `, ${shown.length} vaults` : ""}</> : "not read yet"}>
        {condition ? <><Glyph state={condition.shape} />{condition.word}</> : <><Glyph state="none" />No vault yet</>}
      </Fact>
      {log === null ? null : <LogFact client={client} log={log.log} now={now} />}
      <PlanFact client={client} money={money} subscribes={subscribes} />
    </dl>
  );
}
