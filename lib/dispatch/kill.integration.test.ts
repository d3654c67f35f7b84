/**
 * The worker as a process, killed with SIGKILL while five vaults stand at five different steps of one plan; another goes on. The
 * steps are held by a proxy between them and the vaults, so each is where it is when the process dies, and not a moment later.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules, type Fault } from "#sandbox/fault-proxy/rules.ts";
import type { TestDatabase } from "../../tests/database.ts";
import { createPlan } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import type { Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import { deliverDispatches } from "./deliver.ts";
import { addTechnician, addVaults, hurry, readAll, releasePlan, sharesNow, type Estate, type EstateVault } from "./testing/estate.ts";
import { openGround, type Ground } from "./testing/ground.ts";
import { holdInvariants, rowsByVault, rowsIn } from "./testing/invariants.ts";

/** Where each vault stands when the worker dies; `state` is what our rows say of it then, `applied` whether the vault did it. */
const STEPS: readonly { name: string; path: string; fault: Fault; state: string; applied: boolean }[] = [
  { name: "intent written, nothing reached the vault", path: "batch", fault: { kind: "hang" }, state: "sent", applied: false },
  { name: "bytes sent, still on their way when it dies", path: "batch", fault: { kind: "delay", ms: 8_000 }, state: "sent", applied: false },
  { name: "done, the answer on its way", path: "batch", fault: { kind: "slow", bytes: 1, every_ms: 1_000 }, state: "sent", applied: true },
  { name: "accepted, the re-read not answered", path: "agents", fault: { kind: "hang" }, state: "accepted", applied: true },
  { name: "accepted, the re-read half answered", path: "agents", fault: { kind: "slow", bytes: 1, every_ms: 1_000 }, state: "accepted", applied: true },
];

let ground: Ground;
let t: TestDatabase;
let net: Net;
let proxy: FaultProxy;
let estate: Estate;
let vaults: EstateVault[];
const workers: ChildProcess[] = [];

beforeAll(async () => {
  ground = await openGround({ callMs: 2_000, clock: { now: () => new Date() } });
  ({ t, net, proxy, estate } = ground);
  for (const name of ["Jim Okafor", "Hana Kobayashi", "Oskar Lund"]) await addTechnician(estate, name);
  vaults = await addVaults(estate, STEPS.map((_, at) => `Client ${at}`), { dial: `http://127.0.0.1:${proxy.port}` });
});
afterAll(async () => {
  for (const worker of workers) if (worker.exitCode === null && worker.signalCode === null) await killed(worker);
  await ground.end();
});

