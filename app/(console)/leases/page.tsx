import type { Metadata } from "next";
import { LeasePage } from "#components/lease/lease-page.tsx";
import { PolicyButton } from "#components/request/policy-form.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { systemClock } from "#lib/clock.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { fullVaults } from "#lib/lease/lend.ts";
import { listLeases } from "#lib/lease/list.ts";
import { readPolicy, showRules } from "#lib/lease/policy.ts";
import { renewals } from "#lib/token/renew.ts";
import { AccessTabs } from "../access-tabs.tsx";
import { changePolicy } from "../requests/actions.ts";
import { extend, giveBack, lend, renew } from "./actions.ts";

export const metadata: Metadata = { title: "Endings and renewals" };

const dayMs = 86_400_000;

export default async function LeasesPage() {
  const actor = await pageActor("lease.read");
  const writes = holds(actor, "lease.extend");
  const [view, due, policy, rules, full] = await Promise.all([listLeases(actor), renewals(actor), readPolicy(actor), holds(actor, "policy.change") ? showRules(actor) : null, writes ? fullVaults(actor) : []]);
  const now = systemClock.now().getTime();
  const soon = view.leases.filter(({ until }) => until - now < dayMs).length;
  return (
    <>
      <PageHeader tabs title={soon === 0 ? "Nothing ends within a day" : soon === 1 ? "1 row ends within a day" : `${soon} rows end within a day`} sub="Ends are the vaults’ own: a row that is over opens nothing from that second on." actions={rules ? <PolicyButton rules={rules} change={changePolicy} /> : null} />
      <AccessTabs actor={actor} />
      <LeasePage view={view} renewals={due} policy={policy} full={full} now={now} deeds={writes ? { extend, renew, lend, giveBack } : null} />
    </>
  );
}
