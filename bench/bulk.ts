/**
 * One tap over 50, 500 and 1,000 real vaults that answer after 30 to 90 ms: from the tap to the last receipt, beside a bare undici fan-out
 * of the same calls (the same batches, signed by another tap of the same size, and the list read after each), as many at once, which
 * verifies and keeps nothing; so the vaults' own work, sealing included, is in both. Then with 5 % hanging: how much later the healthy
 * ones are done. And what the page computes. Long, because the set-up of real vaults stands beside what is measured.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import pg from "pg";
import { Agent } from "undici";
import { setTestEnvironment, type TestDatabase } from "../tests/database.ts";
import { releaseApproval } from "../lib/approval/release.ts";
import { relayBegin } from "../lib/approval/relay.ts";
import { createDatabase } from "../lib/db/client.ts";
import { deliverDispatches } from "../lib/dispatch/deliver.ts";
import { addTechnician, addVaults, house, openPlan, startEstate, tapPlan, visitor, type Estate, type EstateVault } from "../lib/dispatch/testing/estate.ts";
import { limits } from "../lib/limits.ts";
import { createPlan, type MadePlan } from "../lib/plan/create.ts";
import { b64u } from "../lib/protocol/bytes.ts";
import { jcs } from "../lib/protocol/jcs.ts";
import { ASSERTION_HEADER } from "../lib/protocol/schema.ts";
import { NONCE_HEADER } from "../lib/protocol/signed.ts";
import { addressRules, openNet, type Net } from "../lib/vault/net.ts";
import { openVault } from "../lib/vault/open.ts";
import { checkRelayed, type Relayed } from "../signing/offer.ts";
import { collect, judgePlan, prepare, readBegin } from "../signing/approve.ts";
import { REGISTRATIONS_PER_MINUTE as perMinute } from "../vault/limits.ts";
import type { World } from "../vault/testing/world.ts";
import { median, table, timed } from "./measure.ts";
import { database } from "./read.ts";

const SIZES = (process.env["BENCH_VAULTS"] ?? "50,500,1000").split(",").map(Number);
const TURNS = Number(process.env["BENCH_TURNS"] ?? 3);
const HEADING = { title: "Bench", reason: null, ticket: null };
const clock = { now: () => new Date() };

type Bench = { estate: Estate; worker: Worker; net: Net; admin: pg.Client };

async function tell(worker: Worker, given: { hanging: string[]; delay: boolean }): Promise<void> {
  const told = once(worker, "message");
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  worker.postMessage(given);
  await told;
}

const planOver = (estate: Estate, vaults: readonly EstateVault[]): Promise<MadePlan> =>
  createPlan(estate.owner, { ...HEADING, wanted: vaults.map(({ vaultRef }) => ({ change: "grant", vaultRef, personId: estate.technicians[0]!.personId, scopes: "0010", allAccess: false, expiresAt: null })) }, clock, estate.t.db);

/** A tap over these vaults, released and not yet delivered. */
async function tapped(estate: Estate, vaults: readonly EstateVault[]): Promise<MadePlan> {
  const made = await planOver(estate, vaults);
  const { submission } = await tapPlan(estate, await openPlan(estate, made));
  await releaseApproval(submission, visitor, clock, estate.t.db);
  return made;
}

type Measured = { receipts: number; proven: number; p99: number; rss: number };

/** From the release to the last receipt, and to the last re-read; of the vaults that do not hang. */
async function ours({ estate, net, admin }: Bench, vaults: readonly EstateVault[], hanging: ReadonlySet<string>): Promise<Measured> {
  const made = await planOver(estate, vaults);
  const { submission } = await tapPlan(estate, await openPlan(estate, made));
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const delays = monitorEventLoopDelay({ resolution: 5 });
  const began = new Date();
  delays.enable();
  await releaseApproval(submission, visitor, clock, estate.t.db);
  const running = deliverDispatches({ db: estate.t.db, speak: (vault) => openVault(vault, net) });
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
  await running;
  clearInterval(watch);
  delays.disable();
  const { rows: [last] } = await admin.query("select max(accepted_at) as receipts, max(settled_at) as proven, count(*) filter (where state = 'proven')::int as done from dispatch where plan_id = $1", [made.planId]);
  const healthy = vaults.filter(({ owned }) => !hanging.has(owned.owner.account.vaultId)).length;
  if (last.done !== healthy) {
    const { rows: why } = await admin.query("select state, attempts, code, words, count(*)::int as vaults from dispatch where plan_id = $1 and state <> 'proven' group by 1, 2, 3, 4", [made.planId]);
    throw new Error(`${last.done} of ${healthy} healthy vaults are proven; the page left out ${JSON.stringify(submission.left).slice(0, 500)}; ${JSON.stringify(why)}`);
  }
  await admin.query("update dispatch set state = 'lost' where plan_id = $1 and state = 'sent'", [made.planId]);
  await admin.query("update vault_line set next_at = null");
  return { receipts: last.receipts.getTime() - began.getTime(), proven: last.proven.getTime() - began.getTime(), p99: delays.percentile(99) / 1e6, rss: (peak - before) / 2 ** 20 };
}

