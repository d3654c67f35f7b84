/** From what a person has staged in the matrix to a plan, and back: what was proven leaves the draft. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { settleDriftAsStaged } from "../known/settle-drift.ts";
import { settleStaged, stagedRowsIn } from "../matrix/draft.ts";
import type { Unnumbered } from "../matrix/rows.ts";
import { freezeAndKeep, type LeftOut, type MadePlan, type PlanHeading } from "./create.ts";

/**
 * Freezes the actor's own draft, as it was when `revision` was its number. Nothing is taken out of the draft: a cell leaves it when
 * its vault was read back. Throws Refusal `moved_on` (the draft changed meanwhile), `plan_empty`, `plan_too_large`, `forbidden`.
 */
export async function planStaged(actor: Actor, { revision, ...heading }: PlanHeading & { revision: number }, clock: Clock = systemClock, db: Database = database()): Promise<MadePlan> {
  authorize(actor, "plan.make");
  return write(actor, async (tx) => {
    const staged = await stagedRowsIn(tx, actor.id);
    if (staged.revision !== revision) throw new Refusal("moved_on");
    return freezeAndKeep(tx, heading, staged.changes, clock.now(), await withoutNumber(tx, staged.unnumbered));
  }, db);
}

/** Cells whose roles have no number in their vault: said on the plan, so that nobody takes them for planned. */
async function withoutNumber({ db, actor: { mspId } }: Write, cells: readonly Unnumbered[]): Promise<LeftOut[]> {
  if (cells.length === 0) return [];
  const [vaults, people, roles] = [
    await db.vault.findMany({ where: { mspId, vaultRef: { in: cells.map(({ vaultRef }) => vaultRef) } }, select: { vaultRef: true, client: { select: { name: true } } } }),
    await db.person.findMany({ where: { mspId, personId: { in: cells.map(({ personId }) => personId) } }, select: { personId: true, name: true } }),
    await db.role.findMany({ where: { mspId, roleId: { in: cells.flatMap((cell) => cell.roles) } }, select: { roleId: true, name: true } }),
  ];
  const nameOf = new Map([...people.map(({ personId, name }) => [personId, name] as const), ...roles.map(({ roleId, name }) => [roleId, name] as const)]);
  return vaults.map(({ vaultRef, client }) => ({
    vaultRef, name: client.name,
    findings: cells.filter((cell) => cell.vaultRef === vaultRef).map(({ personId, roles: asked }) => ({
      vaultRef, code: "no_number" as const, weight: "blocks" as const,
      words: `${asked.map((role) => nameOf.get(role) ?? "A role").join(" and ")} ${asked.length === 1 ? "has" : "have"} no number in this vault, so ${nameOf.get(personId) ?? "nobody"} cannot be given it. The rest of this vault is planned.`,
      ways: [{ words: "Give the role its number here, under Roles", do: null }],
    })),
  }));
}

/** What was read back from a vault as planned leaves the draft it came from, unless it was staged anew since. For the transaction that proves it. */
export async function unstageProven(tx: Write, { planId, vaultRefs, kind }: { planId: string; vaultRefs: readonly string[]; kind: string }): Promise<number> {
  const { mspId } = tx.actor;
  const plan = await tx.db.plan.findUniqueOrThrow({ where: { mspId_planId: { mspId, planId } }, select: { madeBy: true, madeAt: true } });
  // A standing share carries the removals alone.
  const operations = await tx.db.planOperation.findMany({ where: { mspId, planId, vaultRef: { in: [...vaultRefs] }, personId: { not: null }, ...(kind === "standing" && { change: "revoke" }) }, select: { vaultRef: true, personId: true }, distinct: ["vaultRef", "personId"] });
  return settleStaged(tx, plan.madeBy, operations.flatMap(({ vaultRef, personId }) => (personId === null ? [] : [{ vaultRef, personId, stagedAt: plan.madeAt }])));
}

/**
 * A row that the client took away and that was given anew is put back: its drift is answered, and what was wanted of the old row is
 * wanted no more. What was altered or appeared is answered by reading alone. A drift knows whose row it was by name only: where two
 * people share it, nothing is answered, and a person settles it. For the transaction that proves the grant.
 */
export async function answerRemoved(tx: Write, { planId, vaultRefs }: { planId: string; vaultRefs: readonly string[] }): Promise<number> {
  const { db, actor: { mspId } } = tx;
  const answered = await db.$queryRaw<{ drift_id: string; uid: string; vault_ref: string }[]>`
    select d.drift_id, d.uid, d.vault_ref from drift d
     where d.msp_id = ${mspId}::uuid and d.vault_ref = any(${[...vaultRefs]}::uuid[]) and d.settled_at is null and d.kind = 'removed'
       and exists (select from plan_operation o join person p on p.msp_id = o.msp_id and p.person_id = o.person_id
                    where o.msp_id = d.msp_id and o.plan_id = ${planId}::uuid and o.vault_ref = d.vault_ref and o.change = 'grant' and p.name = d.before->>'name'
                      and not exists (select from person q where q.msp_id = p.msp_id and q.name = p.name and q.person_id <> p.person_id))`;
  if (answered.length === 0) return 0;
  await db.wantedAgent.deleteMany({ where: { mspId, OR: answered.map(({ uid, vault_ref: vaultRef }) => ({ vaultRef, uid })) } });
  return settleDriftAsStaged(tx, answered.map(({ drift_id: id }) => id));
}
