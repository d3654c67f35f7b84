/**
 * Delivery under faults, by seed: random plans over real vaults, with answers lost, doubled, changed, late, workers that die or sleep
 * in the middle, clocks that jump. Afterwards everything heals, and what must hold is held against the vaults themselves.
 */
import type { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules } from "#sandbox/fault-proxy/rules.ts";
import { releaseApproval } from "../../approval/release.ts";
import { Refusal } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { createPlan } from "../../plan/create.ts";
import type { WantedChange } from "../../plan/wanted.ts";
import { Stopped } from "../../../signing/stopped.ts";
import { openVault } from "../../vault/open.ts";
import { deliverDispatches } from "../deliver.ts";
import type { Line } from "../line.ts";
import { hurry, openPlan, readAll, tapPlan, visitor, type Estate } from "./estate.ts";
import { holdInvariants, rowsByVault, type Row } from "./invariants.ts";

export type Random = () => number;

/** Mulberry32: small, and the same on every machine. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

const FAULTS = [
  { kind: "hang" }, { kind: "lose" }, { kind: "duplicate" }, { kind: "reset", after: 0 }, { kind: "reset", after: 40 }, { kind: "delay", ms: 60 },
  { kind: "status", status: 503, retry_after: null }, { kind: "status", status: 429, retry_after: "1" }, { kind: "status", status: 500, retry_after: "999999999" }, { kind: "status", status: 401, retry_after: null },
  { kind: "garbage", what: "bytes" }, { kind: "garbage", what: "json" },
  { kind: "alter", how: "body" }, { kind: "alter", how: "resign" }, { kind: "alter", how: "strip" }, { kind: "alter", how: "replay" },
] as const;

export type Course = { estate: Estate; proxy: FaultProxy; forward: (seconds: number) => void; now: () => Date };
export type Told = { seed: number; faults: number; kills: number; sleepers: number; shares: Record<string, number> };

class Killed extends Error {
  override name = "Killed";
}

/** What is wanted: per vault at most one change per row, and some new ones. */
function wish(random: Random, { vaults, technicians }: Estate, rows: ReadonlyMap<string, readonly Row[]>): WantedChange[] {
  return vaults.flatMap(({ vaultRef }) => {
    if (random() < 0.15) return [];
    const there = rows.get(vaultRef)!;
    const old = there.flatMap((row): WantedChange[] => {
      const die = random();
      if (die < 0.45) return [{ change: "revoke", vaultRef, uid: row.uid }];
      return die < 0.6 ? [{ change: "alter", vaultRef, uid: row.uid, scopes: row.scopes === "0010" ? "0011" : "0010", allAccess: false, expiresAt: null }] : [];
    });
    const fresh = technicians.flatMap(({ personId }): WantedChange[] => (random() < 0.5 && there.length < 8 ? [{ change: "grant", vaultRef, personId, scopes: pick(random, ["0010", "0011", "0010,0011"]), allAccess: false, expiresAt: null }] : []));
    return [...old, ...fresh];
  });
}

