import type { Metadata } from "next";
import { z } from "zod";
import { Ask, AskRenewal } from "#components/request/ask.tsx";
import { PolicyButton } from "#components/request/policy-form.tsx";
import { RequestList } from "#components/request/request-list.tsx";
import { Box } from "#components/ui/box.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { readPolicy, showRules } from "#lib/lease/policy.ts";
import { askForm } from "#lib/request/ask.ts";
import { listRequests } from "#lib/request/list.ts";
import { accessOf } from "#lib/technician/access.ts";
import { AccessTabs } from "../access-tabs.tsx";
import { approve, askForAccess, askForRenewal, changePolicy, refuse, withdraw } from "./actions.ts";

export const metadata: Metadata = { title: "Requests" };

const asked = z.object({ ask: z.uuid().optional().catch(undefined), renew: z.uuid().optional().catch(undefined) });

export default async function RequestsPage({ searchParams }: { searchParams: Promise<Record<string, unknown>> }) {
  const actor = await pageActor("request.read");
  const { ask, renew } = asked.parse(await searchParams);
  const [answers, asks] = [holds(actor, "request.answer"), holds(actor, "request.make")];
  const all = answers || holds(actor, "plan.read");
  const [lines, policy, rules, form, rows] = await Promise.all([listRequests(actor), readPolicy(actor), holds(actor, "policy.change") ? showRules(actor) : null, asks ? askForm(actor) : null, asks ? accessOf(actor, actor.id) : []]);
  const waiting = lines.filter(({ state }) => state === "open").length;
  const held = [...new Map(rows.filter(({ kind }) => kind === "ours").map(({ vaultRef, clientName }) => [vaultRef, { vaultRef, client: clientName }])).values()];
  return (
    <>
      <PageHeader
        tabs={all} title={waiting === 0 ? (all ? "No request waits" : "Ask for access") : `${waiting === 1 ? "1 request waits" : `${waiting} requests wait`} for an answer`}
        sub={all ? "A yes becomes a plan; it gives nothing before a signing key has signed it. Nobody answers their own." : "An owner answers; what you get arrives sealed under My tokens, and ends by itself."}
        actions={rules ? <PolicyButton rules={rules} change={changePolicy} /> : null}
      />
      <AccessTabs actor={actor} />
      {form ? (
        <div className="grid grid-cols-2 items-start gap-4 px-gutter py-5 max-rail:grid-cols-1">
          <Box title="Access for a time"><Ask form={form} first={ask} ask={askForAccess} /></Box>
          <Box title="A new token for what you have" why="When one is lost, or sealed to a key you replaced. The old one ends with it."><AskRenewal key={renew ?? ""} held={held} first={renew} ask={askForRenewal} /></Box>
        </div>
      ) : null}
      <RequestList lines={lines} policy={policy} all={all} deeds={answers ? { approve, refuse } : null} withdraw={asks ? withdraw : null} />
    </>
  );
}
