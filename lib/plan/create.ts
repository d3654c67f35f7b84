/** Freezing a plan. It is never edited afterwards: a moved world makes it stale, and another is made. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { hex } from "../protocol/bytes.ts";
import { jcs } from "../protocol/jcs.ts";
import { checkPlan, countChanges, planDigest, type Plan } from "../protocol/plan.ts";
import { isText } from "../protocol/schema.ts";
import { record } from "../record/record.ts";
import { judgeVault, type Finding } from "./check.ts";
import { loadFacts, type Facts } from "./facts.ts";
import { freezeChanges, type Frozen, type Heading } from "./freeze.ts";
import type { WantedChange } from "./wanted.ts";

const words = z.string().trim().refine((value) => (isText as (value: unknown) => boolean)(value));
export const planHeadingShape = z.object({ title: words, reason: words.nullable().default(null), ticket: words.nullable().default(null) });
export type PlanHeading = z.output<typeof planHeadingShape>;

/** Of one vault that was asked for and is not in the plan. */
export type LeftOut = { vaultRef: string; name: string; findings: readonly Finding[] };
export type MadePlan = { planId: string; digest: string; vaults: number; leftOut: readonly LeftOut[] };

export const headingOf = (given: PlanHeading, now: Date): Heading => ({ ...given, id: uuid7(now.getTime()), msp: env().APP_ORIGIN, notAfter: Math.floor(now.getTime() / 1_000) + limits.planSeconds });

/**
 * Freezes what is wanted, in one transaction with the facts it was judged by. Vaults with something that blocks are left out,
 * and the plan says which and why. Throws Refusal `plan_empty` (nothing can go), `plan_too_large`, `forbidden`.
 */
export async function createPlan(actor: Actor, given: PlanHeading & { wanted: readonly WantedChange[] }, clock: Clock = systemClock, db: Database = database()): Promise<MadePlan> {
  authorize(actor, "plan.make");
  const { wanted, ...heading } = given;
  return write(actor, (tx) => freezeAndKeep(tx, heading, wanted, clock.now()), db);
}

export async function freezeAndKeep(tx: Write, heading: PlanHeading, wanted: readonly WantedChange[], now: Date, alsoOut: readonly LeftOut[] = []): Promise<MadePlan> {
  const refs = [...new Set(wanted.map(({ vaultRef }) => vaultRef))];
  if (refs.length > limits.planVaults) throw new Refusal("plan_too_large");
  const facts = await loadFacts(tx, refs, [...new Set(wanted.flatMap((one) => (one.change === "grant" ? [one.personId] : [])))], now, new Set(wanted.flatMap((one) => (one.change === "reissue" ? [one.uid] : []))));
  const leftOut = [...leftOutOf(refs, wanted, facts), ...alsoOut];
  // A vault in `alsoOut` lacks only the cells that are named there.
  const blocked = new Set(leftOut.slice(0, leftOut.length - alsoOut.length).map(({ vaultRef }) => vaultRef));
  const going = wanted.filter(({ vaultRef }) => !blocked.has(vaultRef));
  if (going.length === 0) throw new Refusal("plan_empty", leftOut[0] && { detail: `${leftOut[0].name}: ${leftOut[0].findings[0]?.words ?? "nothing is known of it."} Nothing was frozen.` });
  return keepPlan(tx, freezeChanges(going, facts, headingOf(heading, now), randomUUID), leftOut, now);
}

function leftOutOf(refs: readonly string[], wanted: readonly WantedChange[], facts: Facts): LeftOut[] {
  return refs.flatMap((vaultRef): LeftOut[] => {
    const vault = facts.vaults.get(vaultRef);
    if (vault === undefined) return [{ vaultRef, name: "An unknown vault", findings: [] }];
    const findings = judgeVault(vault, wanted.filter((one) => one.vaultRef === vaultRef), facts);
    return findings.some(({ weight }) => weight === "blocks") ? [{ vaultRef, name: vault.name, findings }] : [];
  });
}

/** Writes a frozen plan down, after judging its form as the signing page will. */
export async function keepPlan(tx: Write, { plan, refs, persons }: Frozen, leftOut: readonly LeftOut[], now: Date): Promise<MadePlan> {
  checkPlan(plan);
  const { mspId, id: madeBy } = tx.actor;
  const digest = planDigest(plan);
  const counts = countChanges(plan);
  const [grants, alters, revokes] = [counts.grant + counts.enrol, counts.alter + counts.reissue + counts.renew, counts.revoke + counts.leave + counts.strike];
  await tx.db.plan.create({
    data: {
      mspId, planId: plan.id, kind: plan.kind, title: plan.title, frozen: jcs(plan), digest, madeBy, madeAt: now, notAfter: new Date(plan.not_after * 1_000),
      grants, alters, revokes, vaultCount: plan.vaults.length, leftOut: JSON.parse(JSON.stringify(leftOut)) as object,
    },
  });
  await tx.db.planOperation.createMany({ data: operationRows(plan, refs, persons).map((row) => ({ ...row, mspId, planId: plan.id })) });
  await record(tx, { action: "plan.made", target: { kind: "plan", id: plan.id }, fields: { title: plan.title, kind: plan.kind, vaults: plan.vaults.length, operations: grants + alters + revokes, left_out: leftOut.length, digest: hex(digest).slice(0, 16) } });
  return { planId: plan.id, digest: hex(digest), vaults: plan.vaults.length, leftOut };
}

function operationRows({ vaults }: Plan, refs: readonly string[], persons: ReadonlyMap<string, string>) {
  return vaults.flatMap(({ changes }, place) => changes.map((one, position) => ({
    operationId: one.id, vaultRef: refs[place]!, place, position, change: one.change, personId: persons.get(one.id) ?? null,
    uid: "uid" in one ? one.uid : null, revision: "revision" in one ? BigInt(one.revision) : null,
  })));
}
