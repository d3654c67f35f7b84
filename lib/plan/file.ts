/**
 * A plan as a file: taken away, brought back, signed later. What comes back is hostile input: its form is judged strictly, its digest made
 * again, and of its content only the wishes are taken. They are judged and frozen anew, so that nothing is signed that a file says.
 */
import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { equalBytes, fromB64u, hex, tryText } from "../protocol/bytes.ts";
import { literal, object, pattern, run, that, type Check } from "../protocol/check.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { checkPlan, planDigest, type Plan } from "../protocol/plan.ts";
import { freezeAndKeep, type LeftOut, type MadePlan } from "./create.ts";
import { loadPlan } from "./load.ts";
import type { WantedChange } from "./wanted.ts";

/** What stands in the file. `digest`: hex, of the plan as it was frozen. */
export type PlanFile = { clavitor: "plan"; v: 1; digest: string; plan: Plan };
const planCheck: Check<Plan> = (value, path) => {
  checkPlan(value, path);
};
const fileCheck: Check<PlanFile> = object({ clavitor: literal("plan"), v: literal(1), digest: pattern(/^[0-9a-f]{64}$/, "a digest"), plan: planCheck });

/** The plan as text, and what the file is to be called. Holds names and numbers, and no secret. Throws Refusal `not_found`, `plan_damaged`, `forbidden`. */
export async function exportPlan(actor: Actor, planId: string, db: Database = database()): Promise<{ name: string; text: string }> {
  authorize(actor, "plan.read");
  const { plan, row } = await read(actor, (tx) => loadPlan(tx, planId), db);
  const file: PlanFile = { clavitor: "plan", v: 1, digest: hex(row.digest), plan };
  return { name: `plan-${planId.slice(0, 8)}.json`, text: `${JSON.stringify(file, null, 1)}\n` };
}

/** base64 of the gzipped file, as the page sends it: a plan over a thousand vaults is larger than any form. Throws Refusal `plan_file`. */
export function unpackFile(packed: string): string {
  const refuse = (detail: string) => new Refusal("plan_file", { detail });
  let bytes: Buffer;
  try {
    bytes = gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: limits.planFileBytes });
  } catch {
    throw refuse("It cannot be unpacked, or is larger than any plan. Nothing was made.");
  }
  const text = tryText(new Uint8Array(bytes));
  if (text === null) throw refuse("It is not text in UTF-8. Nothing was made.");
  return text;
}

/** Reads a file strictly. Throws Refusal `plan_file` with what is wrong, never with a value out of it. */
export function readFile(text: string): Plan {
  const refuse = (detail: string) => new Refusal("plan_file", { detail: `${detail} Nothing was made.` });
  let value: unknown;
  try {
    value = JSON.parse(text);
    run(that<object>((one) => typeof one === "object" && one !== null && !Array.isArray(one), "an object"), value, "");
    run(fileCheck, value, "");
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse("It is no JSON.");
    if (error instanceof ProtocolError) throw refuse(`It is not in the form of a plan${error.path === undefined ? "" : ` at ${error.path.slice(0, 80)}`}.`);
    throw error;
  }
  if (!equalBytes(planDigest(value.plan), Buffer.from(value.digest, "hex"))) throw refuse("Its digest does not fit its content: it was changed after it was taken away.");
  return value.plan;
}

export type Brought = MadePlan & { /** It is here already, unchanged and open: that one is shown. */ known: boolean };

/**
 * Brings a plan back. One that is here unchanged is found; any other is judged and frozen anew, with vaults and people that are not
 * known here left out and named. Throws Refusal `plan_file`, `plan_empty`, `plan_too_large`, `forbidden`.
 */
export async function importPlan(actor: Actor, text: string, clock: Clock = systemClock, db: Database = database()): Promise<Brought> {
  authorize(actor, "plan.make");
  const plan = readFile(text);
  if (plan.msp !== env().APP_ORIGIN) throw new Refusal("plan_file", { detail: "It was made by another console. Nothing was made." });
  if (plan.kind !== "change") throw new Refusal("plan_file", { detail: "Ends of connections, signers and renewals are planned on their own pages. Nothing was made." });
  const { mspId } = actor;
  const now = clock.now();
  const here = await read(actor, (tx) => tx.db.plan.findUnique({ where: { mspId_planId: { mspId, planId: plan.id } }, include: { approvals: { take: 1, select: { approvalId: true } } } }), db);
  if (here !== null && equalBytes(new Uint8Array(here.digest), planDigest(plan)) && here.withdrawnAt === null && (here.notAfter > now || here.approvals.length > 0)) {
    return { planId: plan.id, digest: hex(here.digest), vaults: plan.vaults.length, leftOut: [], known: true };
  }
  return write(actor, async (tx) => {
    const { wanted, unknown } = await wishesOf(tx, plan);
    const [first] = unknown;
    if (wanted.length === 0) throw new Refusal("plan_empty", first && { detail: `${first.name}: ${first.findings[0]!.words} Nothing was frozen.` });
    return { ...(await freezeAndKeep(tx, { title: plan.title, reason: plan.reason, ticket: plan.ticket }, wanted, now, unknown)), known: false };
  }, db);
}

/** What the plan wants, by our own names of vaults and people. Who is unknown here is asked for under a name that nobody has, and so found missing. */
async function wishesOf({ db, actor: { mspId } }: Write, plan: Plan): Promise<{ wanted: WantedChange[]; unknown: LeftOut[] }> {
  const vaults = await db.vault.findMany({ where: { mspId, publicKey: { in: plan.vaults.map(({ key }) => key) } }, select: { vaultRef: true, publicKey: true } });
  const keys = await db.inboxKey.findMany({ where: { mspId, statementHash: { in: plan.people.map(({ statement }) => fromB64u(statement)) } }, select: { personId: true, statementHash: true } });
  const personOf = plan.people.map(({ statement }) => keys.find(({ statementHash }) => equalBytes(new Uint8Array(statementHash), fromB64u(statement)))?.personId ?? randomUUID());
  const wanted: WantedChange[] = [];
  const unknown: LeftOut[] = [];
  for (const { key, name, changes } of plan.vaults) {
    const vaultRef = vaults.find(({ publicKey }) => publicKey === key)?.vaultRef;
    if (vaultRef === undefined) {
      unknown.push({ vaultRef: key, name, findings: [{ vaultRef: key, weight: "blocks", code: "not_connected", words: "No vault with this key is connected here.", ways: [] }] });
      continue;
    }
    const reach = (access: { scopes: string; all_access: boolean; expires_at: number | null }) => ({ scopes: access.scopes, allAccess: access.all_access, expiresAt: access.expires_at });
    for (const one of changes) {
      if (one.change === "grant") wanted.push({ change: "grant", vaultRef, personId: personOf[one.person]!, ...reach(one.access) });
      else if (one.change === "revoke") wanted.push({ change: "revoke", vaultRef, uid: one.uid });
      else if (one.change === "alter") wanted.push({ change: "alter", vaultRef, uid: one.uid, ...reach(one.after) });
    }
  }
  return { wanted, unknown };
}
