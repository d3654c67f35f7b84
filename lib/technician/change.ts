/** What we note of a technician: pod, tags, leave; and whose a row of a vault is. None of it reaches a vault. */
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { dayOf, leaveInWords, type Leave } from "./leave.ts";
import { seenOf } from "./seen.ts";

const asDate = (day: string | null): Date | null => (day === null ? null : new Date(`${day}T00:00:00Z`));

/** Notes pod, tags and leave. `seen`: from `seenOf`, as the page showed it. Throws Refusal `not_found`, `moved_on`. */
export async function changeTechnician(actor: Actor, { personId, podId, tags, leave, seen }: { personId: string; podId: string | null; tags: readonly string[]; leave: Leave | null; seen: string }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "technician.write");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    // The person's row is there in any case; a technician's row may not be yet.
    const found = await tx.db.$queryRaw<{ name: string }[]>`select name from person where msp_id = ${mspId}::uuid and person_id = ${personId}::uuid for update`;
    const person = found[0];
    // Held until the end, so that the pod is not removed meanwhile.
    const [pod] = podId === null ? [] : await tx.db.$queryRaw<{ name: string }[]>`select name from pod where msp_id = ${mspId}::uuid and pod_id = ${podId}::uuid for share`;
    if (!person || (podId !== null && !pod)) throw new Refusal("not_found");
    const at = { mspId_personId: { mspId, personId } };
    const before = await tx.db.technician.findUnique({ where: at });
    const was = seenOf({ podId: before?.podId ?? null, tags: before?.tags ?? [], leave: before?.leaveFrom ? { from: dayOf(before.leaveFrom), until: before.leaveUntil ? dayOf(before.leaveUntil) : null } : null });
    if (was !== seen || was === seenOf({ podId, tags, leave })) throw new Refusal("moved_on");
    const data = { podId, tags: [...tags], leaveFrom: asDate(leave?.from ?? null), leaveUntil: asDate(leave?.until ?? null) };
    await tx.db.technician.upsert({ where: at, update: data, create: { mspId, personId, ...data } });
    await record(tx, { action: "technician.changed", target: { kind: "person", id: personId }, fields: { name: person.name, pod: pod?.name ?? null, tags: tags.join(", "), leave: leaveInWords(leave) } });
    return { id: personId };
  }, db);
}

/**
 * Notes whose rows these are, where the import could not tell, or takes it back. Rows that are not `before`'s any more are left
 * alone. Throws Refusal `not_found`; `moved_on` when none is left.
 * @param before whose they were when the page was drawn; null: nobody's
 */
export async function linkRows(actor: Actor, { rows, personId, before }: { rows: readonly { vaultRef: string; uid: string }[]; personId: string | null; before: string | null }, db: Database = database()): Promise<{ count: number; moved: number }> {
  authorize(actor, "technician.write");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const nameOf = async (id: string | null) => (id === null ? null : (await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId: id } }, select: { name: true } }))?.name);
    const [person, was] = [await nameOf(personId), await nameOf(before)];
    if (person === undefined || was === undefined || personId === before) throw new Refusal("not_found");
    // The manager's own row is nobody's: it is the plane itself.
    const linked = await tx.db.$queryRaw<{ name: string }[]>`
      update known_agent a set person_id = ${personId}::uuid
        from unnest(${rows.map(({ vaultRef }) => vaultRef)}::uuid[], ${rows.map(({ uid }) => uid)}::text[]) as given (vault_ref, uid), vault v
       where a.msp_id = ${mspId}::uuid and a.vault_ref = given.vault_ref and a.uid = given.uid and a.person_id is not distinct from ${before}::uuid
         and v.msp_id = a.msp_id and v.vault_ref = a.vault_ref and a.uid <> v.manager_uid
      returning a.name`;
    if (linked.length === 0) throw new Refusal("moved_on");
    const names = [...new Set(linked.map(({ name }) => `“${name}”`))];
    await record(tx, { action: "rows.linked", ...(personId && { target: { kind: "person" as const, id: personId } }), fields: { names: names.length > 5 ? `${names.slice(0, 5).join(", ")} and others` : names.join(", "), count: linked.length, person, before: was } });
    return { count: linked.length, moved: rows.length - linked.length };
  }, db);
}
