/**
 * A slot lent for hours where a vault has none free: one row gives way, another with an end takes its place, in one batch. What the
 * first had is kept here, and given back by a plan of its own when the time is over (docs/decisions/0053-lent-slots.md).
 */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { freezeAndKeep, type MadePlan } from "../plan/create.ts";
import { record } from "../record/record.ts";
import { lengthsIn, longestOf } from "../role/lengths.ts";
import { policyIn } from "./policy.ts";

export const lendShape = z.object({
  vaultRef: z.uuid(), uid: z.string().regex(/^[A-Za-z0-9_-]{22}$/, "Choose whose slot."), borrowerId: z.uuid("Choose who needs it."), hours: z.coerce.number<string>({ error: "Choose how long." }).int().min(1).max(2_160),
  roles: z.string().max(2_000).transform((text) => text.split(",").filter(Boolean)).refine((list) => list.length > 0 && list.every((one) => one === "full" || z.uuid().safeParse(one).success), "Choose a role."),
});

/** Rows that could give way, the least used first, and who could have the slot. */
export type LendForm = { readonly client: string; readonly rows: readonly { readonly uid: string; readonly name: string; readonly lastUsedAt: number | null }[]; readonly people: readonly { readonly id: string; readonly name: string }[]; readonly roles: readonly { readonly roleId: string; readonly name: string }[] };
/** Vaults without a free token. Throws Refusal `forbidden`. */
export async function fullVaults(actor: Actor, db: Database = database()): Promise<{ vaultRef: string; form: LendForm }[]> {
  authorize(actor, "lease.extend");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const vaults = await tx.db.vault.findMany({
      where: { mspId, state: "connected", reading: { is: { tokensLimit: { not: null } } } },
      select: { vaultRef: true, managerUid: true, client: { select: { name: true } }, reading: { select: { tokensUsed: true, tokensLimit: true } }, agents: { where: { person: { is: { keptBy: null } }, admin: false }, select: { uid: true, name: true, managedBy: true, lastUsedAt: true } }, roleScopes: { where: { role: { retiredAt: null } }, select: { role: { select: { roleId: true, name: true, position: true } } } } },
    });
    const people = await tx.db.person.findMany({ where: { mspId, rights: { has: "technician" }, frozenAt: null, keptBy: null }, select: { personId: true, name: true }, orderBy: { name: "asc" } });
    return vaults.filter(({ reading }) => reading !== null && (reading.tokensUsed ?? 0) >= reading.tokensLimit!).map((vault) => ({
      vaultRef: vault.vaultRef,
      form: {
        client: vault.client.name, people: people.map(({ personId: id, name }) => ({ id, name })), roles: vault.roleScopes.map(({ role }) => role).toSorted((a, b) => a.position - b.position),
        rows: vault.agents.filter(({ managedBy }) => managedBy === vault.managerUid).map(({ uid, name, lastUsedAt }) => ({ uid, name, lastUsedAt: lastUsedAt?.getTime() ?? null })).toSorted((a, b) => (a.lastUsedAt ?? 0) - (b.lastUsedAt ?? 0)),
      },
    })).toSorted((a, b) => a.form.client.localeCompare(b.form.client));
  }, db);
}

