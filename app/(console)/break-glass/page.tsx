import type { Metadata } from "next";
import { GlassPage } from "#components/breakglass/glass-page.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { setupForm } from "#lib/breakglass/setup.ts";
import { viewBreakGlass } from "#lib/breakglass/view.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { myInbox } from "#lib/inbox/mine.ts";
import { AccessTabs } from "../access-tabs.tsx";
import { ask, close, opened, plan, release, setUp, takeBoth, takeShare } from "./actions.ts";

export const metadata: Metadata = { title: "Break-glass" };

export default async function BreakGlassPage() {
  const actor = await pageActor("break_glass.read");
  const sets = holds(actor, "break_glass.set");
  const [view, setup, inbox] = await Promise.all([viewBreakGlass(actor), sets ? setupForm(actor) : null, holds(actor, "inbox_key.own") ? myInbox(actor) : null]);
  const due = view.rows.filter(({ drillDue }) => drillDue).length;
  const open = view.openings.filter(({ state }) => state !== "over").length;
  return (
    <>
      <PageHeader tabs title={open > 0 ? "Break-glass is being opened" : view.key === null ? "Break-glass is not set up" : due > 0 ? `Break-glass: ${due === 1 ? "1 try is" : `${due} tries are`} due` : "Break-glass"} sub="Full access for the day on which nobody else can help: two people open it, everybody is told, and it is rotated." />
      <AccessTabs actor={actor} />
      <GlassPage
        view={view} self={actor.id} owner={sets} own={inbox?.key ? { statement: inbox.key.statement, copies: inbox.key.copies } : null} passkeys={inbox?.passkeys ?? []} setup={setup}
        actions={{ setUp, plan, ask, takeShare, release, takeBoth, opened, close }}
      />
    </>
  );
}
