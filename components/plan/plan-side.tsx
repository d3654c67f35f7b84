"use client";
import { useRouter } from "next/navigation";
import { useState, type ReactNode } from "react";
import { KeyIcon } from "#components/identity/key-icon.tsx";
import { openSigningWindow } from "#components/signing/open-window.ts";
import { OpenedNote } from "#components/signing/opened-note.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Glyph } from "#components/ui/glyph.tsx";
import { Input } from "#components/ui/input.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Note } from "#components/ui/note.tsx";
import { Select } from "#components/ui/select.tsx";
import { Failure } from "#components/ui/states.tsx";
import { ExactTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import { isTypedName } from "#components/ui/typed-name.ts";
import type { PlanView } from "#lib/plan/show.ts";
import { CopyForTicket } from "./copy-ticket.tsx";
import { Digest } from "./digest.tsx";
import { useDeed, type Deed } from "./use-deed.ts";

export type PlanDeeds = { open: Deed<{ id: string; url: string }> | null; stop: Deed<{ stopped: number }> | null; again: Deed<{ planId: string }> | null; withdraw: Deed<{ title: string }> | null; hand: Deed<{ to: string }> | null };

const Count = ({ sign, count, words, colour }: { sign: string; count: number; words: string; colour: string }) => (
  <div className="flex-1 border-l border-line pl-3 first:border-l-0 first:pl-0">
    <b className={`block text-20 font-semibold ${colour}`}>{sign}{count.toLocaleString("en")}</b>
    <span className="text-12 text-text-3">{words}</span>
  </div>
);

const Part = ({ children }: { children: ReactNode }) => <div className="border-t border-line px-5 py-4 first:border-t-0 max-thumb:px-gutter">{children}</div>;

/** What is judged of it at this moment, in words. */
function Checks({ plan }: { plan: PlanView }) {
  const bad = plan.findings.filter(({ finding }) => finding.weight === "blocks");
  const told = plan.findings.filter(({ finding }) => finding.weight !== "blocks");
  return (
    <ul className="grid gap-2">
      {bad.length === 0 && plan.stale.length === 0 ? <li className="grid grid-cols-[14px_minmax(0,1fr)] gap-2.5"><Glyph state="proven" className="mt-[3px]" /><span>{plan.kind !== "change" ? "Nothing stands against it" : "Tokens, grants, keys and rows fit, as last read"}</span></li> : null}
      {plan.stale.slice(0, 5).map(({ client, words }) => <li key={`${client} ${words}`} className="grid grid-cols-[14px_minmax(0,1fr)] gap-2.5"><Glyph state="refused" className="mt-[3px]" /><span><bdi>{client}</bdi>: {words}</span></li>)}
      {plan.stale.length > 5 ? <li className="pl-6 text-text-2">and {plan.stale.length - 5} more have moved on</li> : null}
      {[...bad, ...told].slice(0, 8).map(({ client, finding }) => <li key={`${client} ${finding.words}`} className="grid grid-cols-[14px_minmax(0,1fr)] gap-2.5"><Glyph state={finding.weight === "blocks" ? "refused" : finding.weight === "waits" ? "moving" : "attention"} className="mt-[3px]" /><span className="text-pretty"><bdi>{client}</bdi>: {finding.words}</span></li>)}
      {bad.length + told.length > 8 ? <li className="pl-6 text-text-2">and {bad.length + told.length - 8} remarks more</li> : null}
    </ul>
  );
}

/** Who signed first, or that somebody must; and until when that counts. */
function Two({ plan: { two } }: { plan: PlanView }) {
  if (two === null) return null;
  const { first, reasons, vaults } = two;
  const why = reasons.length > 0 ? `Your organisation asks for it: ${reasons.join(", and ")}.` : vaults === 1 ? "The client asks for it at 1 vault." : `The clients ask for it at ${vaults} vaults.`;
  return (
    <Note state={first === null ? "attention" : "moving"} title={first === null ? "Two people sign this." : <>Signed first by <bdi>{first.by}</bdi>.</>} className="mb-3">
      {first === null ? <>{why} One signs first, somebody else with another key releases it within the hour.</> : <>Key “{first.key}”; counts until <ExactTime at={first.until} />{first.covers < vaults ? `, for ${first.covers} of ${vaults} vaults` : ""}. {first.mine ? "Somebody else releases it." : "Your tap releases it."}</>}
    </Note>
  );
}

function Sign({ plan, deeds }: { plan: PlanView; deeds: PlanDeeds }) {
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [canary, setCanary] = useState<"" | "1" | "3" | "10">("");
  const [asked, setAsked] = useState<{ id: string; url: string } | null>(null);
  const open = useDeed(deeds.open, (value) => {
    setAsked(value);
    openSigningWindow(value.url);
    router.refresh();
  });
  const again = useDeed(deeds.again, ({ planId }) => router.push(`/plans/${planId}`));
  const withdraw = useDeed(deeds.withdraw, () => router.push("/plans"));
  const first = plan.approvals.length === 0;
  const name = first ? plan.typed : null;
  const cosigns = plan.two !== null && plan.two.first === null;
  // What needs no second can go without waiting for it.
  const others = plan.open - (plan.two?.vaults ?? 0);
  const mine = plan.two?.first?.mine === true && others === 0;
  // Rules of length are the one thing that the server refuses a tap for beside what is stale; the rest is the vaults' to judge.
  const long = plan.findings.some(({ finding }) => finding.code === "too_long");
  const reason = mine ? "You signed it first; somebody else releases it." : deeds.open === null ? "Only an owner signs." : plan.stale.length > 0 ? "The vaults have moved on. Make the plan anew." : long ? "Some of it is longer than is allowed. Make the plan anew." : name !== null && !isTypedName(typed, name) ? "Type the name first, exactly as it stands." : null;
  const failed = open.failed ?? again.failed ?? withdraw.failed;
  return (
    <div className="sticky bottom-0 mt-auto border-t border-line bg-surface px-5 py-4 max-thumb:px-gutter">
      {name === null || deeds.open === null ? null : (
        <Field name="typed" label={<>{plan.kind === "exit" ? "A connection ends for good." : "Much changes at once."} Type <bdi className="font-semibold select-text">{name}</bdi> to go on</>} error={null} className="mb-3">
          <Input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" autoCapitalize="off" spellCheck={false} dir="auto" />
        </Field>
      )}
      {failed ? <Failure failure={failed} className="-mx-5 pt-0" /> : null}
      {plan.open > 0 && plan.state !== "withdrawn" && plan.state !== "over" ? (
        <>
          <Two plan={plan} />
          {cosigns || plan.open < 4 || deeds.open === null ? null : (
            <Field name="canary" label="Order" error={null} help="The others follow by themselves once the first are read back, within the same minute; they stop when one is not." className="mb-3">
              <Select value={canary} onChange={setCanary} choices={[{ value: "", label: "All vaults at once" }, { value: "1", label: "One vault first" }, ...(plan.open > 6 ? [{ value: "3" as const, label: "Three vaults first" }] : []), ...(plan.open > 20 ? [{ value: "10" as const, label: "Ten vaults first" }] : [])]} />
            </Field>
          )}
          <Button tone="sign" size="large" wide icon={<KeyIcon />} pending={open.busy ? "Opening" : null} disabledReason={reason} onClick={() => open.run({ planId: plan.id, digest: plan.digest, part: cosigns ? "cosign" : "release", canary: plan.open > Number(canary) ? canary : "" })}>
            {cosigns ? "Sign first, of two" : plan.two?.first && !plan.two.first.mine ? "Sign second and release" : first ? "Open the signing page" : `Sign the ${plan.open === 1 ? "one that waits" : `${plan.open} that wait`}`}
          </Button>
          {cosigns && others > 0 && deeds.open !== null && reason === null ? <button type="button" className="link mt-2 block w-full text-center text-12" disabled={open.busy} onClick={() => open.run({ planId: plan.id, digest: plan.digest, part: "release" })}>Release the {others === 1 ? "vault that needs" : `${others} vaults that need`} one signature</button> : null}
        </>
      ) : null}
      {asked ? <OpenedNote key={asked.id} url={asked.url} /> : null}
      <div className="mt-2 flex flex-wrap items-center justify-center gap-x-4 gap-y-1 text-12 text-text-3">
        {first && plan.state === "ready" ? <span>Its own window, its own key. Digest <span className="mono">{plan.groups[0]}…{plan.groups.at(-1)}</span>.</span> : null}
        {deeds.again !== null && plan.kind !== "exit" && (plan.stale.length > 0 || long || plan.state === "over" || plan.state === "partly") ? <button type="button" className="link" disabled={again.busy} onClick={() => again.run({ planId: plan.id })}>Plan it anew</button> : null}
        <a className="link" href={`/plans/${plan.id}/file`} download>As a file</a>
        {deeds.withdraw !== null && plan.state === "ready" ? <button type="button" className="link" disabled={withdraw.busy} onClick={() => withdraw.run({ planId: plan.id })}>Withdraw</button> : null}
      </div>
    </div>
  );
}

/** Gives the plan to a colleague who may sign: it stands first in their list. */
function Hand({ plan, deed }: { plan: PlanView; deed: NonNullable<PlanDeeds["hand"]> }) {
  const router = useRouter();
  const [to, setTo] = useState(plan.colleagues[0]?.id ?? "");
  const hand = useDeed(deed, ({ to: name }) => {
    toast({ state: "proven", words: `Handed to ${name}` });
    router.refresh();
  });
  return (
    <Part>
      {hand.failed ? <Failure failure={hand.failed} className="-mx-5 pt-0" /> : null}
      <div className="flex items-end gap-2">
        <Field name="personId" label="Hand it to a colleague" error={null} className="min-w-0 flex-1"><Select value={to} onChange={setTo} choices={plan.colleagues.map(({ id, name }) => ({ value: id, label: name }))} /></Field>
        <Button pending={hand.busy ? "Handing" : null} disabledReason={null} onClick={() => hand.run({ planId: plan.id, personId: to })}>Hand over</Button>
      </div>
    </Part>
  );
}

function Stop({ plan, deeds }: { plan: PlanView; deeds: PlanDeeds }) {
  const router = useRouter();
  const stop = useDeed(deeds.stop, () => router.refresh());
  const waiting = plan.shares.some(({ state, tries }) => state === "waiting" && tries === 0);
  return (
    <div className="sticky bottom-0 mt-auto border-t border-line bg-surface px-5 py-4 max-thumb:px-gutter">
      {stop.failed ? <Failure failure={stop.failed} className="-mx-5 pt-0" /> : null}
      <Button tone="danger" wide pending={stop.busy ? "Stopping" : null} disabledReason={deeds.stop === null ? "Only an owner stops it." : waiting ? null : "Everything has left already."} onClick={() => stop.run({ planId: plan.id })}>
        Stop what is not sent
      </Button>
    </div>
  );
}

/** Beside the operations: what it says, what stands against it, what is signed, and the one button. */
export function PlanSide({ plan, deeds, windows }: { plan: PlanView; deeds: PlanDeeds; windows: ReactNode }) {
  const { counts, approvals } = plan;
  const last = approvals.at(-1);
  const facts = [
    ...(last ? [{ key: "by", label: "Signed by", value: <><bdi>{last.by}</bdi>, key “{last.key}”</> }, { key: "at", label: "At", value: <ExactTime at={last.at} /> }, { key: "taps", label: "Taps", value: approvals.length === 1 ? "one" : String(approvals.length) }] : []),
    ...(plan.reason ? [{ key: "reason", label: "Reason", value: plan.reason }] : []),
    ...(plan.ticket ? [{ key: "ticket", label: "Ticket", value: <span className="mono">{plan.ticket}</span> }] : []),
    ...(plan.handedTo ? [{ key: "handed", label: "Handed to", value: <bdi>{plan.handedTo}</bdi> }] : []),
    ...(last ? [] : [{ key: "until", label: "Until", value: <ExactTime at={plan.notAfter} /> }]),
  ];
  return (
    <aside aria-label="What is signed" className="flex flex-col border-l border-line bg-sunken max-rail:border-t max-rail:border-l-0">
      <Part>
        <p className="text-16 font-medium text-pretty">{plan.sentence}</p>
        <div className="mt-3 flex">
          {plan.kind === "exit" ? <Count sign="−" count={counts.leave} words={counts.leave === 1 ? "connection" : "connections"} colour="text-danger-text" /> : plan.kind === "renewal" ? <Count sign="~" count={counts.renew} words={counts.renew === 1 ? "token" : "tokens"} colour="text-accent-text" /> : plan.kind === "signers" ? (
            <>
              <Count sign="+" count={counts.enrol} words={counts.enrol === 1 ? "signer" : "signers"} colour="text-accent-text" />
              <Count sign="−" count={counts.strike} words="struck" colour="text-danger-text" />
            </>
          ) : (
            <>
              <Count sign="+" count={counts.grant} words="grants" colour="text-accent-text" />
              <Count sign="−" count={counts.revoke} words="revokes" colour="text-danger-text" />
              <Count sign="~" count={counts.alter + counts.reissue} words="changes" colour="text-accent-text" />
            </>
          )}
          <Count sign="" count={counts.vaults} words={counts.vaults === 1 ? "vault" : "vaults"} colour="" />
        </div>
      </Part>
      {approvals.length === 0 ? <Part><Checks plan={plan} /></Part> : null}
      {facts.length > 0 ? <Part><KeyValues of={facts} /></Part> : null}
      <Part>
        <Digest groups={plan.groups} remark={last ? <Badge state="proven">matches the tap</Badge> : "the signing page must show the same"} />
        {last ? <p className="mt-2"><CopyForTicket key={plan.state} plan={plan} /></p> : null}
      </Part>
      {plan.events.length > 0 ? (
        <Part>
          <h2 className="mb-1.5 text-13 font-semibold">Wire</h2>
          <ol className="grid gap-1 text-12">
            {plan.events.map((event) => <li key={`${event.at} ${event.client} ${event.state}`} className="text-pretty text-text-2"><span className="mono text-text-3">{new Date(event.at).toISOString().slice(11, 19)}</span> <bdi className="font-medium text-text">{event.client}</bdi> {event.words}</li>)}
          </ol>
        </Part>
      ) : null}
      {deeds.hand !== null && plan.open > 0 && plan.colleagues.length > 0 && (plan.state === "ready" || plan.state === "partly") ? <Hand plan={plan} deed={deeds.hand} /> : null}
      {windows}
      {plan.state === "running" ? <Stop plan={plan} deeds={deeds} /> : plan.open > 0 || plan.state === "partly" ? <Sign plan={plan} deeds={deeds} /> : null}
    </aside>
  );
}
