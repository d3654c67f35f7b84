"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useDeed, type Deed } from "#components/plan/use-deed.ts";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import type { State } from "#components/ui/glyph.tsx";
import { Input } from "#components/ui/input.tsx";
import { Name } from "#components/ui/name.tsx";
import { RoleLetter } from "#components/ui/role-letter.tsx";
import { Select } from "#components/ui/select.tsx";
import { Slots, SlotWords } from "#components/ui/slots.tsx";
import { Empty, Failure } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import { hoursWords } from "#lib/role/lengths.ts";
import type { RequestLine, RequestState, RequestVault } from "#lib/request/list.ts";
import type { Policy } from "#lib/lease/policy.ts";
import { NO_ANSWER } from "./no-answer.ts";
import { lengths } from "./hours.ts";

export type AnswerDeeds = { approve: Deed<{ planId: string; leftOut: number }>; refuse: Deed<{ id: string }> };

const STATE: Record<RequestState, { glyph: State; words: string }> = {
  open: { glyph: "attention", words: "Waits for an answer" }, planned: { glyph: "staged", words: "Approved, waits for a tap" }, running: { glyph: "moving", words: "On its way" }, given: { glyph: "proven", words: "Given" },
  failed: { glyph: "refused", words: "Approved, nothing came of it" }, refused: { glyph: "refused", words: "Refused" }, withdrawn: { glyph: "none", words: "Taken back" },
};

function What({ line }: { line: RequestLine }) {
  if (line.kind === "renewal") return <span>a new token</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <span aria-hidden className="contents">{line.full ? <RoleLetter letter="F" name="Full access" full /> : line.roles.map((role) => <RoleLetter key={role.roleId} letter={role.letter} name={role.name} />)}</span>
      <span>{line.full ? "full access" : line.roles.map(({ name }) => name).join(", ")}{line.hours === null ? "" : ` for ${hoursWords(line.hours)}`}</span>
    </span>
  );
}

const others = ({ others: names }: RequestVault) => (names.length === 0 ? "nobody else has this there" : names.length <= 2 ? `${names.join(" and ")} ${names.length === 1 ? "has" : "have"} it` : `${names[0]} and ${names.length - 1} more have it`);

/** What who answers must know of one client: room, who covers it already, when the asker was there last. */
function VaultFacts({ vault }: { vault: RequestVault }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 border-t border-line py-2 first:border-t-0 max-thumb:grid-cols-1">
      <Link href={`/clients/${vault.clientId}`} className="min-w-0 font-medium hover:underline"><Name>{vault.client}</Name></Link>
      <span className="flex items-center gap-2">{vault.limit === null || vault.used === null ? <span className="text-12 text-text-2">{vault.used === null ? "never read" : "no limit"}</span> : <><Slots used={vault.used} limit={vault.limit} /><SlotWords used={vault.used} limit={vault.limit} /></>}</span>
      <span className="text-12 text-text-2 [overflow-wrap:anywhere]">
        <bdi>{others(vault)}</bdi>; {vault.has ? vault.lastUsedAt === null ? "they hold a token there, never used" : <>they used theirs <RelativeTime at={vault.lastUsedAt} /></> : "they hold nothing there"}
        {vault.health === "ok" ? "" : vault.health === "failover" ? "; in failover, takes no changes now" : vault.health === "silent" ? "; does not answer now" : ""}
      </span>
      {vault.limit !== null && vault.used !== null && vault.used >= vault.limit ? <Link className="link text-12" href="/leases">Lend a slot</Link> : null}
    </li>
  );
}

