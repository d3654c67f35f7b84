"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useMemo, useState } from "react";
import { RoleLetters } from "#components/technician/access-list.tsx";
import { useDeed, type Deed } from "#components/plan/use-deed.ts";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Box } from "#components/ui/box.tsx";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Chip } from "#components/ui/chip.tsx";
import type { State } from "#components/ui/glyph.tsx";
import { Name } from "#components/ui/name.tsx";
import { Note } from "#components/ui/note.tsx";
import { Empty, Failure } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { LeaseLine, LeaseView, LoanLine } from "#lib/lease/list.ts";
import type { Policy } from "#lib/lease/policy.ts";
import type { RenewalView } from "#lib/token/renew.ts";
import { inWords } from "#lib/role/letters.ts";
import { Calendar, dayKey, daysOf } from "./calendar.tsx";
import type { Full, Planned } from "./windows.tsx";

const ExtendDialog = lazy(async () => ({ default: (await import("./windows.tsx")).ExtendDialog }));
const LendDialog = lazy(async () => ({ default: (await import("./windows.tsx")).LendDialog }));

export type LeaseDeeds = { extend: Deed<Planned>; renew: Deed<Planned>; lend: Deed<Planned>; giveBack: Deed<Planned> };

const idOf = ({ vaultRef, uid }: LeaseLine) => `${vaultRef} ${uid}`;
const LOAN: Record<LoanLine["state"], { glyph: State; words: string }> = {
  planned: { glyph: "staged", words: "Waits for a tap" }, lent: { glyph: "moving", words: "Lent" }, over: { glyph: "attention", words: "Its time is over" }, back_planned: { glyph: "staged", words: "The way back waits for a tap" },
  back: { glyph: "proven", words: "Given back" }, failed: { glyph: "refused", words: "Nothing came of it" },
};

/** Everything that ends by itself, what is due for renewal, and slots that were lent. `deeds` null: only looks. */
export function LeasePage({ view, renewals, policy, full, now, deeds }: { view: LeaseView; renewals: RenewalView; policy: Policy; full: readonly Full[]; now: number; deeds: LeaseDeeds | null }) {
  const [day, setDay] = useState<string | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [extending, setExtending] = useState(false);
  const days = useMemo(() => daysOf(view.leases.map(({ until }) => until), now), [view.leases, now]);
  const rows = day === null ? view.leases : view.leases.filter(({ until }) => dayKey(until) === day);
  const selectable = rows.filter(({ mine, moving }) => !mine && !moving);
  const selected = view.leases.filter((line) => chosen.has(idOf(line)) && !line.mine && !line.moving);
  const hidden = selected.filter((line) => !rows.includes(line)).length;
  const set = (lines: readonly LeaseLine[], on: boolean) => setChosen((before) => new Set(on ? [...before, ...lines.map(idOf)] : [...before].filter((id) => !lines.some((line) => idOf(line) === id))));
  const columns: Column<LeaseLine>[] = [
    ...(deeds ? [{ id: "pick", header: "Choose", silent: true, width: "40px", cell: (line: LeaseLine) => <Checkbox label={`Choose ${line.name} at ${line.client}`} checked={chosen.has(idOf(line))} disabledReason={line.mine ? "Nobody extends their own access." : line.moving ? "A plan is changing it right now." : null} onChange={(on) => set([line], on)} /> }] : []),
    { id: "client", header: "Client", width: "30%", cell: (line) => <Link href={`/clients/${line.clientId}`} className="font-medium hover:underline"><Name>{line.client}</Name></Link>, value: (line) => line.client },
    { id: "who", header: "Who", width: "22%", cell: (line) => <Name>{line.name}</Name>, value: (line) => line.name },
    { id: "roles", header: "Role", cell: (line) => <RoleLetters letters={line.letters} />, value: (line) => inWords(line.letters), hideBelow: "thumb" },
    { id: "used", header: "Last used", align: "end", width: "110px", cell: (line) => (line.lastUsedAt === null ? <span className="text-text-3">never</span> : <RelativeTime at={line.lastUsedAt} className="text-text-2" />), value: (line) => line.lastUsedAt, hideBelow: "rail" },
    { id: "until", header: "Ends", align: "end", width: "130px", cell: (line) => (line.moving ? <Badge state="moving">being changed</Badge> : line.until - now < 86_400_000 ? <Badge state="attention"><RelativeTime at={line.until} /></Badge> : <RelativeTime at={line.until} className="text-text-2" />), value: (line) => line.until },
  ];
  return (
    <>
      <RefreshWhile active={view.leases.some(({ moving }) => moving)} everyMs={3_000} />
      <div className="grid grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)] items-start gap-4 px-gutter py-5 max-rail:grid-cols-1">
        <Box title="Endings" why="The vaults end these rows by themselves; a press on a day shows its rows."><Calendar days={days} now={now} chosen={day} choose={setDay} /></Box>
        <div className="grid gap-4">
          <Renewals view={renewals} renew={deeds?.renew ?? null} />
          <Loans loans={view.loans} full={full} policy={policy} deeds={deeds} />
        </div>
      </div>
      <section aria-labelledby="leases-title">
        <div className="flex min-h-10 flex-wrap items-center gap-3 px-gutter pb-2">
          <h2 id="leases-title">{rows.length === 1 ? "1 row ends by itself" : `${rows.length.toLocaleString("en")} rows end by themselves`}</h2>
          {day === null ? null : <Chip qualifier="day" removeLabel="Show all days" onRemove={() => setDay(null)}>{day}</Chip>}
          {deeds && selectable.length > 0 ? <Checkbox checked={selectable.every((line) => chosen.has(idOf(line)))} some={selectable.some((line) => chosen.has(idOf(line)))} onChange={(on) => set(selectable, on)}>All of these</Checkbox> : null}
          {deeds && selected.length > 0 ? <Button tone="ink" onClick={() => setExtending(true)}>Extend {selected.length === 1 ? "1 row" : `${selected.length} rows`}…</Button> : null}
          {hidden > 0 ? <span className="text-text-3">{hidden} of them on other days</span> : null}
        </div>
        <Table label="Rows that end by themselves" columns={columns} rows={rows} rowId={idOf} loading={false} error={null} initialSort={{ by: "until", direction: "up" }} empty={<Empty title="Nothing of yours ends by itself">Access that is given for a time stands here until its vault has ended it.</Empty>} />
      </section>
      {deeds && extending ? <Suspense><ExtendDialog close={() => setExtending(false)} lines={selected} policy={policy} extend={deeds.extend} /></Suspense> : null}
    </>
  );
}

