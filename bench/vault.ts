// The vault measured against baselines of the same run, because absolute numbers belong to one machine on one day. Long,
// because each question is one short part of one run. Each
// measurement takes seconds. BENCH_VAULTS sets how many vault files the last part opens (default 2,000).
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { b64u } from "#lib/protocol/bytes.ts";
import { jcs } from "#lib/protocol/jcs.ts";
import { generateSealKey, seal } from "#lib/protocol/seal.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { parseSubmission } from "../vault/change/form.ts";
import { climb } from "../vault/change/ladder.ts";
import { Host } from "../vault/host.ts";
import { loadHostKey, newVaultKeys } from "../vault/store/keys.ts";
import { agentFrom } from "../vault/store/rows.ts";
import { dropConnections, op, type VaultClient } from "../vault/testing/client.ts";
import { registerVault } from "../vault/testing/world.ts";
import { startVaults } from "../vault/start.ts";

type Line = [what: string, value: string, compared: string];

const SLICE_SECONDS = 0.4;
const TURNS = 5;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const round = (n: number, digits = 0): string => n.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });
const percentile = (sorted: readonly number[], p: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!;

function get(url: URL, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: url.hostname, port: url.port, path: url.pathname, headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.resume();
      response.on("end", resolve);
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Requests per second over `connections`, and the latencies in milliseconds, sorted. */
async function load(url: URL, headers: Record<string, string>, connections: number, seconds: number): Promise<{ rate: number; times: number[] }> {
  const times: number[] = [];
  const started = performance.now();
  const until = started + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        const before = performance.now();
        await get(url, headers);
        times.push(performance.now() - before);
      }
    }),
  );
  return { rate: times.length / ((performance.now() - started) / 1000), times: times.sort((a, b) => a - b) };
}

async function serverIn(kind: "bare" | "vault", dir: string): Promise<{ listening: string; origin: string; worker: Worker }> {
  const worker = new Worker(new URL("./vault-servers.ts", import.meta.url), { workerData: { kind, dir } });
  const ready = await new Promise<{ listening: string; origin: string }>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  return { ...ready, worker };
}

/** Processor time of a server so far, in microseconds. */
function cpuOf(worker: Worker): Promise<number> {
  return new Promise((resolve) => {
    worker.once("message", resolve);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
    worker.postMessage("cpu");
  });
}

async function reads(dir: string): Promise<Line[]> {
  const bare = await serverIn("bare", dir);
  const vaults = await serverIn("vault", join(dir, "reads"));
  const { owner, key } = await registerVault(vaults);
  const fields = [
    { label: "user", kind: "text", tier: "L1", value: "root" },
    { label: "password", kind: "password", tier: "L2", value: "correct horse battery staple" },
    { label: "code", kind: "totp", tier: "L2", value: "JBSWY3DPEHPK3PXP" },
  ];
  await owner.must([op("POST", "/entry", { title: "Router", scopes: "0010", fields })], { keys: [key] });
  const headers = { Authorization: `Bearer ${owner.account.token}` };
  const at = (path: string): URL => new URL(`${vaults.listening}/${owner.account.vaultId}${path}`);
  const baseUrl = new URL(`${bare.listening}/entry/1`);
  const signed = { ...headers, "Clavitor-Nonce": b64u(new Uint8Array(16)) };
  for (const [url, sent] of [[baseUrl, {}], [at("/entry/1"), headers]] as const) await load(url, sent, 8, 0.7); // warm
  // In turns, several times, and the median of each: what else the machine does then hits all alike.
  const contenders = [
    { name: "bare node:http, prepared read + insert", url: baseUrl, sent: {}, worker: bare.worker },
    { name: "GET /entry/:id", url: at("/entry/1"), sent: headers, worker: vaults.worker },
    { name: "GET /totp/:id", url: at("/totp/1"), sent: headers, worker: vaults.worker },
    { name: "GET /entry/:id with a signed answer", url: at("/entry/1"), sent: signed, worker: vaults.worker },
  ].map((one) => ({ ...one, rates: [] as number[], costs: [] as number[], times: [] as number[] }));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const one of contenders) {
      const before = await cpuOf(one.worker);
      const { rate, times } = await load(one.url, one.sent, 16, SLICE_SECONDS);
      one.rates.push(rate);
      one.costs.push(((await cpuOf(one.worker)) - before) / times.length);
    }
    for (const one of contenders) one.times.push(...(await load(one.url, one.sent, 1, SLICE_SECONDS)).times);
  }
  const median = (values: readonly number[]): number => percentile([...values].sort((x, y) => x - y), 0.5);
  const [rate, cost] = [median(contenders[0]!.rates), median(contenders[0]!.costs)];
  const lines = contenders.flatMap((one): Line[] => {
    const times = one.times.sort((x, y) => x - y);
    return [
      [one.name, `${round(median(one.rates))} /s`, one === contenders[0] ? "1.00" : `${round(rate / median(one.rates), 2)}x the time of bare`],
      ["  processor time of the server", `${round(median(one.costs))} us`, one === contenders[0] ? "1.00" : `${round(median(one.costs) / cost, 2)}x bare`],
      ["  without load, p50 and p99", `${round(percentile(times, 0.5), 2)} ms`, `${round(percentile(times, 0.99), 2)} ms`],
    ];
  });
  agent.destroy();
  dropConnections();
  await Promise.all([bare.worker.terminate(), vaults.worker.terminate()]);
  return lines;
}

