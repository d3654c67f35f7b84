/**
 * What holds of a plan when everything has healed, whatever was lost, late, doubled or killed on its way: held against the vaults
 * themselves, our own rows and their records (docs/plans.md, Under faults).
 */
import { chainRecords } from "../../audit/chain-records.ts";
import { checkRecords } from "../../audit/check-records.ts";
import { read } from "../../db/tenant.ts";
import { workerFor } from "../../identity/actor.ts";
import type { WantedChange } from "../../plan/wanted.ts";
import type { Estate, EstateVault } from "./estate.ts";

export type Row = { id: number; uid: string; name: string; scopes: string; managed_by: string | null; admin: boolean };
const allIn = async ({ owned }: EstateVault): Promise<Row[]> => ((await owned.owner.get("/agents")).json as { agents: Row[] }).agents;
/** Rows of ours in a vault, but our own. */
export const rowsIn = async (vault: EstateVault): Promise<Row[]> => (await allIn(vault)).filter(({ managed_by: by, admin }) => by === vault.manager.account.uid && !admin);
export const rowsByVault = async ({ vaults }: Estate): Promise<Map<string, Row[]>> => new Map(await Promise.all(vaults.map(async (vault) => [vault.vaultRef, await rowsIn(vault)] as const)));

type Share = { vault_ref: string; kind: string; state: string; answer: string | null; read_at: Date | null; attempts: number; words: string | null; code: string | null };
type Try = { number: number; sent_at: Date; start_before: Date; vault_ref: string };

export type Course = {
  planId: string; wanted: readonly WantedChange[];
  /** Of each vault, before the plan. */
  before: ReadonlyMap<string, readonly Row[]>;
  released: boolean;
  /** How many submissions left for each vault, as somebody between us and it counted them. */
  left: ReadonlyMap<string, number>;
  must: (held: boolean, what: string) => void;
};

/** Every reading must be fresh. @returns how many shares ended how, by kind and state */
export async function holdInvariants(estate: Estate, { planId, wanted, before, released, left, must }: Course): Promise<Record<string, number>> {
  const { t, mspId, vaults } = estate;
  const told: Record<string, number> = {};
  const shares = (await t.asAdmin((admin) => admin.query<Share>("select d.*, r.answer, r.read_at from dispatch d left join receipt r using (msp_id, dispatch_id) where d.msp_id = $1 and d.plan_id = $2", [mspId, planId]))).rows;
  const tries = (await t.asAdmin((admin) => admin.query<Try>("select a.*, d.start_before, d.vault_ref from attempt a join dispatch d using (msp_id, dispatch_id) where d.msp_id = $1 and d.plan_id = $2", [mspId, planId]))).rows;

  // Every operation has ended, and each end is one that a page can show.
  for (const { state, kind, answer, read_at: readAt } of shares) {
    told[`${kind} ${state}`] = (told[`${kind} ${state}`] ?? 0) + 1;
    must(!["waiting", "sent", "accepted", "held", "incident", "lost"].includes(state), `a ${kind} share is left ${state}`);
    must(state !== "proven" || (answer !== null && readAt !== null), "proven without a receipt or without a re-read");
  }
  for (const one of tries) must(one.number !== 1 || one.sent_at < one.start_before, "a first submission after the last moment to start");
  // No byte leaves without its intent.
  for (const { vaultRef } of vaults) must((left.get(vaultRef) ?? 0) <= tries.filter((one) => one.vault_ref === vaultRef).length, "bytes left that no attempt was written for");

  for (const vault of vaults) {
    const { vaultRef } = vault;
    const after = await rowsIn(vault);
    const mine = shares.filter((one) => one.vault_ref === vaultRef);
    const asked = wanted.filter((one) => one.vaultRef === vaultRef);
    const done = mine.find(({ kind }) => kind === "fresh")?.state === "proven";
    const grants = asked.filter(({ change }) => change === "grant").length;
    const revokes = new Set(asked.flatMap((one) => (one.change === "revoke" ? [one.uid] : [])));
    const gone = [...revokes].filter((uid) => !after.some((row) => row.uid === uid)).length;
    must(!mine.some(({ state }) => state === "proven") || gone === revokes.size, `a removal at ${vault.name} is shown done while its row is there`);
    if (released && mine.length > 0) must(gone === revokes.size, `a removal was lost at ${vault.name}: ${JSON.stringify(mine.map(({ kind, state, attempts, words, code }) => ({ kind, state, attempts, words, code })))}`);
    else must(gone === 0, "a row went without a released plan");
    const made = after.filter(({ uid }) => !before.get(vaultRef)!.some((row) => row.uid === uid)).length;
    must(made === (done ? grants : 0), `${made} new rows at ${vault.name}, where ${done ? grants : 0} were proven: applied twice, or without being told`);
    for (const one of asked) {
      if (one.change !== "alter") continue;
      const row = after.find(({ uid }) => uid === one.uid);
      must(row !== undefined && (row.scopes === one.scopes) === done, "an alteration that is proven is not there, or one that is not proven is");
    }
    // Limits equal a recount.
    const reading = (await t.asAdmin((admin) => admin.query<{ tokens_used: number; known: number }>("select r.tokens_used, (select count(*)::int from known_agent a where a.msp_id = r.msp_id and a.vault_ref = r.vault_ref) as known from reading r where r.msp_id = $1 and r.vault_ref = $2", [mspId, vaultRef]))).rows[0]!;
    const listed = (await allIn(vault)).length;
    must(reading.tokens_used === listed && reading.known === listed, `${vault.name} uses ${reading.tokens_used} tokens by its reading, ${reading.known} by our rows, ${listed} by its list`);
  }
  const { rows: drifts } = await t.asAdmin((admin) => admin.query("select kind from drift where msp_id = $1 and settled_at is null", [mspId]));
  must(drifts.length === 0, `our own doing looks like a drift: ${JSON.stringify(drifts)}`);
  await holdRecords(estate, planId, must);
  return told;
}

/** Our records verify against their signed root, tell of this plan once for each thing done, and nobody else's tenant sees any of it. */
async function holdRecords({ t, mspId }: Estate, planId: string, must: Course["must"]): Promise<void> {
  await chainRecords(mspId, t.db);
  const { findings, size } = await checkRecords(mspId, t.db);
  must(findings.length === 0 && size > 0, `our records do not verify: ${JSON.stringify(findings)}`);
  const { rows: approvals } = await t.asAdmin((admin) => admin.query("select (select count(*)::int from approval where plan_id = $1) as made, (select count(*)::int from record where action = 'plan.released' and target_id = $1::text) as told", [planId]));
  must(approvals[0].made === approvals[0].told, `${approvals[0].made} taps, ${approvals[0].told} records of them`);
  const stranger = await t.msp("Fernhill");
  const seen = await read(workerFor(stranger), async ({ db }) => [await db.plan.count(), await db.dispatch.count(), await db.attempt.count(), await db.receipt.count(), await db.record.count()], t.db);
  must(seen.every((count) => count === 0), `another tenant sees ${JSON.stringify(seen)}`);
}