/** Throws an Error that names the seed and what did not hold. */
export async function runSeed(seed: number, { estate, proxy, forward, now }: Course): Promise<Told> {
  const random = randomOf(seed);
  const { t, owner, vaults } = estate;
  const must = (held: boolean, what: string) => {
    if (!held) throw new Error(`seed ${seed}: ${what}`);
  };
  const told: Told = { seed, faults: 0, kills: 0, sleepers: 0, shares: {} };
  proxy.book.replace([]);
  await readAll(estate);
  const before = await rowsByVault(estate);
  const wanted = wish(random, estate, before);
  if (wanted.length === 0) return told;
  const plan = await createPlan(owner, { title: `Seed ${seed}`, reason: null, ticket: null, wanted }, { now }, t.db);
  must(plan.leftOut.length === 0, `left out: ${JSON.stringify(plan.leftOut)}`);

  const rules = vaults.flatMap(({ owned }) => {
    const id = owned.owner.account.vaultId;
    return Array.from({ length: Math.floor(random() * 4) }, () => ({ match: { path: `/${id}/${pick(random, ["batch", "batch", "agents", "auth/begin"])}` }, skip: Math.floor(random() * 2), times: 1 + Math.floor(random() * 2), fault: pick(random, FAULTS) }));
  });
  told.faults = rules.length;
  // Half of them are there when the tap is made, half only afterwards.
  if (random() < 0.5) proxy.book.replace(parseRules(rules));
  let released = true;
  try {
    const tap = await tapPlan(estate, await openPlan(estate, plan));
    await releaseApproval(tap.submission, visitor, estate.clock, t.db);
  } catch (error) {
    // Every vault was silent, and there was nothing to remove: nothing was signed, and that is all.
    if (!(error instanceof Stopped || error instanceof Refusal)) throw error;
    released = false;
  }
  proxy.book.replace(parseRules(rules));

  const calls = new Map<string, number>();
  const inFlight = new Map<string, number>();
  const sleeping: (() => void)[] = [];
  let sleepers = 0;
  let healed = false;
  const speak = (faulty: boolean) => (row: Parameters<typeof openVault>[0]): Line["speak"] => {
    const client = openVault(row, estate.net);
    const ref = row.vaultRef;
    return {
      agents: (...given) => client.agents(...given),
      credentials: () => client.credentials(),
      begin: (...given) => client.begin(...given),
      async batch(...given) {
        if (faulty && !healed && random() < 0.1) { told.kills += 1; throw new Killed("before a byte left"); }
        calls.set(ref, (calls.get(ref) ?? 0) + 1);
        inFlight.set(ref, (inFlight.get(ref) ?? 0) + 1);
        must(sleepers > 0 || inFlight.get(ref) === 1, "two writes in flight to one vault");
        try {
          const called = await client.batch(...given);
          if (faulty && !healed && random() < 0.1) { told.kills += 1; throw new Killed("after the answer came, before it was written down"); }
          if (faulty && !healed && random() < 0.1) {
            told.sleepers += 1;
            sleepers += 1;
            await new Promise<void>((wake) => void sleeping.push(wake));
          }
          return called;
        } finally {
          inFlight.set(ref, inFlight.get(ref)! - 1);
        }
      },
    };
  };
  const work = (faulty: boolean) => deliverDispatches({ db: t.db, now, speak: speak(faulty), concurrency: 4 }).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });

  const asleep: Promise<unknown>[] = [];
  const rounds = released ? 3 : 0;
  for (let round = 0; round < rounds; round++) {
    const workers = [work(true), work(true)];
    const sleptThrough = (async () => {
      // A worker that sleeps in the middle never ends by itself; the others go on without it.
      await Promise.race([Promise.all(workers), new Promise<void>((over) => { const timer = setInterval(() => { if (sleeping.length > 0) { clearInterval(timer); over(); } }, 20); void Promise.all(workers).finally(() => clearInterval(timer)); })]);
    })();
    asleep.push(...workers);
    await sleptThrough;
    if (random() < 0.4) forward(Math.floor(random() * 90));
    await hurry(estate);
  }

  // Everything heals, those that work still among it. Whoever slept wakes up with what it knows, behind a fence that has moved on.
  healed = true;
  proxy.book.replace([]);
  for (let round = 0; round < 6; round++) {
    forward(round === 0 ? 0 : 80);
    await hurry(estate);
    await work(false);
    for (const wake of sleeping.splice(0)) wake();
  }
  await Promise.all(asleep);
  await hurry(estate);
  await work(false);
  await readAll(estate);

  told.shares = await holdInvariants(estate, { planId: plan.planId, wanted, before, released, left: calls, must });
  must(limits.challengeStartMs === 55_000, "the minute");
  return told;
}