function OpenRequest({ line, policy, deeds, withdraw }: { line: RequestLine; policy: Policy; deeds: AnswerDeeds | null; withdraw: Deed<{ id: string }> | null }) {
  const router = useRouter();
  const longest = Math.min(line.hours ?? 0, line.full ? policy.longestFullHours : policy.longestHours);
  const [hours, setHours] = useState(String(longest));
  const [refusing, setRefusing] = useState(false);
  const yes = useDeed(deeds?.approve ?? null, ({ planId }) => router.push(`/plans/${planId}`));
  const back = useDeed(withdraw, () => { toast({ state: "none", words: "Taken back" }); router.refresh(); });
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)] gap-x-8 gap-y-3 border-b border-line px-gutter py-4 max-rail:grid-cols-1">
      <div className="min-w-0">
        <h2 className="text-14 font-semibold text-pretty"><bdi>{line.mine ? "You" : line.person}</bdi> {line.mine ? "ask for" : "asks for"} <What line={line} /></h2>
        <p className="mt-1 text-pretty [overflow-wrap:anywhere]"><bdi>{line.reason}</bdi></p>
        <p className="mt-1 text-12 text-text-3">{line.ticket === null ? null : <><bdi>{line.ticket}</bdi> · </>}asked <RelativeTime at={line.askedAt} /></p>
        <div className="mt-3 flex flex-wrap items-center gap-2">
          {deeds && !line.mine ? (
            <>
              {line.hours === null ? null : <Select aria-label={`How long ${line.person} gets it`} value={hours} onChange={setHours} choices={lengths(longest)} className="w-[120px]" />}
              <Button tone="ink" pending={yes.busy ? "Making the plan" : null} onClick={() => yes.run({ id: line.id, ...(line.hours !== null && { hours }) })}>Approve and plan it</Button>
              <Button onClick={() => setRefusing(true)}>Refuse…</Button>
            </>
          ) : null}
          {deeds && line.mine ? <span className="text-text-2">Somebody else answers your own request.</span> : null}
          {line.mine && withdraw ? <Button pending={back.busy ? "Taking it back" : null} onClick={() => back.run({ id: line.id })}>Take it back</Button> : null}
        </div>
        {yes.failed ? <Failure as="h3" failure={yes.failed} className="mt-2 -ml-5" /> : null}
        {back.failed ? <Failure as="h3" failure={back.failed} className="mt-2 -ml-5" /> : null}
      </div>
      <ul aria-label={`Clients of this request`} className="min-w-0">{line.vaults.map((vault) => <VaultFacts key={vault.vaultRef} vault={vault} />)}</ul>
      {deeds ? (
        <Dialog open={refusing} onOpenChange={setRefusing} title={`Refuse the request of ${line.person}`} description="They get your reason by mail. Nothing changes at the client.">
          <Form action={deeds.refuse} submit="Refuse it" pending="Sending it" error={NO_ANSWER} disabledReason={null} aside={<Button onClick={() => setRefusing(false)}>Leave it open</Button>} className="pb-2" onDone={() => { setRefusing(false); toast({ state: "none", words: "Refused; they were mailed" }); router.refresh(); }}>
            <input type="hidden" name="id" value={line.id} />
            <Field name="words" label="Why"><Input autoComplete="off" dir="auto" maxLength={120} /></Field>
          </Form>
        </Dialog>
      ) : null}
    </li>
  );
}

/** Open ones as cards with what an answer needs; the others as a list. `deeds` null: only looks, or one's own. */
export function RequestList({ lines, policy, all, deeds, withdraw }: { lines: readonly RequestLine[]; policy: Policy; /** Everybody's, not one's own. */ all: boolean; deeds: AnswerDeeds | null; withdraw: Deed<{ id: string }> | null }) {
  const router = useRouter();
  const open = lines.filter(({ state }) => state === "open");
  const answered = lines.filter(({ state }) => state !== "open");
  const columns: Column<RequestLine>[] = [
    { id: "what", header: "Request", width: "44%", cell: (line) => <span className="grid min-w-0 py-1.5">{all ? <span className="font-medium"><Name>{line.person}</Name></span> : null}<What line={line} /><span className="truncate text-12 text-text-3"><bdi>{line.vaults.map(({ client }) => client).join(", ")}</bdi></span></span>, value: (line) => line.person },
    { id: "state", header: "State", width: "220px", cell: (line) => <span className="grid justify-items-start gap-0.5 py-1"><Badge state={STATE[line.state].glyph}>{STATE[line.state].words}</Badge>{line.words === null ? null : <span className="text-12 text-text-2 text-pretty"><bdi>{line.words}</bdi></span>}</span>, value: (line) => line.state },
    { id: "by", header: "Answered by", width: "160px", cell: (line) => <span className="text-text-2"><bdi>{line.answeredBy ?? ""}</bdi>{line.givenHours === null ? "" : `, ${hoursWords(line.givenHours)}`}</span>, hideBelow: "rail" },
    { id: "plan", header: "Plan", width: "80px", cell: (line) => (line.planId !== null && deeds !== null ? <Link className="link" href={`/plans/${line.planId}`}>Plan<span className="sr-only"> of the request of {line.person}</span></Link> : null), hideBelow: "thumb" },
    { id: "at", header: "Asked", align: "end", width: "110px", cell: (line) => <RelativeTime at={line.askedAt} className="text-text-3" />, value: (line) => line.askedAt },
  ];
  return (
    <>
      <RefreshWhile active={lines.some(({ state }) => state === "running" || state === "planned")} everyMs={3_000} />
      {open.length > 0 ? <ul aria-label="Open requests" className="border-t border-line">{open.map((line) => <OpenRequest key={line.id} line={line} policy={policy} deeds={deeds} withdraw={withdraw} />)}</ul> : null}
      {answered.length > 0 || open.length === 0 ? (
        <section aria-labelledby="answered-title" className={open.length > 0 ? "pt-5" : "border-t border-line"}>
          <h2 id="answered-title" className={open.length > 0 ? "px-gutter pb-1" : "sr-only"}>Answered</h2>
          <Table
            label="Answered requests" columns={columns} rows={answered} rowId={({ id }) => id} loading={false} error={null} {...(deeds && { onOpen: (line: RequestLine) => line.planId !== null && router.push(`/plans/${line.planId}`) })}
            empty={<Empty title={all ? "Nobody has asked for anything" : "You have asked for nothing yet"}>{all ? "When a technician asks for access, it stands here with what an answer needs: room at the client, who covers it already, and when they were there last." : "Say which client, what for and how long. An owner answers, and what you get arrives sealed under My tokens."}</Empty>}
          />
        </section>
      ) : null}
    </>
  );
}