/** Calls per second of a synchronous function. */
function perSecond(work: (i: number) => void, calls: number): number {
  const started = performance.now();
  for (let i = 0; i < calls; i++) work(i);
  return calls / ((performance.now() - started) / 1000);
}

async function changes(dir: string): Promise<Line[]> {
  const running = await startVaults({ dir: join(dir, "changes"), port: 0 });
  const { owner, key } = await registerVault(running);
  const lines = [...(await assertions(running.host, owner, key)), ...(await batches(owner, key))];
  dropConnections();
  await running.close();
  return lines;
}

type Owned = Awaited<ReturnType<typeof registerVault>>;

async function assertions(host: Host, owner: VaultClient, key: Owned["key"]): Promise<Line[]> {
  const count = 2_000;
  const { vaultId } = owner.account;
  return host.use(vaultId, async (vault): Promise<Line[]> => {
    const row = agentFrom(vault.db.get("SELECT * FROM agents WHERE id = 1")!);
    const submissions: { body: Buffer; header: string }[] = [];
    for (let i = 0; i < count; i++) {
      const ops = [op("PUT", "/agent/1", { name: `Name ${i}` })];
      const { challenge } = vault.challenges.issue(vaultId, 1);
      submissions.push({ body: Buffer.from(jcs({ operations: ops })), header: await owner.assertion(ops, { keys: [key], challenge }) });
    }
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const publicKey = createPublicKey({ key: pair.publicKey.export({ format: "jwk" }), format: "jwk" });
    const message = Buffer.alloc(69, 1);
    const signature = sign("sha256", message, createPrivateKey({ key: pair.privateKey.export({ format: "jwk" }), format: "jwk" }));
    perSecond(() => void verify("sha256", message, publicKey, signature), 1_000); // warm
    const bare = perSecond(() => void verify("sha256", message, publicKey, signature), count);
    const judge = (i: number): void => {
      const { body, header } = submissions[i]!;
      const submission = parseSubmission({ method: "POST", path: "/batch", body, header: () => header });
      climb(vault, row, submission);
    };
    perSecond(judge, 300);
    const bound = perSecond((i) => judge(i + 300), count - 300);
    return [
      ["bare ES256 verification, cached key", `${round(bare)} /s`, "1.00"],
      ["bound assertion: form and whole ladder", `${round(bound)} /s`, `${round(bound / bare, 2)} of bare`],
    ];
  });
}

