/** Somebody else's answer. A yes is frozen as a plan at once, with the request's reason and ticket: it gives nothing before its tap. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { longestFor } from "../lease/policy.ts";
import { queueMail } from "../mail/queue.ts";
import { freezeAndKeep, type MadePlan } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import { record } from "../record/record.ts";
import { namesOf } from "./ask.ts";
import { wantedOf, type Held } from "./wanted.ts";

type Open = { personId: string; person: { name: string; email: string }; kind: string; roles: string[]; fullAccess: boolean; seconds: number | null; reason: string; ticket: string | null; vaults: { vaultRef: string }[] };

async function openRequest(tx: Write, id: string): Promise<Open> {
  const { mspId } = tx.actor;
  // Two who answer at once: the second waits here, and finds it answered.
  await tx.db.$queryRaw`select 1 from access_request where msp_id = ${mspId}::uuid and request_id = ${id}::uuid for update`;
  const row = await tx.db.accessRequest.findUnique({ where: { mspId_requestId: { mspId, requestId: id } }, include: { person: { select: { name: true, email: true } }, vaults: { select: { vaultRef: true } } } });
  if (row === null) throw new Refusal("not_found");
  if (row.answer !== null) throw new Refusal("request_over");
  // The table holds this too (0017).
  if (row.personId === tx.actor.id) throw new Refusal("request_own");
  return row;
}

async function wantedFor(tx: Write, { personId, kind, roles, fullAccess, vaults }: Open, expiresAt: number): Promise<WantedChange[]> {
  const { mspId } = tx.actor;
  const refs = vaults.map(({ vaultRef }) => vaultRef);
  const rows = await tx.db.$queryRaw<{ vault_ref: string; uid: string; scopes: string; all_access: boolean; expires_at: Date | null }[]>`
    select a.vault_ref, a.uid, a.scopes, a.all_access, a.expires_at from known_agent a join vault v using (msp_id, vault_ref)
     where a.msp_id = ${mspId}::uuid and a.vault_ref = any (${refs}::uuid[]) and a.person_id = ${personId}::uuid and a.managed_by = v.manager_uid and not a.admin`;
  if (kind === "renewal") return rows.map(({ vault_ref: vaultRef, uid }) => ({ change: "reissue", vaultRef, uid }));
  const numbers = await tx.db.roleScope.findMany({ where: { mspId, vaultRef: { in: refs }, roleId: { in: roles } }, select: { vaultRef: true, scope: true } });
  return refs.map((vaultRef) => {
    const scopes = numbers.filter((one) => one.vaultRef === vaultRef).map(({ scope }) => scope);
    if (scopes.length !== roles.length) throw new Refusal("request_unnumbered");
    const held: Held[] = rows.filter((one) => one.vault_ref === vaultRef).map((one) => ({ uid: one.uid, scopes: one.scopes, allAccess: one.all_access, expiresAt: one.expires_at === null ? null : Math.floor(one.expires_at.getTime() / 1_000) }));
    return wantedOf({ vaultRef, personId, scopes, full: fullAccess, expiresAt }, held);
  });
}

export type Approved = MadePlan & { id: string };

/**
 * Approves as asked, or for fewer hours: the end counts from now. What a vault or its grant forbids is left out of the plan and named
 * there; when nothing can go, nothing is answered.
 * Throws Refusal `request_own`, `request_over`, `request_long`, `request_unnumbered`, `plan_empty`, `not_found`, `forbidden`.
 */
export async function approveRequest(actor: Actor, { id, hours }: { id: string; hours?: number | undefined }, clock: Clock = systemClock, db: Database = database()): Promise<Approved> {
  authorize(actor, "request.answer");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const now = clock.now();
    const request = await openRequest(tx, id);
    const asked = request.seconds === null ? 0 : request.seconds / 3_600;
    const given = request.seconds === null ? 0 : (hours ?? asked);
    const longest = Math.min(asked, await longestFor(tx, { full: request.fullAccess, roles: request.roles, vaultRefs: request.vaults.map(({ vaultRef }) => vaultRef) }));
    if (request.seconds !== null && given > longest) throw new Refusal("request_long", { fields: { hours: `${longest} hours at most.` } });
    const names = await namesOf(tx, id);
    const wanted = await wantedFor(tx, request, Math.floor(now.getTime() / 1_000) + given * 3_600);
    if (wanted.length === 0) throw new Refusal("plan_empty", { detail: "They hold no row there any more. Nothing was frozen." });
    const title = `${request.person.name}: ${request.kind === "renewal" ? "a new token" : `${given} h`} at ${names}`.slice(0, 120);
    const made = await freezeAndKeep(tx, { title, reason: request.reason, ticket: request.ticket }, wanted, now);
    await tx.db.accessRequest.update({ where: { mspId_requestId: { mspId, requestId: id } }, data: { answer: "approved", answeredAt: now, answeredBy: actor.id, givenSeconds: request.seconds === null ? null : given * 3_600, planId: made.planId } });
    await record(tx, { action: "request.approved", target: { kind: "request", id }, fields: { person: request.person.name, names, hours: given, asked, plan: title } });
    const words = [given < asked ? `For ${given} of the ${asked} hours that you asked for.` : "", made.leftOut.length > 0 ? `Not at ${made.leftOut.map(({ name }) => name).join(", ")}.` : ""].filter(Boolean).join(" ");
    await queueMail(tx, { address: request.person.email, name: request.person.name }, "request_answered", { by: actor.name, clients: names, outcome: "approved", words, link: `${env().APP_ORIGIN}/tokens` });
    return { ...made, id };
  }, db);
}

/** Says no, with a reason that its asker reads. Throws Refusal `request_own`, `request_over`, `not_found`, `forbidden`. */
export async function refuseRequest(actor: Actor, { id, words }: { id: string; words: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "request.answer");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const request = await openRequest(tx, id);
    await tx.db.accessRequest.update({ where: { mspId_requestId: { mspId, requestId: id } }, data: { answer: "refused", answeredAt: clock.now(), answeredBy: actor.id, words } });
    const names = await namesOf(tx, id);
    await record(tx, { action: "request.refused", target: { kind: "request", id }, fields: { person: request.person.name, names, words } });
    await queueMail(tx, { address: request.person.email, name: request.person.name }, "request_answered", { by: actor.name, clients: names, outcome: "refused", words, link: `${env().APP_ORIGIN}/requests` });
    return { id };
  }, db);
}
