import type { Metadata } from "next";
import { Incident } from "#components/plan/incident.tsx";
import { ServerTime } from "#components/ui/time.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { haltable, haltableWords, haltWords, showHalts } from "#lib/plan/halt.ts";
import { lift, set } from "./actions.ts";

export const metadata: Metadata = { title: "Incident" };

export default async function IncidentPage() {
  const actor = await pageActor("halt.read");
  const { halts, regions, waiting } = await showHalts(actor);
  const may = holds(actor, "work.halt");
  return (
    <ServerTime now={Date.now()}>
      <Incident halts={halts.map(({ id, scope, by, at, ...halt }) => ({ id, scope, by, at, ...halt, words: haltWords({ id, scope, by, at, ...halt }) }))} regions={regions} operations={haltable.map((value) => ({ value, label: haltableWords[value] }))} waiting={waiting} set={may ? set : null} lift={may ? lift : null} />
    </ServerTime>
  );
}
