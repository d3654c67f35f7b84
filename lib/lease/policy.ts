/** How long access may be given for, and what is done on a schedule: the organisation's own rules, under what each client's grant allows. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { lengthsIn, longestOf, usualFullHours } from "../role/lengths.ts";

/** Hours of access for roles and for everything; days after which tokens are renewed and the break-glass is tried. */
export type Policy = { longestHours: number; longestFullHours: number; renewDays: number; drillDays: number };
/** Until an owner sets others: a week of a role, a night of everything, a season of a token, a season of trust in the break-glass. */
export const usualPolicy: Policy = { longestHours: 168, longestFullHours: usualFullHours, renewDays: 90, drillDays: 90 };

export async function policyIn({ db, actor: { mspId } }: Read): Promise<Policy> {
  const row = await db.accessPolicy.findUnique({ where: { mspId } });
  return row === null ? usualPolicy : { longestHours: row.longestHours, longestFullHours: row.longestFullHours, renewDays: row.renewDays, drillDays: row.drillDays };
}

/** Everybody who may ask or answer sees it. Throws Refusal `forbidden`. */
export async function readPolicy(actor: Actor, db: Database = database()): Promise<Policy> {
  authorize(actor, "request.read");
  return read(actor, policyIn, db);
}

/** What may be asked for at once: the general rule, and every rule over such a role or such a client that plans are held to. */
export async function longestFor(tx: Read, { full, roles, vaultRefs }: { full: boolean; roles: readonly string[]; vaultRefs: readonly string[] }): Promise<number> {
  const { db, actor: { mspId } } = tx;
  const policy = await policyIn(tx);
  const vaults = await db.vault.findMany({ where: { mspId, vaultRef: { in: [...vaultRefs] } }, select: { client: { select: { tags: true } } } });
  const longest = longestOf(await lengthsIn(tx), { full, roles, tags: [...new Set(vaults.flatMap(({ client }) => client.tags))] });
  return Math.min(full ? policy.longestFullHours : policy.longestHours, longest?.hours ?? Infinity);
}

/** The longest for one role, or at clients with one tag; held in every plan (lib/plan/check.ts). */
export type LengthRule = { readonly roleId: string | null; readonly tag: string | null; readonly hours: number };
/** The rules as their form needs them. `roles`, `tags`: what a rule can be set for. */
export type Rules = { readonly policy: Policy; readonly lengths: readonly LengthRule[]; readonly roles: readonly { readonly id: string; readonly name: string }[]; readonly tags: readonly string[] };

/** Throws Refusal `forbidden`. */
export async function showRules(actor: Actor, db: Database = database()): Promise<Rules> {
  authorize(actor, "policy.change");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const roles = await tx.db.role.findMany({ where: { mspId, retiredAt: null }, orderBy: [{ position: "asc" }, { name: "asc" }], select: { roleId: true, name: true } });
    const clients = await tx.db.client.findMany({ where: { mspId, endedAt: null, NOT: { tags: { isEmpty: true } } }, select: { tags: true } });
    const lengths = await tx.db.accessLength.findMany({ where: { mspId, OR: [{ tag: { not: null } }, { role: { retiredAt: null } }] }, orderBy: [{ roleId: { sort: "asc", nulls: "last" } }, { tag: "asc" }] });
    const tags = new Set([...clients.flatMap((one) => one.tags), ...lengths.flatMap(({ tag }) => tag ?? [])]);
    return { policy: await policyIn(tx), lengths: lengths.map(({ roleId, tag, longestHours: hours }) => ({ roleId, tag, hours })), roles: roles.map(({ roleId: id, name }) => ({ id, name })), tags: [...tags].toSorted((a, b) => a.localeCompare(b)) };
  }, db);
}

const within = (least: number, most: number, unit: string) => z.coerce.number<string>({ error: `A number of ${unit}.` }).int(`Whole ${unit}.`).min(least, `At least ${least} ${unit}.`).max(most, `At most ${most} ${unit}.`);
const lengthRule = z.strictObject({ roleId: z.uuid().nullable(), tag: z.string().trim().min(1).max(60).nullable(), hours: z.int().min(1, "An hour at least.").max(2_160, "Ninety days at most.") }).refine(({ roleId, tag }) => (roleId === null) !== (tag === null));
const lengthRules = z.string().max(40_000).transform((text, context): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: "custom", message: "This is no list." });
    return z.NEVER;
  }
}).pipe(z.array(lengthRule).max(limits.lengthRules, `At most ${limits.lengthRules} rules.`).refine((list) => new Set(list.map(({ roleId, tag }) => roleId ?? `#${tag ?? ""}`)).size === list.length, "One rule for each role and each tag."));
/** As the tables hold it too (0017, 0022). */
export const policyShape = z.object({ longestHours: within(1, 2_160, "hours"), longestFullHours: within(1, 720, "hours"), renewDays: within(7, 365, "days"), drillDays: within(7, 365, "days"), lengths: lengthRules.optional() });

/**
 * Sets the rules; they hold for what is asked, planned and signed from now on. Without `lengths` those stay as they are.
 * Throws Refusal `moved_on` (a role that is not there any more), `forbidden`.
 */
export async function setPolicy(actor: Actor, { lengths, ...given }: Policy & { lengths?: readonly LengthRule[] | undefined }, clock: Clock = systemClock, db: Database = database()): Promise<Policy> {
  authorize(actor, "policy.change");
  const { mspId } = actor;
  const now = clock.now();
  return write(actor, async (tx) => {
    const row = { ...given, setBy: actor.id, setAt: now };
    await tx.db.accessPolicy.upsert({ where: { mspId }, create: { mspId, ...row }, update: row });
    const names = lengths === undefined ? null : await setLengths(tx, lengths, now);
    await record(tx, { action: "policy.changed", fields: { longest_hours: given.longestHours, longest_full_hours: given.longestFullHours, renew_days: given.renewDays, drill_days: given.drillDays, ...(names !== null && { lengths: names }) } });
    return given;
  }, db);
}

/** @returns the rules in words, as the record keeps them */
async function setLengths(tx: Write, lengths: readonly LengthRule[], now: Date): Promise<string> {
  const { db, actor: { mspId, id: setBy } } = tx;
  const ids = lengths.flatMap(({ roleId }) => roleId ?? []);
  const roles = await db.role.findMany({ where: { mspId, roleId: { in: ids }, retiredAt: null }, select: { roleId: true, name: true } });
  if (roles.length !== ids.length) throw new Refusal("moved_on");
  await db.accessLength.deleteMany({ where: { mspId } });
  await db.accessLength.createMany({ data: lengths.map(({ roleId, tag, hours }) => ({ mspId, lengthId: uuid7(now.getTime()), roleId, tag, longestHours: hours, setBy, setAt: now })) });
  return lengths.map(({ roleId, tag, hours }) => `${roleId === null ? `clients tagged “${tag ?? ""}”` : roles.find((one) => one.roleId === roleId)!.name} ${hours} h`).join(", ");
}
