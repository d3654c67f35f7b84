/** A technician asks: for a role for some hours, or for a new token in place of a lost one. Owners are mailed. */
import type { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { mailOwners } from "../identity/owners.ts";
import { longestFor, policyIn, type Policy } from "../lease/policy.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { named } from "../role/named.ts";
import type { RoleMark } from "../role/letters.ts";
import type { askShape, renewalShape } from "./shape.ts";

/** A client as somebody without a look at clients may see it: enough to ask for. `free` null: unlimited or not known. */
export type Askable = { readonly vaultRef: string; readonly client: string; readonly aliases: string; readonly free: number | null; readonly limit: number | null; /** Ids of roles that have a number there. */ readonly roles: readonly string[]; /** What the client's grant says of full access. */ readonly full: "never" | "leased" | "yes" };
export type AskForm = { readonly vaults: readonly Askable[]; readonly roles: readonly RoleMark[]; readonly policy: Policy };

/** Where something can be asked for, by name. Throws Refusal `forbidden`. */
export async function askForm(actor: Actor, db: Database = database()): Promise<AskForm> {
  authorize(actor, "request.make");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const rows = await tx.db.$queryRaw<{ vault_ref: string; client: string; aliases: string[]; used: number | null; limit: number | null; full: Askable["full"] | null; roles: string[] | null }[]>`
      select v.vault_ref, c.name as client, c.aliases, r.tokens_used as used, r.tokens_limit as "limit", v.granted->>'all_access' as full,
             (select array_agg(s.role_id::text) from role_scope s join role o using (msp_id, role_id) where s.msp_id = v.msp_id and s.vault_ref = v.vault_ref and o.retired_at is null) as roles
        from vault v join client c using (msp_id, client_id) left join reading r using (msp_id, vault_ref)
       where v.msp_id = ${mspId}::uuid and v.state = 'connected' order by lower(c.name), v.vault_ref limit ${limits.clientsListed}`;
    const roles = await tx.db.role.findMany({ where: { mspId, retiredAt: null }, orderBy: [{ position: "asc" }, { name: "asc" }], select: { roleId: true, name: true, letter: true, position: true } });
    return {
      roles, policy: await policyIn(tx),
      vaults: rows.map((row) => ({ vaultRef: row.vault_ref, client: row.client, aliases: row.aliases.join(", "), limit: row.limit, free: row.limit === null || row.used === null ? null : Math.max(0, row.limit - row.used), roles: row.roles ?? [], full: row.full ?? "never" })),
    };
  }, db);
}

async function keep(tx: Write, row: { kind: "access" | "renewal"; roles: string[]; fullAccess: boolean; seconds: number | null; reason: string; ticket: string | null }, vaultRefs: readonly string[], now: Date): Promise<{ id: string; names: string; organisation: string }> {
  const { mspId, id: personId } = tx.actor;
  // Two tabs at once are counted one after the other.
  await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`request:${mspId}:${personId}`}, 0))`;
  if ((await tx.db.accessRequest.count({ where: { mspId, personId, answer: null } })) >= limits.requestsOpen) throw new Refusal("request_limit");
  const vaults = await tx.db.vault.findMany({ where: { mspId, vaultRef: { in: [...vaultRefs] }, state: "connected" }, select: { vaultRef: true, client: { select: { name: true, msp: { select: { name: true } } } } } });
  if (vaults.length !== vaultRefs.length) throw new Refusal("moved_on");
  const id = uuid7(now.getTime());
  await tx.db.accessRequest.create({ data: { mspId, requestId: id, personId, askedAt: now, ...row } });
  await tx.db.accessRequestVault.createMany({ data: vaultRefs.map((vaultRef) => ({ mspId, requestId: id, vaultRef })) });
  const names = named(vaults.map(({ client }) => client.name).toSorted((a, b) => a.localeCompare(b)));
  await record(tx, { action: "request.made", target: { kind: "request", id }, fields: { kind: row.kind, clients: vaults.length, names, hours: row.seconds === null ? 0 : row.seconds / 3_600, reason: row.reason } });
  return { id, names, organisation: vaults[0]!.client.msp.name };
}

/**
 * Asks for roles, or for everything, at some clients for some hours.
 * Throws Refusal `request_long`, `request_unnumbered`, `request_limit`, `moved_on`, `forbidden`.
 */
export async function askAccess(actor: Actor, { vaults, roles: wished, hours, reason, ticket }: z.output<typeof askShape>, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "request.make");
  const { mspId } = actor;
  const full = wished.includes("full");
  const roles = full ? [] : wished;
  return write(actor, async (tx) => {
    const longest = await longestFor(tx, { full, roles, vaultRefs: vaults });
    if (hours > longest) throw new Refusal("request_long", { fields: { hours: `${longest === 1 ? "An hour" : `${longest} hours`} at most${full ? " with full access" : ""}.` } });
    const found = await tx.db.role.findMany({ where: { mspId, roleId: { in: roles }, retiredAt: null }, select: { roleId: true, name: true } });
    if (found.length !== roles.length) throw new Refusal("moved_on");
    const numbers = await tx.db.roleScope.count({ where: { mspId, vaultRef: { in: vaults }, roleId: { in: roles } } });
    if (numbers !== vaults.length * roles.length) throw new Refusal("request_unnumbered");
    const { id, names } = await keep(tx, { kind: "access", roles, fullAccess: full, seconds: hours * 3_600, reason, ticket }, vaults, clock.now());
    const what = `${full ? "full access" : named(found.map(({ name }) => name))} for ${hours === 1 ? "an hour" : `${hours} hours`}`;
    await mailOwners(tx, "request_made", { person: actor.name, what, clients: names, reason, link: `${env().APP_ORIGIN}/requests` });
    return { id };
  }, db);
}

/** Asks for a new token where one holds a row already: the old one ends with it. Throws Refusal `moved_on`, `request_limit`, `forbidden`. */
export async function askRenewal(actor: Actor, { vaults, reason }: z.output<typeof renewalShape>, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "request.make");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const held = await tx.db.knownAgent.findMany({ where: { mspId, personId: actor.id, admin: false, vaultRef: { in: vaults } }, select: { vaultRef: true }, distinct: ["vaultRef"] });
    if (held.length !== vaults.length) throw new Refusal("moved_on");
    const { id, names } = await keep(tx, { kind: "renewal", roles: [], fullAccess: false, seconds: null, reason, ticket: null }, vaults, clock.now());
    await mailOwners(tx, "request_made", { person: actor.name, what: "a new token", clients: names, reason, link: `${env().APP_ORIGIN}/requests` });
    return { id };
  }, db);
}

/** Takes one's own open request back. Throws Refusal `request_over`, `forbidden`. */
export async function withdrawRequest(actor: Actor, { id }: { id: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "request.make");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const { count } = await tx.db.accessRequest.updateMany({ where: { mspId, requestId: id, personId: actor.id, answer: null }, data: { answer: "withdrawn", answeredAt: clock.now(), answeredBy: actor.id } });
    if (count === 0) throw new Refusal("request_over");
    await record(tx, { action: "request.withdrawn", target: { kind: "request", id }, fields: { names: await namesOf(tx, id) } });
    return { id };
  }, db);
}

/** The clients of a request, as a sentence names them. */
export async function namesOf(tx: Write, requestId: string): Promise<string> {
  const rows = await tx.db.accessRequestVault.findMany({ where: { mspId: tx.actor.mspId, requestId }, select: { vault: { select: { client: { select: { name: true } } } } } });
  return named(rows.map(({ vault }) => vault.client.name).toSorted((a, b) => a.localeCompare(b)));
}