async function batches(owner: VaultClient, key: Owned["key"]): Promise<Line[]> {
  const lines: Line[] = [];
  for (const size of [1, 10, 100]) {
    const rounds = 20;
    const prepared = [];
    for (let i = 0; i < rounds; i++) {
      const ops = Array.from({ length: size }, () => op("POST", "/agent", { name: "x", kind: "human", scopes: "0010", all_access: false, admin: false, token_hash: tokenHash(newToken()) }));
      prepared.push({ ops, header: await owner.assertion(ops, { keys: [key] }) });
    }
    const started = performance.now();
    for (const { ops, header } of prepared) {
      const answer = await owner.submit(ops, header);
      if (answer.status !== 200) throw new Error(answer.text);
    }
    const each = (performance.now() - started) / rounds;
    lines.push([`batch of ${size}`, `${round(each, 1)} ms`, `${round(each / size, 2)} ms an operation`]);
  }
  return lines;
}

async function sealing(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const kem of ["x25519", "x-wing"] as const) {
    const { publicKey } = await generateSealKey(kem);
    const plain = new Uint8Array(300);
    const info = new Uint8Array(100);
    const once = (): Promise<unknown> => seal({ kem, public_key: publicKey }, info, plain);
    await once();
    const started = performance.now();
    const count = kem === "x25519" ? 300 : 100;
    for (let i = 0; i < count; i++) await once();
    lines.push([`seal one token, ${kem}`, `${round((performance.now() - started) / count, 2)} ms`, ""]);
  }
  return lines;
}

/** Many whole vault files: one is made, the others are copies under their own name and keys. */
function populate(dir: string, count: number): string[] {
  const first = new Host({ dir, origin: "http://vault.localhost", rpId: "vault.localhost" });
  const template = first.create("AAAAAA", "Vault", () => undefined);
  first.close();
  const hostKey = loadHostKey(join(dir, "host.key"), false);
  const ids = [template];
  for (let i = 1; i < count; i++) {
    const id = b64u(Uint8Array.of(1, i >> 16, i >> 8, i));
    const path = join(dir, `clavitor-${id}`);
    copyFileSync(join(dir, `clavitor-${template}`), path);
    const file = new DatabaseSync(path);
    file.exec("PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE");
    const { keys, sealed } = newVaultKeys(hostKey, id);
    file.prepare("UPDATE vault SET vault_id = ?, public_key = ?, sealed_keys = ?").run(id, keys.publicKey, sealed);
    file.close();
    ids.push(id);
  }
  return ids;
}

function megabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1_048_576;
}

async function many(dir: string): Promise<Line[]> {
  const count = Number(process.env["BENCH_VAULTS"] ?? 2_000);
  const folder = join(dir, "many");
  const ids = populate(folder, count);
  const empty = megabytes();
  const host = new Host({ dir: folder, origin: "http://vault.localhost", rpId: "vault.localhost", maxOpen: 500 });
  const closed = megabytes();
  const sample = ids.slice(0, Math.min(500, count));
  for (const id of sample) await host.use(id, (vault) => vault.state.revision);
  const open = megabytes();
  host.closeIdle();
  const started = performance.now();
  for (const id of ids) await host.use(id, (vault) => vault.state.revision);
  const rate = count / ((performance.now() - started) / 1000);
  const after = megabytes();
  host.close();
  return [
    [`${round(count)} vaults in one process, opened in turn`, `${round(rate)} vaults/s`, `${round(after)} MB resident afterwards`],
    ["memory per 1,000 idle vaults (closed)", `${round(((closed - empty) / count) * 1000, 1)} MB`, ""],
    ["memory per 1,000 open handles", `${round(((open - closed) / sample.length) * 1000, 1)} MB`, `at most 256 stay open`],
  ];
}

/** Measures and prints a table. */
export async function run(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "bench-vault-"));
  try {
    const lines = [...(await reads(dir)), ...(await changes(dir)), ...(await sealing()), ...(await many(dir))];
    const widths = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
    for (const [what, value, compared] of lines) console.log(`${what.padEnd(widths[0]!)}  ${value.padStart(widths[1]!)}  ${compared}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) await run();
