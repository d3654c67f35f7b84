import type { Metadata } from "next";
import { BringPlan } from "#components/plan/bring-plan.tsx";
import { HaltNotes } from "#components/plan/halt-notes.tsx";
import { PlanList } from "#components/plan/plan-list.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { haltWords, showHalts } from "#lib/plan/halt.ts";
import { listPlans } from "#lib/plan/list.ts";
import { bring } from "./actions.ts";

export const metadata: Metadata = { title: "Plans" };

export default async function PlansPage() {
  const actor = await pageActor("plan.read");
  const [plans, halts] = await Promise.all([listPlans(actor), holds(actor, "halt.read") ? showHalts(actor) : { halts: [] }]);
  const waiting = plans.filter(({ state }) => state === "ready").length;
  return (
    <>
      <PageHeader title="Plans" sub={waiting === 0 ? "Nothing waits for a tap." : waiting === 1 ? "1 plan waits for a tap." : `${waiting} plans wait for a tap.`} actions={holds(actor, "plan.make") ? <BringPlan bring={bring} /> : null} />
      <HaltNotes halts={halts.halts.map((halt) => ({ words: haltWords(halt) }))} className="mx-gutter mb-3" />
      <PlanList plans={plans} />
    </>
  );
}
