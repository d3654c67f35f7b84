import type { Metadata } from "next";
import { Suspense } from "react";
import { Audit } from "#components/audit/audit.tsx";
import { LoadingPage } from "#components/ui/states.tsx";
import { worded } from "#lib/action.ts";
import { parseCursor } from "#lib/audit/line.ts";
import { listAudit } from "#lib/audit/list.ts";
import { usualQuery } from "#lib/audit/query.ts";
import { auditStrip } from "#lib/audit/strip.ts";
import { tallyAudit } from "#lib/audit/tally.ts";
import { listAuditViews } from "#lib/audit/view.ts";
import type { Outcome } from "#lib/errors.ts";
import { holds, type Actor } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { askForExport, forgetView, nameView } from "./actions.ts";

export const metadata: Metadata = { title: "Audit" };

type Search = { q?: string; before?: string; after?: string; open?: string };
const one = (given: string | string[] | undefined): string | undefined => (Array.isArray(given) ? given[0] : given);
const outcome = async <T,>(asked: Promise<T>): Promise<Outcome<T>> => asked.then((value) => ({ ok: true as const, value }), async (error: unknown) => ({ ok: false as const, failure: await worded(error) }));

export default async function AuditPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await pageActor("audit.read");
  const given = await searchParams;
  const search: Search = Object.fromEntries(["q", "before", "after", "open"].flatMap((name) => (one(given[name]) === undefined ? [] : [[name, one(given[name])]])));
  return (
    <Suspense fallback={<LoadingPage what="the audit" />}>
      <Loaded actor={actor} search={search} />
    </Suspense>
  );
}

async function Loaded({ actor, search }: { actor: Actor; search: Search }) {
  const query = (search.q ?? usualQuery).slice(0, 2_000);
  const [before, after] = [parseCursor(search.before), parseCursor(search.after)];
  // Counting may take longer than the first lines: it is sent after them.
  const tally = outcome(tallyAudit(actor, { query }));
  const [page, strip, views] = await Promise.all([outcome(listAudit(actor, { query, before, after })), auditStrip(actor), listAuditViews(actor)]);
  return (
    <Audit
      key={query} query={query} page={page} tally={tally} strip={strip} views={views} opened={search.open ?? null} newest={before === null && (after === null || (page.ok && page.value.newer === null))} now={new Date().getTime()}
      may={{ view: holds(actor, "audit.view"), export: holds(actor, "audit.export") }} actions={{ save: nameView, remove: forgetView, ask: askForExport }}
    />
  );
}
