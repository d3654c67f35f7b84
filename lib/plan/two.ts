/**
 * When two people sign (PROTOCOL 6, Cosign): where a client's grant asks for it, and where the organisation does. The first signs
 * ahead, under a dated challenge; the other's tap releases within the hour. The organisation's own rule is kept here, at the release;
 * a grant's is kept by the vault as well.
 */
import type { Cosignature } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { Plan, PlanChange } from "../protocol/plan.ts";
import { FRICTION_AT, nameToType } from "../protocol/plan-words.ts";
import { checkGrant } from "../protocol/schema.ts";
import { run } from "../protocol/check.ts";
import { record } from "../record/record.ts";
import type { LoadedPlan } from "./load.ts";

/** What an organisation asks of its own plans. `vaults`: two people for more than so many; null: however many. */
export type TwoPolicy = { fullAccess: boolean; whole: boolean; vaults: number | null };
export const onePerson: TwoPolicy = { fullAccess: false, whole: false, vaults: null };

const givesAll = (one: PlanChange): boolean => (one.change === "grant" && one.access.all_access) || (one.change === "alter" && one.after.all_access && !one.before.all_access);

/** Why the organisation asks for two people over this plan, in words; none: it does not. Pure. */
export function twoReasons(plan: Plan, { fullAccess, whole, vaults }: TwoPolicy): string[] {
  const full = plan.vaults.flatMap(({ changes }) => changes.filter(givesAll)).length;
  const typed = nameToType(plan);
  return [
    ...(fullAccess && full > 0 ? [`it gives full access ${full === 1 ? "once" : `${full} times`}`] : []),
    ...(whole && typed !== null && (plan.kind === "exit" || typed.of === "person" || typed.of === "client") ? [plan.kind === "exit" ? "it ends a connection" : `more than ${FRICTION_AT} changes are about ${typed.name} alone`] : []),
    ...(vaults !== null && plan.vaults.length > vaults ? [`it touches more than ${vaults === 1 ? "1 vault" : `${vaults} vaults`}`] : []),
  ];
}

export type Two = {
  /** The organisation's own reasons. */
  reasons: readonly string[];
  /** Places at which two people must sign. */
  places: ReadonlySet<number>;
  /** Of these, where the client's grant asks for it: the vault itself refuses one alone. */
  granted: ReadonlySet<number>;
};

export async function policyOf({ db, actor: { mspId } }: Pick<Read, "db" | "actor">): Promise<TwoPolicy> {
  const row = await db.signingPolicy.findUnique({ where: { mspId } });
  return row === null ? onePerson : { fullAccess: row.twoFullAccess, whole: row.twoWhole, vaults: row.twoVaults };
}

/** Where two must sign over this plan, as of this transaction. */
export async function twoOf(tx: Pick<Read, "db" | "actor">, { plan, refs }: Pick<LoadedPlan, "plan" | "refs">): Promise<Two> {
  const { db, actor: { mspId } } = tx;
  const rows = await db.vault.findMany({ where: { mspId, vaultRef: { in: [...refs] } }, select: { vaultRef: true, granted: true } });
  const asking = new Set(rows.flatMap(({ vaultRef, granted }) => {
    if (granted === null) return [];
    run(checkGrant, granted, "");
    return granted.cosign === 2 ? [vaultRef] : [];
  }));
  const granted = new Set(refs.flatMap((ref, place) => (asking.has(ref) ? [place] : [])));
  const reasons = twoReasons(plan, await policyOf(tx));
  return { reasons, granted, places: reasons.length > 0 ? new Set(refs.keys()) : granted };
}

export type First = Pick<Cosignature, "cosignatureId" | "personId" | "credentialId" | "assertion" | "seed" | "places" | "covered" | "issuedAt" | "notAfter" | "signedAt"> & { person: string; label: string };

/**
 * First signatures over this plan that still count: of keys that were not removed, and with a moment left, so that the release that
 * rests on one reaches the vaults. Newest first.
 */
export async function firstsOf({ db, actor: { mspId } }: Pick<Read, "db" | "actor">, planId: string, now: Date): Promise<First[]> {
  const rows = await db.cosignature.findMany({
    where: { mspId, planId, notAfter: { gt: new Date(now.getTime() + limits.cosignMarginMs) }, signingKey: { removedAt: null }, person: { frozenAt: null } },
    include: { person: { select: { name: true } }, signingKey: { select: { label: true } } }, orderBy: { signedAt: "desc" },
  });
  return rows.map(({ person, signingKey, ...row }) => ({ ...row, person: person.name, label: signingKey.label }));
}

/** What the organisation asks, for its page. Throws Refusal `forbidden`. */
export async function showTwoPolicy(actor: Actor, db: Database = database()): Promise<TwoPolicy> {
  authorize(actor, "signing_key.read");
  return read(actor, policyOf, db);
}

/** Whether two people sign, and over what. Plans that wait are judged by it from now on. Throws Refusal `forbidden`. */
export async function setTwoPolicy(actor: Actor, { fullAccess, whole, vaults }: TwoPolicy, clock: Clock = systemClock, db: Database = database()): Promise<TwoPolicy> {
  authorize(actor, "signing_policy.change");
  const { mspId } = actor;
  const data = { twoFullAccess: fullAccess, twoWhole: whole, twoVaults: vaults, changedAt: clock.now() };
  return write(actor, async (tx) => {
    await tx.db.signingPolicy.upsert({ where: { mspId }, create: { mspId, ...data }, update: data });
    await record(tx, { action: "signing_policy.two_changed", fields: { full_access: fullAccess, whole, vaults } });
    return { fullAccess, whole, vaults };
  }, db);
}