async function startWorker(): Promise<ChildProcess> {
  const worker = spawn(process.execPath, ["--conditions=react-server", join(import.meta.dirname, "../../worker.ts")], { env: { ...process.env, CLAVITOR_LEASH: "1" }, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  workers.push(worker);
  await new Promise<void>((resolve, reject) => {
    worker.on("message", (word) => word === "ready" && resolve());
    worker.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
  });
  return worker;
}
async function killed(worker: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => void worker.once("exit", () => resolve()));
  worker.kill("SIGKILL");
  await gone;
}
const idOf = ({ owned }: EstateVault) => owned.owner.account.vaultId;
const passages = (vault: EstateVault, end: string) => proxy.log().filter(({ path }) => path.startsWith(`/${idOf(vault)}/${end}`));
/** The clocks of reading stand still: what asks a vault here is the dispatch. */
const noReading = () => t.asAdmin((admin) => admin.query("update reading set next_read_at = '9000-01-02'"));
const grant = ({ vaultRef }: EstateVault, at: number): WantedChange => ({ change: "grant", vaultRef, personId: estate.technicians[at]!.personId, scopes: "0010", allAccess: false, expiresAt: null });
const make = (title: string, wanted: readonly WantedChange[]) => createPlan(estate.owner, { title, reason: null, ticket: null, wanted }, estate.clock, t.db);

test("a worker that is killed at any step leaves nothing undone, nothing done twice, and nothing told that is not so", async () => {
  const ground = await make("Two each", vaults.flatMap((vault) => [grant(vault, 0), grant(vault, 1)]));
  await releasePlan(estate, ground);
  await deliverDispatches({ db: t.db, speak: (vault) => openVault(vault, net) });
  await readAll(estate);
  const before = await rowsByVault(estate);

  // At each vault one goes, one is changed, one comes.
  const wanted = vaults.flatMap((vault): WantedChange[] => {
    const uidOf = (name: string) => before.get(vault.vaultRef)!.find((row) => row.name === name)!.uid;
    return [{ change: "revoke", vaultRef: vault.vaultRef, uid: uidOf("Jim Okafor") }, { change: "alter", vaultRef: vault.vaultRef, uid: uidOf("Hana Kobayashi"), scopes: "0011", allAccess: false, expiresAt: null }, grant(vault, 2)];
  });
  const made = await make("One each way", wanted);
  await noReading();
  const first = await startWorker();
  const batches = new Map(vaults.map((vault) => [vault.vaultRef, passages(vault, "batch").length]));
  proxy.book.replace(parseRules(STEPS.map(({ path, fault }, at) => ({ match: { path: `^/${idOf(vaults[at]!)}/${path}` }, times: null, fault }))));
  await releasePlan(estate, made);

  const freshNow = async (vault: EstateVault) => (await sharesNow(estate, made.planId)).find(({ vault_ref: ref, kind }) => ref === vault.vaultRef && kind === "fresh");
  for (const [at, { name, path, fault, state, applied }] of STEPS.entries()) {
    const vault = vaults[at]!;
    // It stands there: our row says so, and the proxy holds what comes next in its hand.
    const reached = () => passages(vault, path).some((one) => one.fault === fault.kind && one.answered === (applied && fault.kind === "slow" ? 1 : 0));
    await expect.poll(async () => `${(await freshNow(vault))?.state} ${reached()}`, { timeout: 6_000, message: name }).toBe(`${state} true`);
  }
  await killed(first);
  // At the death: each is where it was held, and every vault that was asked has its intent written.
  for (const [at, { name, state, applied }] of STEPS.entries()) {
    expect(await freshNow(vaults[at]!), name).toMatchObject({ state, attempts: 1 });
    expect((await rowsIn(vaults[at]!)).some(({ name: person }) => person === "Oskar Lund"), name).toBe(applied);
  }

  proxy.book.replace([]);
  const second = await startWorker();
  // Its lease would run out within a minute; here at once.
  await hurry(estate);
  await t.asApp((app) => app.query("select job_wake('dispatch_deliver')"));
  await expect.poll(async () => (await sharesNow(estate, made.planId)).filter(({ kind }) => kind === "fresh").map(({ state }) => state), { timeout: 20_000 }).toEqual(STEPS.map(() => "proven"));
  await expect.poll(async () => (await sharesNow(estate, made.planId)).filter(({ kind }) => kind === "standing").map(({ state }) => state), { timeout: 10_000 }).toEqual(STEPS.map(() => "dropped"));
  // What the dead one had sent comes at last, after the other asked: it is the same again, and changes nothing.
  await expect.poll(() => passages(vaults[1]!, "batch").filter(({ fault, answered }) => fault === "delay" && answered === 1).length, { timeout: 12_000 }).toBe(1);
  await killed(second);

  await readAll(estate);
  const left = new Map(vaults.map((vault) => [vault.vaultRef, passages(vault, "batch").length - batches.get(vault.vaultRef)!]));
  const told = await holdInvariants(estate, { planId: made.planId, wanted, before, released: true, left, must: (held, what) => expect(held, what).toBe(true) });
  expect(told).toEqual({ "fresh proven": STEPS.length, "standing dropped": STEPS.length });
  // What was accepted is not asked for again; what was not, is, with the same bytes, and once.
  expect(STEPS.map((_, at) => left.get(vaults[at]!.vaultRef))).toEqual([2, 2, 2, 1, 1]);
}, 60_000);
