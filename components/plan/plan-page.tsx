"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { ChangePath } from "#components/ui/change-path.tsx";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Note } from "#components/ui/note.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { PlanView } from "#lib/plan/show.ts";
import { Blocked } from "./blocked.tsx";
import { HaltNotes } from "./halt-notes.tsx";
import { PlanLines } from "./plan-lines.tsx";
import { PlanLive } from "./plan-live.tsx";
import { PlanRun } from "./plan-run.tsx";
import { PlanSide, type PlanDeeds } from "./plan-side.tsx";

function Under({ plan }: { plan: PlanView }) {
  const last = plan.approvals.at(-1);
  if (last) return <>Signed by <bdi>{last.by}</bdi> <RelativeTime at={last.at} />. {plan.state === "running" ? "You can close this tab; it goes on." : null}</>;
  return <>Frozen by <bdi>{plan.madeBy}</bdi> <RelativeTime at={plan.madeAt} />.{plan.leftOut.length > 0 ? ` ${plan.leftOut.length === 1 ? "One vault is" : `${plan.leftOut.length} vaults are`} left out.` : ""}</>;
}

/** A plan at its address: before the tap its review, afterwards its run; survives a closed tab. */
export function PlanPage({ plan, actions, windows }: { plan: PlanView; actions: PlanDeeds; windows: ReactNode }) {
  const signed = plan.approvals.length > 0;
  const step = !signed ? "Plan" : plan.state === "done" ? "Proven" : "Sent";
  const someProven = plan.shares.some(({ state }) => state === "proven");
  return (
    <div className="grid min-h-full grid-cols-[minmax(0,1fr)_372px] max-rail:grid-cols-1">
      {/* By the stream; now and then by the clock too, since a minute runs out without an event. */}
      <PlanLive vaultRefs={plan.shares.map(({ vaultRef }) => vaultRef)} active={plan.state === "running" || plan.state === "partly"} />
      <RefreshWhile active={plan.state === "running"} everyMs={5_000} />
      <div className="min-w-0">
        <header className="px-gutter pt-5 pb-4">
          <div className="mb-1 flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-12 text-text-3">
            <span className="flex min-w-0 items-center gap-1.5"><Link href="/plans" className="link">Plans</Link> / <CopyableId id={plan.id} what="plan" /></span>
            {signed ? <Link href={`/audit?q=${encodeURIComponent(`plan:${plan.id}`)}`} className="link">In the audit</Link> : null}
            <ChangePath at={step} partly={signed && someProven && plan.state !== "done"} />
          </div>
          <h1><bdi>{plan.title}</bdi></h1>
          <p className="mt-0.5 text-pretty text-text-2"><Under plan={plan} /></p>
        </header>
        {plan.state === "withdrawn" ? <Note state="none" title="Withdrawn." className="mx-gutter mb-4">Nothing of it was signed, and nothing can be.</Note> : null}
        {plan.state === "over" ? <Note state="attention" title="Expired." className="mx-gutter mb-4">A plan can be signed for a day. Plan it anew: it is judged by how the vaults are now.</Note> : null}
        <HaltNotes halts={plan.state === "withdrawn" || plan.state === "over" || plan.state === "done" ? [] : plan.halts} className="mx-gutter mb-4" />
        {signed ? null : <Blocked leftOut={plan.leftOut} ways={plan.ways} going={plan.counts.vaults} money={plan.may.money} />}
        {signed ? <PlanRun plan={plan} /> : <PlanLines plan={plan} />}
      </div>
      <PlanSide plan={plan} deeds={actions} windows={windows} />
    </div>
  );
}