/** The same calls, from the rows of a tap that is not delivered: each batch, then the list. */
async function bare({ estate, admin }: Bench, vaults: readonly EstateVault[]): Promise<{ receipts: number; all: number }> {
  const made = await tapped(estate, vaults);
  const { rows } = await admin.query<{ body: string; header: string; address: string; vault_ref: string }>("select d.body, d.header, v.address, d.vault_ref from dispatch d join vault v using (msp_id, vault_ref) where d.plan_id = $1", [made.planId]);
  await admin.query("update dispatch set state = 'stopped' where plan_id = $1", [made.planId]);
  await admin.query("update vault_line set next_at = null");
  const agent = new Agent({ connections: limits.vaultConnectionsPerOrigin, allowH2: false });
  const tokens = new Map(vaults.map(({ vaultRef, manager }) => [vaultRef, manager.account.token]));
  let receipts = 0;
  let next = 0;
  const began = performance.now();
  await Promise.all(Array.from({ length: limits.dispatchConcurrency }, async () => {
    for (let i = next++; i < rows.length; i = next++) {
      const { body, header, address, vault_ref: ref } = rows[i]!;
      const { origin, pathname } = new URL(address);
      const headers = { authorization: `Bearer ${tokens.get(ref)!}`, [NONCE_HEADER]: "AAAAAAAAAAAAAAAAAAAAAA" };
      const batch = await agent.request({ origin, path: `${pathname}/batch`, method: "POST", headers: { ...headers, "content-type": "application/json", [ASSERTION_HEADER]: header }, body });
      await batch.body.arrayBuffer();
      if (batch.statusCode !== 200) throw new Error(`a bare batch was refused: ${batch.statusCode}`);
      receipts = performance.now() - began;
      const list = await agent.request({ origin, path: `${pathname}/agents`, method: "GET", headers });
      await list.body.arrayBuffer();
    }
  }));
  const all = performance.now() - began;
  await agent.destroy();
  return { receipts, all };
}

/** What the page computes over one plan, milliseconds: its own time, without waiting for vaults. */
async function page({ estate, net }: Bench, vaults: readonly EstateVault[]): Promise<{ planning: number; judging: number; answers: number; tree: number; collecting: number }> {
  let made: MadePlan | null = null;
  const planning = await timed(async () => (made = await planOver(estate, vaults)));
  const offer = await openPlan(estate, made!);
  const now = Math.floor(Date.now() / 1_000);
  const seen: { relayed: Relayed; nonce: string }[] = [];
  const judged = await judgePlan(offer, house, now);
  const judging = await timed(() => judgePlan(offer, house, now));
  const round = randomUUID();
  const began = performance.now();
  const collected = await collect(offer.plan, judged.open, async (asked) => {
    const value: unknown = JSON.parse(jcs(await relayBegin({ secret: offer.secret, round, vaults: [...asked] }, visitor, clock, estate.t.db, net)));
    checkRelayed(value);
    for (const relayed of value.answers) seen.push({ relayed, nonce: asked.find(({ place }) => place === relayed.place)!.nonce });
    return value.answers;
  });
  const collecting = performance.now() - began;
  const answers = await timed(() => Promise.all(seen.map(({ relayed, nonce }) => readBegin(offer.plan, relayed, nonce))));
  let challenge = "";
  const tree = await timed(async () => (challenge = b64u((await prepare(offer, judged, collected, house, now)).tree.challenge)));
  if (challenge === "") throw new Error("no tree");
  return { planning, judging, answers, tree, collecting };
}