function Renewals({ view, renew }: { view: RenewalView; renew: Deed<Planned> | null }) {
  const router = useRouter();
  const { run, busy, failed } = useDeed(renew, ({ planId }) => router.push(`/plans/${planId}`));
  const possible = view.due.filter(({ hindrance }) => hindrance === null);
  const hindered = view.due.filter(({ hindrance }) => hindrance !== null);
  return (
    <Box title="Renewal" why={`Tokens of technicians are renewed after ${view.renewDays} days: the row stays, the old token ends.`}>
      {view.due.length === 0 ? (
        <p className="text-text-2">{view.total === 0 ? "There is no token of a technician yet." : view.nextAt === null ? "Nothing is due." : <>Nothing is due. The next falls due <RelativeTime at={view.nextAt} />.</>}</p>
      ) : (
        <>
          <p className="mb-2">{possible.length === 1 ? "1 token is due" : `${possible.length.toLocaleString("en")} tokens are due`}, the oldest {view.due[0]!.days} days old.</p>
          {renew ? <Button tone="ink" pending={busy ? "Making the plan" : null} disabledReason={possible.length === 0 ? "None of them can be renewed as it stands." : null} onClick={() => run({})}>Plan the renewal of {possible.length === 1 ? "1 token" : `${possible.length.toLocaleString("en")} tokens`}</Button> : null}
          {failed ? <Failure as="h3" failure={failed} className="mt-2 -ml-5" /> : null}
          {hindered.length > 0 ? <Note state="attention" className="mt-3" title={hindered.length === 1 ? "1 cannot be renewed." : `${hindered.length} cannot be renewed.`}><ul>{hindered.slice(0, 5).map(({ vaultRef, uid, person, client, hindrance }) => <li key={`${vaultRef} ${uid}`}><bdi>{person}</bdi> at <bdi>{client}</bdi> {hindrance}</li>)}{hindered.length > 5 ? <li>and {hindered.length - 5} more</li> : null}</ul></Note> : null}
        </>
      )}
    </Box>
  );
}

function Loans({ loans, full, policy, deeds }: { loans: readonly LoanLine[]; full: readonly Full[]; policy: Policy; deeds: LeaseDeeds | null }) {
  const router = useRouter();
  const [lending, setLending] = useState(false);
  const back = useDeed(deeds?.giveBack ?? null, ({ planId }) => router.push(`/plans/${planId}`));
  return (
    <Box title="Lent slots" why="Where a vault has no free token, one person gives theirs up for some hours." aside={deeds && full.length > 0 ? <Button size="small" onClick={() => setLending(true)}>Lend a slot…</Button> : null}>
      {loans.length === 0 ? <p className="text-text-2">{full.length === 0 ? "No vault is at its limit, and nothing is lent." : `Nothing is lent. ${full.length === 1 ? "1 vault has" : `${full.length} vaults have`} no free token.`}</p> : (
        <ul>
          {loans.map((loan) => (
            <li key={loan.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-2 first:border-t-0">
              <span className="min-w-0 flex-1 text-pretty"><b className="font-medium"><bdi>{loan.client}</bdi></b>: <bdi>{loan.lender}</bdi> → <bdi>{loan.borrower}</bdi>, {loan.state === "over" || loan.state === "back" ? "until" : "ends"} <RelativeTime at={loan.until} /></span>
              <Badge state={LOAN[loan.state].glyph}>{LOAN[loan.state].words}</Badge>
              {deeds && (loan.state === "over" || loan.state === "lent") ? <Button size="small" pending={back.busy ? "Making the plan" : null} disabledReason={loan.state === "lent" ? "The slot is taken until the time is over." : null} onClick={() => back.run({ id: loan.id })}>Give it back</Button> : null}
              {deeds && loan.state === "planned" ? <Link className="link text-12" href={`/plans/${loan.planId}`}>The plan</Link> : null}
              {deeds && loan.state === "back_planned" && loan.backPlanId !== null ? <Link className="link text-12" href={`/plans/${loan.backPlanId}`}>The plan</Link> : null}
            </li>
          ))}
        </ul>
      )}
      {back.failed ? <Failure as="h3" failure={back.failed} className="mt-2 -ml-5" /> : null}
      {deeds && lending ? <Suspense><LendDialog close={() => setLending(false)} full={full} policy={policy} lend={deeds.lend} /></Suspense> : null}
    </Box>
  );
}
