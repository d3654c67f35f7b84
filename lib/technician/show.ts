import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { inOrder, type PersonRight } from "../identity/permission.ts";
import { accessOf, authorizeAccess, type AccessLine } from "./access.ts";
import { inboxStates, type InboxState } from "./inbox-state.ts";
import { dayOf, leaveState, type Leave } from "./leave.ts";

/** `passkeys`: how many open the console for them, and how many of those stay on their device. Times in epoch milliseconds. */
export type TechnicianPage = {
  readonly id: string; readonly name: string; readonly email: string; readonly rights: readonly PersonRight[]; readonly since: number; readonly frozenAt: number | null; readonly self: boolean;
  readonly podId: string | null; readonly podName: string | null; readonly tags: readonly string[]; readonly leave: Leave | null; readonly leaveState: ReturnType<typeof leaveState>;
  readonly passkeys: { readonly count: number; readonly hardwareBound: number; readonly lastUsedAt: number | null }; readonly signingKeys: number; readonly inbox: InboxState;
  readonly access: readonly AccessLine[];
};

/** One technician; oneself needs no right. Throws Refusal `forbidden`; `not_found` for whoever neither works as one nor holds a row. */
export async function showTechnician(actor: Actor, personId: string, clock: Clock = systemClock, db: Database = database()): Promise<TechnicianPage> {
  authorizeAccess(actor, personId);
  const { mspId } = actor;
  const now = clock.now();
  const access = await accessOf(actor, personId, db);
  return read(actor, async (tx) => {
    const person = await tx.db.person.findUnique({
      where: { mspId_personId: { mspId, personId } },
      include: { passkeys: { select: { backupEligible: true, lastUsedAt: true } }, technician: { include: { pod: true } }, signingKeys: { where: { removedAt: null }, select: { credentialId: true } } },
    });
    if (!person || (!person.rights.includes("technician") && access.length === 0)) throw new Refusal("not_found");
    const { technician, passkeys } = person;
    const leave: Leave | null = technician?.leaveFrom ? { from: dayOf(technician.leaveFrom), until: technician.leaveUntil ? dayOf(technician.leaveUntil) : null } : null;
    const used = passkeys.flatMap(({ lastUsedAt }) => (lastUsedAt ? [lastUsedAt.getTime()] : []));
    return {
      id: personId, name: person.name, email: person.email, rights: inOrder(person.rights), since: person.createdAt.getTime(), frozenAt: person.frozenAt?.getTime() ?? null, self: personId === actor.id,
      podId: technician?.podId ?? null, podName: technician?.pod?.name ?? null, tags: technician?.tags ?? [], leave, leaveState: leaveState(leave, dayOf(now)),
      passkeys: { count: passkeys.length, hardwareBound: passkeys.filter(({ backupEligible }) => !backupEligible).length, lastUsedAt: used.length > 0 ? Math.max(...used) : null },
      signingKeys: person.signingKeys.length, inbox: (await inboxStates(tx, [personId], now)).get(personId) ?? { state: "none" }, access,
    };
  }, db);
}
