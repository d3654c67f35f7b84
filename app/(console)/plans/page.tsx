import type { Metadata } from "next";
import { PlanList } from "#components/plan/plan-list.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { pageActor } from "#lib/identity/session.ts";
import { listPlans } from "#lib/plan/list.ts";

export const metadata: Metadata = { title: "Plans" };

export default async function PlansPage() {
  const actor = await pageActor("plan.read");
  const plans = await listPlans(actor);
  const waiting = plans.filter(({ state }) => state === "ready").length;
  return (
    <>
      <PageHeader title="Plans" sub={waiting === 0 ? "Nothing waits for a tap." : waiting === 1 ? "1 plan waits for a tap." : `${waiting} plans wait for a tap.`} />
      <PlanList plans={plans} />
    </>
  );
}