/** Throws Refusal `moved_on` (the row is gone), `invalid`, `request_long`, `request_unnumbered`, `plan_empty`, `forbidden`. */
export async function lendSlot(actor: Actor, given: z.output<typeof lendShape>, clock: Clock = systemClock, db: Database = database()): Promise<MadePlan> {
  authorize(actor, "lease.extend");
  const { mspId } = actor;
  const { vaultRef, uid, borrowerId, hours } = given;
  const now = clock.now();
  const full = given.roles.includes("full");
  return write(actor, async (tx) => {
    const policy = await policyIn(tx);
    const longest = full ? policy.longestFullHours : policy.longestHours;
    if (hours > longest) throw new Refusal("request_long", { fields: { hours: `${longest} hours at most${full ? " with full access" : ""}.` } });
    const row = await tx.db.knownAgent.findUnique({ where: { mspId_vaultRef_uid: { mspId, vaultRef, uid } }, include: { vault: { select: { managerUid: true, clientId: true, client: { select: { name: true } } } }, person: { select: { name: true } } } });
    const borrower = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId: borrowerId } }, select: { name: true } });
    if (row === null || row.personId === null || row.person === null || row.managedBy !== row.vault.managerUid || borrower === null) throw new Refusal("moved_on");
    if (row.personId === borrowerId) throw new Refusal("invalid", { fields: { borrowerId: "They have this slot already." } });
    const numbers = full ? [] : (await tx.db.roleScope.findMany({ where: { mspId, vaultRef, roleId: { in: given.roles } }, select: { scope: true } })).map(({ scope }) => scope);
    if (!full && numbers.length !== given.roles.length) throw new Refusal("request_unnumbered");
    const endsAt = Math.floor(now.getTime() / 1_000) + hours * 3_600;
    const made = await freezeAndKeep(tx, { title: `Lend ${row.person.name}’s slot at ${row.vault.client.name} to ${borrower.name}`.slice(0, 120), reason: `For ${hours === 1 ? "an hour" : `${hours} hours`}`, ticket: null }, [
      { change: "revoke", vaultRef, uid }, { change: "grant", vaultRef, personId: borrowerId, scopes: numbers.toSorted().join(","), allAccess: full, expiresAt: endsAt },
    ], now);
    await tx.db.slotLoan.create({ data: { mspId, loanId: uuid7(now.getTime()), vaultRef, lenderId: row.personId, scopes: row.scopes, fullAccess: row.allAccess, lenderEndsAt: row.expiresAt, borrowerId, endsAt: new Date(endsAt * 1_000), planId: made.planId, madeBy: actor.id, madeAt: now } });
    await record(tx, { action: "slot.lent", target: { kind: "client", id: row.vault.clientId }, fields: { client: row.vault.client.name, lender: row.person.name, borrower: borrower.name, until: new Date(endsAt * 1_000).toISOString().slice(0, 16).replace("T", " ") } });
    return made;
  }, db);
}

/**
 * Gives what the lender had back, with a new token sealed to them; for no longer than the rules allow such access today. Throws Refusal `moved_on`, `plan_empty`, `not_found`, `forbidden`.
 */
export async function giveSlotBack(actor: Actor, { id }: { id: string }, clock: Clock = systemClock, db: Database = database()): Promise<MadePlan> {
  authorize(actor, "lease.extend");
  const { mspId } = actor;
  const now = clock.now();
  return write(actor, async (tx) => {
    await tx.db.$queryRaw`select 1 from slot_loan where msp_id = ${mspId}::uuid and loan_id = ${id}::uuid for update`;
    const loan = await tx.db.slotLoan.findUnique({ where: { mspId_loanId: { mspId, loanId: id } }, include: { vault: { select: { clientId: true, client: { select: { name: true, tags: true } }, roleScopes: { select: { roleId: true, scope: true } } } } } });
    if (loan === null) throw new Refusal("not_found");
    // A former end that has come meanwhile gives nothing back.
    if (loan.lenderEndsAt !== null && loan.lenderEndsAt <= now) throw new Refusal("moved_on");
    const back = loan.backPlanId === null ? null : await tx.db.plan.findUnique({ where: { mspId_planId: { mspId, planId: loan.backPlanId } }, select: { withdrawnAt: true, notAfter: true, approvals: { select: { approvalId: true } } } });
    if (back !== null && back.withdrawnAt === null && (back.approvals.length > 0 || back.notAfter > now)) throw new Refusal("moved_on");
    const lender = await tx.db.person.findUniqueOrThrow({ where: { mspId_personId: { mspId, personId: loan.lenderId } }, select: { name: true } });
    const longest = longestOf(await lengthsIn(tx), { full: loan.fullAccess, roles: loan.vault.roleScopes.filter(({ scope }) => loan.scopes.split(",").includes(scope)).map(({ roleId }) => roleId), tags: loan.vault.client.tags });
    const ends = [...(loan.lenderEndsAt === null ? [] : [loan.lenderEndsAt.getTime()]), ...(longest === null ? [] : [now.getTime() + longest.hours * 3_600_000])];
    const made = await freezeAndKeep(tx, { title: `Give ${lender.name} their slot at ${loan.vault.client.name} back`.slice(0, 120), reason: "It was lent", ticket: null }, [
      { change: "grant", vaultRef: loan.vaultRef, personId: loan.lenderId, scopes: loan.scopes, allAccess: loan.fullAccess, expiresAt: ends.length === 0 ? null : Math.floor(Math.min(...ends) / 1_000) },
    ], now);
    await tx.db.slotLoan.updateMany({ where: { mspId, loanId: id }, data: { backPlanId: made.planId } });
    await record(tx, { action: "slot.given_back", target: { kind: "client", id: loan.vault.clientId }, fields: { client: loan.vault.client.name, lender: lender.name } });
    return made;
  }, db);
}