export async function run(): Promise<void> {
  const worker = new Worker(join(import.meta.dirname, "bulk-servers.ts"));
  const [servers] = (await once(worker, "message")) as [{ port: number; listening: string; origin: string }];
  const { urls, stop } = await database();
  setTestEnvironment(urls);
  const admin = new pg.Client({ connectionString: urls.admin });
  await admin.connect();
  const db = createDatabase(urls.app, 10);
  const net = openNet({ rules: addressRules() });
  try {
    const t = { db, urls, asAdmin: (work: (client: pg.Client) => Promise<unknown>) => work(admin), msp: async (name: string) => { const id = randomUUID(); await admin.query("insert into msp (msp_id, name) values ($1, $2)", [id, name]); return id; } } as unknown as TestDatabase;
    const estate = await startEstate(t, { listening: servers.listening, origin: servers.origin } as unknown as World, net, clock);
    await addTechnician(estate, "Jim Okafor");
    const most = Math.max(...SIZES);
    const setUp = await timed(async () => {
      for (let from = 0; from < most; from += perMinute) {
        // A host takes so many registrations in a minute, and no more.
        if (from > 0) await setTimeout(61_000);
        await addVaults(estate, Array.from({ length: Math.min(perMinute, most - from) }, (_, i) => `Client ${from + i}`), { dial: `http://127.0.0.1:${servers.port}`, grant: { scopes: ["0010", "0011"], all_access: "leased", max_lease: 86_400, max_agents: 500, entries: false, cosign: 1, signer_delay: 86_400, audit: "own" } });
      }
    });
    console.log(`  ${most} vaults registered, connected and read in ${(setUp / 1_000).toFixed(0)} s`);
    const bench: Bench = { estate, worker, net, admin };
    const whole: (string | number)[][] = [];
    const hung: (string | number)[][] = [];
    const pages: (string | number)[][] = [];
    for (const size of SIZES) {
      const vaults = estate.vaults.slice(0, size);
      const hanging = vaults.filter((_, i) => i % 20 === 7).map(({ owned }) => owned.owner.account.vaultId);
      await tell(worker, { hanging: [], delay: true });
      await ours(bench, vaults, new Set());
      const [mine, theirs, some]: [Measured[], { receipts: number; all: number }[], Measured[]] = [[], [], []];
      for (let turn = 0; turn < TURNS; turn++) {
        mine.push(await ours(bench, vaults, new Set()));
        theirs.push(await bare(bench, vaults));
      }
      await tell(worker, { hanging, delay: true });
      for (let turn = 0; turn < Math.min(TURNS, 2); turn++) some.push(await ours(bench, vaults, new Set(hanging)));
      await tell(worker, { hanging: [], delay: true });
      const of = <T>(rows: readonly T[], pick: (row: T) => number) => median(rows.map(pick));
      const own = of(mine, ({ receipts }) => receipts);
      whole.push([`${size} vaults`, own, of(theirs, ({ receipts }) => receipts), own / of(theirs, ({ receipts }) => receipts), of(mine, ({ proven }) => proven), of(theirs, ({ all }) => all), of(mine, ({ proven }) => proven) / of(theirs, ({ all }) => all), of(mine, ({ p99 }) => p99), Math.max(...mine.map(({ rss }) => rss))]);
      hung.push([`${size} vaults, ${hanging.length} of them hanging`, of(some, ({ receipts }) => receipts), of(some, ({ receipts }) => receipts) / own, of(some, ({ p99 }) => p99)]);
      const { planning, judging, answers, tree, collecting } = await page(bench, vaults);
      pages.push([`${size} vaults`, planning, judging, collecting, answers, tree]);
    }
    console.log("");
    table([`tap released, ${limits.dispatchConcurrency} at once, medians of ${TURNS}`, "last receipt ms", "bare", "ratio", "last re-read ms", "bare", "ratio", "loop delay p99 ms", "memory MiB more"], whole);
    console.log("");
    table(["until the last healthy vault's receipt", "ms", "to none hanging", "loop delay p99 ms"], hung);
    console.log("");
    table(["the page, computed in Node", "planning on the server ms", "judging the plan", "collecting, with the vaults", "verifying answers", "shares and tree"], pages);
  } finally {
    await net.agent.destroy();
    await db.$disconnect();
    await admin.end();
    await worker.terminate();
    await stop();
  }
}

if (process.argv[1] === import.meta.filename) await run();
