/** The worker as a process: it reads a vault as soon as its connect commits, keeps its places free, and ends cleanly in the middle of a reading. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MANAGER, openSignedVaults, type Say, type SignedVaults } from "../vault/testing/signed-vaults.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { read } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import { addConnected } from "./testing/connected.ts";

let t: TestDatabase;
let vaults: SignedVaults;
let say: Say = () => undefined;
let worker: ChildProcess;
let ended: Promise<number | null>;
let mspId: string;

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  vaults = await openSignedVaults(2, { say: (vault, path) => say(vault, path) });
  mspId = await t.msp("Quillmoor IT");
  worker = spawn(process.execPath, ["--conditions=react-server", join(import.meta.dirname, "../../worker.ts")], { env: { ...process.env, CLAVITOR_LEASH: "1" }, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  ended = new Promise((resolve) => void worker.once("exit", resolve));
  await new Promise<void>((resolve) => void worker.on("message", (word) => word === "ready" && resolve()));
});
afterAll(async () => {
  worker.kill("SIGKILL");
  await ended;
  await vaults.close();
  await t.close();
});

const connect = async (n: number) => {
  const { vaultId, publicKey, token } = vaults.accounts[n]!;
  const manager = { account: { vaultId, key: publicKey, agentId: MANAGER.id, uid: MANAGER.uid, token } };
  return addConnected(t, mspId, { name: `Client ${n}`, url: `http://127.0.0.1:${vaults.port}/${vaultId}`, msp: { manager, reply: { reply: { name: "x", grant: {} } } } as never });
};
const healthOf = async (vaultRef: string) => (await read(workerFor(mspId), ({ db }) => db.reading.findUniqueOrThrow({ where: { mspId_vaultRef: { mspId, vaultRef } } }), t.db)).health;

/** Jobs that are due and that no place has taken up. */
const waiting = async (task: string) => (await t.asAdmin((admin) => admin.query("select from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id where k.identifier = $1 and j.locked_at is null and j.run_at <= now()", [task]))).rowCount;

test("a vault is read as soon as its connect commits, and while another hangs the worker takes up whatever else there is, and ends cleanly", async () => {
  const { vaultRef } = await connect(0);
  await expect.poll(() => healthOf(vaultRef), { timeout: 20_000 }).toBe("ok");
  let asked = false;
  say = (vault) => {
    if (vault !== 1) return undefined;
    asked = true;
    return "hang";
  };
  await connect(1);
  await expect.poll(() => asked, { timeout: 20_000 }).toBe(true);
  // Asked for again and again: each time a job, and none of them may hold a place only to wait for the vault that hangs.
  for (const task of ["vault_read", "audit_pull"]) {
    for (let asked = 0; asked < 8; asked += 1) {
      await t.asAdmin((admin) => admin.query("select graphile_worker.add_job($1, '{}'::json, job_key => $1)", [task]));
      await expect.poll(() => waiting(task), { timeout: 4_000, interval: 20 }).toBe(0);
    }
  }
  await t.asAdmin((admin) => admin.query("select graphile_worker.add_job('connect_purge', '{}'::json)"));
  await expect.poll(() => waiting("connect_purge"), { timeout: 4_000, interval: 20 }).toBe(0);
  worker.kill("SIGTERM");
  expect(await ended).toBe(0);
});
