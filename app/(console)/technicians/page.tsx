import type { Metadata } from "next";
import { TechnicianList } from "#components/technician/technician-list.tsx";
import { UnlinkedRows } from "#components/technician/unlinked-rows.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { unlinkedRows } from "#lib/technician/access.ts";
import { listTechnicians } from "#lib/technician/list.ts";
import { change, link, makePod, orderPods, removePod, renamePod } from "./actions.ts";

export const metadata: Metadata = { title: "Technicians" };

export default async function TechniciansPage() {
  const actor = await pageActor("technician.read");
  const [list, rows] = await Promise.all([listTechnicians(actor), unlinkedRows(actor)]);
  const writes = holds(actor, "technician.write");
  return (
    <>
      <TechnicianList {...list} deeds={writes ? { change, createPod: makePod, renamePod, orderPods, removePod } : null} />
      <UnlinkedRows rows={rows} people={list.technicians.map(({ id, name }) => ({ id, name }))} link={writes ? link : null} />
    </>
  );
}
