import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { PlanPage } from "#components/plan/plan-page.tsx";
import { WindowList } from "#components/signing/window-list.tsx";
import { ServerTime } from "#components/ui/time.tsx";
import { planWindows } from "#lib/approval/windows.ts";
import { Refusal } from "#lib/errors.ts";
import { pageActor } from "#lib/identity/session.ts";
import { showPlan, type PlanView } from "#lib/plan/show.ts";
import type { Actor } from "#lib/identity/actor.ts";
import { again, hand, open, stop, withdraw } from "./actions.ts";

export const metadata: Metadata = { title: "Plan" };

const planOr404 = async (actor: Actor, id: string): Promise<PlanView> => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) notFound();
  try {
    return await showPlan(actor, id);
  } catch (error) {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    throw error;
  }
};

export default async function OnePlanPage({ params }: { params: Promise<{ plan: string }> }) {
  const actor = await pageActor("plan.read");
  const { plan: id } = await params;
  const [plan, windows] = await Promise.all([planOr404(actor, id), planWindows(actor, id)]);
  return (
    <ServerTime now={Date.now()}>
      <PlanPage plan={plan} actions={{ open: plan.may.release ? open : null, stop: plan.may.release ? stop : null, again: plan.may.make ? again : null, withdraw: plan.may.make ? withdraw : null, hand: plan.may.make ? hand : null }} windows={<WindowList windows={windows} />} />
    </ServerTime>
  );
}
