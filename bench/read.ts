/**
 * Reading 1,000 vaults that answer properly signed after 30 to 90 ms, into PostgreSQL, as the worker does; beside a bare undici
 * fan-out of the same calls, in the same order per vault and as many at once, which verifies and keeps nothing. Then with 5 % of
 * them hanging: how much later the others are read.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync, chmodSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import pg from "pg";
import { Agent } from "undici";
import { setTestEnvironment } from "../tests/database.ts";
import { createDatabase } from "../lib/db/client.ts";
import { prepare } from "../lib/db/prepare.ts";
import { Reader } from "../lib/known/reader.ts";
import { limits } from "../lib/limits.ts";
import { NONCE_HEADER } from "../lib/protocol/signed.ts";
import { addressRules, openNet } from "../lib/vault/net.ts";
import { sealVaultToken } from "../lib/vault/open.ts";
import { MANAGER, type Account } from "../lib/vault/testing/signed-vaults.ts";
import { median, quantile, table, timed } from "./measure.ts";

const COUNT = Number(process.env["BENCH_VAULTS"] ?? 1_000);
const TURNS = Number(process.env["BENCH_TURNS"] ?? 7);
const GRANT = { scopes: "any", all_access: "leased", max_lease: null, max_agents: 60, entries: false, cosign: 1, signer_delay: 86_400, audit: "own" };

type Servers = { port: number; accounts: Account[] };

/** A server of its own in a folder of its own, migrated. */
export async function database(): Promise<{ urls: { owner: string; admin: string; app: string; jobs: string }; stop(this: void): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "clavitor-bench-"));
  chmodSync(folder, 0o711);
  Object.assign(process.env, { CLAVITOR_DATA: folder, CLAVITOR_FRESH_PORTS: "1" });
  const { startDatabase, urls } = await import("../launch/database.mjs");
  const { choosePorts } = await import("../launch/ports.mjs");
  const { localSecrets } = await import("../launch/secrets.mjs");
  const { database: port } = await choosePorts();
  const secrets = localSecrets();
  const server = await startDatabase(port, secrets, {});
  const at = urls(port, secrets, "clavitor");
  await prepare({ adminUrl: at.ADMIN_DATABASE_URL, ownerUrl: at.DATABASE_URL, appUrl: at.APP_DATABASE_URL, jobsUrl: at.JOBS_DATABASE_URL });
  return {
    urls: { admin: Object.assign(new URL(at.ADMIN_DATABASE_URL), { pathname: new URL(at.APP_DATABASE_URL).pathname }).href, owner: at.DATABASE_URL, app: at.APP_DATABASE_URL, jobs: at.JOBS_DATABASE_URL },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One MSP with as many clients, each with its vault connected, and 200 people of the names that the vaults list. */
async function seed(admin: pg.Client, { port, accounts }: Servers): Promise<void> {
  const mspId = randomUUID();
  await admin.query("insert into msp (msp_id, name) values ($1, 'Bench')", [mspId]);
  await admin.query("insert into person (msp_id, person_id, name, email, rights) select $1, gen_random_uuid(), 'Technician ' || n, n || '@example.com', '{technician}' from generate_series(0, 199) n", [mspId]);
  const rows = accounts.map(({ vaultId, publicKey, token }, i) => {
    const vaultRef = randomUUID();
    return { client: randomUUID(), name: `Client ${i}`, vault: vaultRef, address: `http://127.0.0.1:${port}/${vaultId}`, id: vaultId, key: publicKey, token: Buffer.from(sealVaultToken({ mspId, vaultRef }, token)).toString("hex") };
  });
  const given = [mspId, JSON.stringify(rows)];
  const as = "jsonb_to_recordset($2::jsonb) as g(client uuid, name text, vault uuid, address text, id text, key text, token text)";
  await admin.query(`insert into client (msp_id, client_id, name, aliases, tags, plan) select $1, client, name, '{}', '{}', 'team-10' from ${as}`, given);
  await admin.query(
    `insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, agent_id, manager_uid, sealed_token, granted, connected_at, confirmed_at)
     select $1, vault, client, address, 'connected', id, key, $3, $4, decode(token, 'hex'), $5, now(), now() from ${as}`, [...given, MANAGER.id, MANAGER.uid, JSON.stringify(GRANT)]);
  await admin.query(`insert into reading (msp_id, vault_ref, features, kems, next_probe_at) select $1, vault, '{}', '{}', '9999-01-01' from ${as}`, given);
}

/** The same calls without verifying, checking or keeping anything. */
async function bare({ port, accounts }: Servers, calls: "one" | "three"): Promise<number> {
  const agent = new Agent({ connections: limits.vaultConnectionsPerOrigin, allowH2: false });
  const origin = `http://127.0.0.1:${port}`;
  const nonce = "AAAAAAAAAAAAAAAAAAAAAA";
  const get = async ({ vaultId, token }: Account, path: string) => {
    const { body } = await agent.request({ origin, path: `/${vaultId}${path}`, method: "GET", headers: { authorization: `Bearer ${token}`, [NONCE_HEADER]: nonce } });
    return (await body.arrayBuffer()).byteLength;
  };
  let next = 0;
  const taken = await timed(() => Promise.all(Array.from({ length: limits.readsAtOnce }, async () => {
    for (let i = next++; i < accounts.length; i = next++) {
      const account = accounts[i]!;
      await get(account, "/vault");
      if (calls === "three") await Promise.all([get(account, "/agents"), get(account, "/scopes")]);
    }
  })));
  await agent.destroy();
  return taken;
}

/** Milliseconds that the work took, and processor time of this process without the vaults' own thread. */
async function costed(worker: Worker, work: () => Promise<unknown>): Promise<{ ms: number; cpu: number }> {
  const before = process.cpuUsage();
  const theirs = await worker.cpuUsage();
  const ms = await timed(work);
  const after = process.cpuUsage(before);
  const their = await worker.cpuUsage(theirs);
  return { ms, cpu: (after.user + after.system - their.user - their.system) / 1_000 };
}

const spread = (values: readonly number[]): string => `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`;

export async function run(): Promise<void> {
  const worker = new Worker(join(import.meta.dirname, "read-servers.ts"), { workerData: { count: COUNT } });
  const [servers] = (await once(worker, "message")) as [Servers];
  const { urls, stop } = await database();
  setTestEnvironment(urls);
  const admin = new pg.Client({ connectionString: urls.admin });
  await admin.connect();
  const db = createDatabase(urls.app);
  const net = openNet({ rules: addressRules() });
  const due = (set = "") => admin.query(`update reading set next_read_at = now(), lease_until = null, failures = 0${set}`);
  const readAll = async () => {
    const count = await new Reader({ db, net, log: console }).run();
    if (count < COUNT) throw new Error(`only ${count} of ${COUNT} vaults were read`);
  };
  const hang = async (hanging: number) => {
    const told = once(worker, "message");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
    worker.postMessage({ hanging });
    await told;
  };
  /** Until the last healthy vault was read. */
  const healthy = async (share: number): Promise<number> => {
    await hang(Math.round(COUNT * share));
    await due(", agents_etag = null, scopes_revision = null, read_at = null, health = 'ok'");
    const { rows: [began] } = await admin.query<{ at: Date }>("select now() as at");
    await new Reader({ db, net, log: console }).run();
    const { rows: [last] } = await admin.query<{ at: Date; read: string }>("select max(read_at) as at, count(read_at) as read from reading");
    if (Number(last!.read) < COUNT - Math.round(COUNT * share)) throw new Error(`only ${last!.read} were read`);
    return last!.at.getTime() - began!.at.getTime();
  };
  try {
    await seed(admin, servers);
    const first = await timed(readAll);
    const { rows: [kept] } = await admin.query<{ rows: string; wanted: string; ok: string }>("select (select count(*) from known_agent) as rows, (select count(*) from wanted_agent) as wanted, (select count(*) from reading where health = 'ok') as ok");
    await bare(servers, "three");
    const kinds = [
      { name: "everything read anew: 3 calls", calls: "three" as const, set: ", agents_etag = null, scopes_revision = null", ours: [] as number[], bares: [] as number[], cpu: [] as number[], bareCpu: [] as number[] },
      { name: "nothing moved: 1 call", calls: "one" as const, set: "", ours: [] as number[], bares: [] as number[], cpu: [] as number[], bareCpu: [] as number[] },
    ];
    for (let turn = 0; turn < TURNS; turn++) {
      for (const kind of kinds) {
        await due(kind.set);
        const own = await costed(worker, readAll);
        kind.ours.push(own.ms);
        kind.cpu.push(own.cpu);
        let ms = 0;
        const other = await costed(worker, async () => (ms = await bare(servers, kind.calls)));
        kind.bares.push(ms);
        kind.bareCpu.push(other.cpu);
      }
    }
    table([`${COUNT} vaults, ${limits.readsAtOnce} at once, 30 to 90 ms`, "ms", "from to", "bare undici ms", "from to", "ratio", "of the best"], [
      [`the very first reading, with import (${kept!.rows} rows, ${kept!.wanted} wanted, ${kept!.ok} in order)`, first, "", median(kinds[0]!.bares), "", first / median(kinds[0]!.bares), ""],
      ...kinds.map(({ name, ours, bares }) => [`${name} (median of ${TURNS})`, median(ours), spread(ours), median(bares), spread(bares), median(ours) / median(bares), Math.min(...ours) / Math.min(...bares)]),
    ]);
    console.log("");
    table(["processor time of the reader, without database and vaults", "ms", "bare ms", "ms a vault more"], kinds.map(({ name, cpu, bareCpu }) => [name, median(cpu), median(bareCpu), (median(cpu) - median(bareCpu)) / COUNT]));
    const [none, some]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < Math.min(TURNS, 3); turn++) {
      none.push(await healthy(0));
      some.push(await healthy(0.05));
    }
    console.log("");
    table(["until the last healthy vault was read", "ms", "from to", "ratio"], [
      ["none hangs", median(none), spread(none), 1],
      ["5 % hang for 10 s", median(some), spread(some), median(some) / median(none)],
    ]);
    console.log(`  slowest of ${TURNS} turns against the median: ${(quantile(kinds[0]!.ours, 1) / median(kinds[0]!.ours)).toFixed(2)}`);
  } finally {
    await net.agent.destroy();
    await db.$disconnect();
    await admin.end();
    await worker.terminate();
    await stop();
  }
}

if (process.argv[1] === import.meta.filename) await run();
