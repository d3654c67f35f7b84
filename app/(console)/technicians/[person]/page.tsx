import type { Metadata } from "next";
import { forbidden, notFound } from "next/navigation";
import { z } from "zod";
import { AccessList } from "#components/technician/access-list.tsx";
import { TechnicianFacts } from "#components/technician/technician-facts.tsx";
import { Empty } from "#components/ui/states.tsx";
import { systemClock } from "#lib/clock.ts";
import { Refusal } from "#lib/errors.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { listPods } from "#lib/technician/pods.ts";
import { showTechnician } from "#lib/technician/show.ts";
import { OpenRevocation } from "#components/revocation/open-dialog.tsx";
import { PersonBoards } from "#components/revocation/person-boards.tsx";
import { listRevocations } from "#lib/revocation/show.ts";
import { change, link, takeAway } from "../actions.ts";

export const metadata: Metadata = { title: "Technician" };

/** Everybody may see their own; who may see others is decided by the verb. */
export default async function TechnicianPage({ params, searchParams }: { params: Promise<{ person: string }>; searchParams: Promise<Record<string, unknown>> }) {
  const actor = await pageActor("self");
  const personId = z.uuid().safeParse((await params).person);
  if (!personId.success) notFound();
  const page = await showTechnician(actor, personId.data).catch((error: unknown) => {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    if (error instanceof Refusal && error.failure.code === "forbidden") forbidden();
    throw error;
  });
  // The palette's "Remove … everywhere" and the audit's "Remove … here" lead here with the window open.
  const away = z.union([z.literal("1"), z.guid()]).safeParse((await searchParams)["away"]).data;
  const writes = holds(actor, "technician.write");
  const boards = holds(actor, "revocation.read") ? await listRevocations(actor, { personId: page.id }) : [];
  return (
    <>
      <TechnicianFacts page={page} pods={writes ? await listPods(actor) : []} list={holds(actor, "technician.read")} audit={holds(actor, "audit.read")} change={writes ? change : null} more={holds(actor, "revocation.open") ? <OpenRevocation key={away ?? ""} asked={away === undefined ? null : away === "1" ? "all" : { vaultRef: away }} personId={page.id} name={page.name} rows={page.access} open={takeAway} /> : null} />
      <PersonBoards boards={boards} />
      <section aria-labelledby="access-title" className="border-t border-line">
        <h2 id="access-title" className="px-gutter pt-5 pb-2">Where {page.self ? "you have" : "they have"} access</h2>
        <AccessList
          rows={page.access} personId={page.id} name={page.name} self={page.self} now={systemClock.now().getTime()} unlink={writes ? link : null}
          empty={<Empty as="h3" title={page.self ? "You have access nowhere yet" : "No access anywhere"}>{page.self ? "Once an owner grants you a role at a client, it stands here." : "No vault holds a row that we take for theirs."}</Empty>}
        />
      </section>
    </>
  );
}
