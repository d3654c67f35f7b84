import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PopSidecar } from "#sandbox/pop/sidecar.ts";
import { Refusal } from "../errors.ts";
import { claimVault, setDevices, vaultStatus } from "./capacity.ts";
import { beginDeletion, httpSidecar, tellVaults, type Sidecar } from "./hosted.ts";
import { lapse } from "./lapse.ts";
import { mirrorOwn } from "./mirror.ts";
import { subscribe } from "./subscribe.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";

const secret = "the-secret-between-points-of-presence-and-us";
const day = 86_400_000;
let w: BillingWorld;
let folder: string;
let pop: PopSidecar;
let popUrl: string;
let mspId: string;
let sidecar: Sidecar;

beforeAll(async () => {
  w = await billingWorld();
  folder = mkdtempSync(join(tmpdir(), "pop-"));
  pop = new PopSidecar({ folder, secret, hq: "http://127.0.0.1:9", lookEveryMs: 0, now: () => w.now().getTime() });
  popUrl = `http://127.0.0.1:${await pop.open()}`;
  sidecar = httpSidecar(secret);
});
afterAll(async () => {
  await pop.close();
  rmSync(folder, { recursive: true, force: true });
  await w.close();
});
beforeEach(async () => {
  w.travel("2026-07-01T09:00:00Z");
  mspId = await w.t.msp("Quillmoor IT");
});

let made = 0;
const newId = () => `v${String(++made).padStart(5, "0")}`;
const file = (id: string) => join(folder, `clavitor-${id}`);
function vaultFile(id: string): string {
  const db = new DatabaseSync(file(id));
  db.exec("create table entries (id integer)");
  db.close();
  return id;
}
function metaOf(id: string) {
  const db = new DatabaseSync(file(id));
  try {
    return db.prepare("select expires_at, suspended_at from vault_meta").get() as { expires_at: number; suspended_at: number | null };
  } finally {
    db.close();
  }
}

/** A Team 10 paid by invoice, beside one that lifts the account over the line. */
async function team(plan: "team-10" | "mme" = "mme") {
  const ruth = w.finance(mspId);
  const { subscriptionId } = await subscribe(ruth, { client: await w.client(mspId, `Client ${randomUUID().slice(0, 8)}`), label: "", plan: "mme", currency: "USD", interval: "year", users: 500, trial: false }, w.deps);
  if (plan === "team-10") await w.t.asAdmin((admin) => admin.query("update subscription set plan = 'team-10', quantity = 1 where subscription_id = $1", [subscriptionId]));
  return { subscriptionId, ruth };
}
const due = () => w.t.asAdmin((admin) => admin.query("update hosted_vault set next_at = now() - interval '1 second', lease_until = null where next_at is not null"));
const rowOf = async (id: string) => (await w.t.asAdmin((admin) => admin.query("select * from hosted_vault where vault_id = $1", [id]))).rows[0];

describe("hard limits", () => {
  test("of fifty who claim the last place at once exactly one gets it, and the others are told that the plan is full", async () => {
    const { subscriptionId } = await team("team-10");
    for (let at = 0; at < 10; at += 1) await claimVault(mspId, { subscriptionId, vaultId: newId(), pop: popUrl, devices: 0 }, w.t.db);
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => claimVault(mspId, { subscriptionId, vaultId: newId(), pop: popUrl, devices: 0 }, w.t.db)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const codes = answers.flatMap((one) => (one.status === "rejected" ? [one.reason instanceof Refusal ? one.reason.failure.code : String(one.reason)] : []));
    expect(new Set(codes)).toEqual(new Set(["capacity_full"]));
    const { rows } = await w.t.asAdmin((admin) => admin.query("select count(*)::int as n from hosted_vault where subscription_id = $1", [subscriptionId]));
    expect(rows[0].n).toBe(11);
  });

  test("hardware keys are of the whole subscription; a waiting downgrade counts already; the same vault twice is one", async () => {
    const { subscriptionId } = await team("team-10");
    const first = newId();
    await claimVault(mspId, { subscriptionId, vaultId: first, pop: popUrl, devices: 60 }, w.t.db);
    await claimVault(mspId, { subscriptionId, vaultId: first, pop: popUrl, devices: 60 }, w.t.db);
    await expect(claimVault(mspId, { subscriptionId, vaultId: newId(), pop: popUrl, devices: 41 }, w.t.db)).rejects.toMatchObject({ failure: { code: "capacity_full" } });
    await claimVault(mspId, { subscriptionId, vaultId: newId(), pop: popUrl, devices: 40 }, w.t.db);
    await expect(setDevices(mspId, first, 61, w.t.db)).rejects.toMatchObject({ failure: { code: "capacity_full" } });
    await w.t.asAdmin((admin) => admin.query("update subscription set plan = 'team-25', next_plan = 'team-10', next_amount = 1, next_quantity = 1 where subscription_id = $1", [subscriptionId]));
    await expect(setDevices(mspId, first, 61, w.t.db)).rejects.toMatchObject({ failure: { code: "capacity_full" } });
  });

  test("a vault's id is taken once over all MSPs, and an ended subscription takes none", async () => {
    const { subscriptionId } = await team();
    const id = newId();
    await claimVault(mspId, { subscriptionId, vaultId: id, pop: popUrl, devices: 0 }, w.t.db);
    mspId = await w.t.msp("Fernhill");
    const other = await team();
    await expect(claimVault(mspId, { subscriptionId: other.subscriptionId, vaultId: id, pop: popUrl, devices: 0 }, w.t.db)).rejects.toMatchObject({ failure: { code: "moved_on" } });
    await w.t.asAdmin((admin) => admin.query("update subscription set state = 'ended', ended_at = now(), ended_because = 'cancelled' where subscription_id = $1", [other.subscriptionId]));
    await expect(claimVault(mspId, { subscriptionId: other.subscriptionId, vaultId: newId(), pop: popUrl, devices: 0 }, w.t.db)).rejects.toMatchObject({ failure: { code: "subscription_over" } });
  });
});

describe("what is paid reaches the vault", () => {
  test("its end is written into its file, and a renewal moves it", async () => {
    const { subscriptionId, ruth } = await team();
    const id = vaultFile(newId());
    const { expiresAt } = await claimVault(mspId, { subscriptionId, vaultId: id, pop: popUrl, devices: 0 }, w.t.db);
    await tellVaults({ sidecar, db: w.t.db });
    expect(metaOf(id)).toEqual({ expires_at: expiresAt.getTime() / 1_000, suspended_at: null });
    w.travel(new Date(expiresAt.getTime() + 7_200_000));
    await mirrorOwn(ruth, subscriptionId, w.deps);
    await due();
    await tellVaults({ sidecar, db: w.t.db });
    expect(metaOf(id).expires_at).toBeGreaterThan(expiresAt.getTime() / 1_000 + 360 * 86_400);
  });

  test("30 days past due it is suspended, paid it opens again; 37 days past due it ends and its file is deleted; another client's is not touched", async () => {
    const [bad, good] = [await team(), await team()];
    const [badVault, goodVault] = [vaultFile(newId()), vaultFile(newId())];
    await claimVault(mspId, { subscriptionId: bad.subscriptionId, vaultId: badVault, pop: popUrl, devices: 0 }, w.t.db);
    await claimVault(mspId, { subscriptionId: good.subscriptionId, vaultId: goodVault, pop: popUrl, devices: 0 }, w.t.db);
    const invoices = async (subscriptionId: string) => (await w.t.asAdmin((admin) => admin.query("select page_url, due_at from invoice where subscription_id = $1", [subscriptionId]))).rows as { page_url: string; due_at: Date }[];
    const pay = async (subscriptionId: string) => {
      for (const { page_url: url } of await invoices(subscriptionId)) await fetch(url.replace("localhost", "127.0.0.1"), { method: "POST", redirect: "manual" });
      await mirrorOwn(bad.ruth, subscriptionId, w.deps);
    };
    await pay(good.subscriptionId);
    const dueAt = (await invoices(bad.subscriptionId))[0]!.due_at.getTime();
    const round = async () => {
      await mirrorOwn(bad.ruth, bad.subscriptionId, w.deps);
      await lapse(mspId, w.deps);
      await due();
      await tellVaults({ sidecar, db: w.t.db });
    };
    w.travel(new Date(dueAt + 29 * day));
    await round();
    expect(metaOf(badVault).suspended_at).toBeNull();
    w.travel(new Date(dueAt + 31 * day));
    await round();
    expect(metaOf(badVault).suspended_at).not.toBeNull();
    expect((await vaultStatus(badVault, w.deps)).state).toBe("suspended");
    expect(metaOf(goodVault).suspended_at).toBeNull();
    await pay(bad.subscriptionId);
    await round();
    expect(metaOf(badVault).suspended_at).toBeNull();

    // The next year it is not paid at all.
    w.travel(new Date(new Date((await w.t.asAdmin((admin) => admin.query("select period_end from subscription where subscription_id = $1", [bad.subscriptionId]))).rows[0].period_end).getTime() + 7_200_000));
    await round();
    const again = (await invoices(bad.subscriptionId)).map(({ due_at: at }) => at.getTime()).toSorted((a, b) => b - a)[0]!;
    w.travel(new Date(again + 31 * day));
    await round();
    await warned(bad.subscriptionId, new Date(again + 30 * day));
    w.travel(new Date(again + 36 * day));
    await round();
    expect(existsSync(file(badVault))).toBe(true);
    w.travel(new Date(again + 38 * day));
    await round();
    expect((await w.t.asAdmin((admin) => admin.query("select state, ended_because, delete_at from subscription where subscription_id = $1", [bad.subscriptionId]))).rows[0]).toMatchObject({ state: "ended", ended_because: "unpaid" });
    expect(existsSync(file(badVault))).toBe(false);
    expect((await rowOf(badVault)).gone_at).not.toBeNull();
    expect(existsSync(file(goodVault))).toBe(true);
  });

  test("a deletion that fails leaves a tombstone, is tried again, and frees its place only when the file is gone", async () => {
    const { subscriptionId } = await team("team-10");
    const id = vaultFile(newId());
    await claimVault(mspId, { subscriptionId, vaultId: id, pop: popUrl, devices: 100 }, w.t.db);
    await beginDeletion(mspId, id, "a test", w.t.db);
    await tellVaults({ sidecar: { ...sidecar, delete: async () => undefined }, db: w.t.db });
    expect(await rowOf(id)).toMatchObject({ gone_at: null, attempts: 1, words: "the file is still there" });
    await expect(claimVault(mspId, { subscriptionId, vaultId: newId(), pop: popUrl, devices: 1 }, w.t.db)).rejects.toMatchObject({ failure: { code: "capacity_full" } });
    await due();
    await tellVaults({ sidecar, db: w.t.db });
    expect((await rowOf(id)).gone_at).not.toBeNull();
    await claimVault(mspId, { subscriptionId, vaultId: newId(), pop: popUrl, devices: 1 }, w.t.db);
  });

  test("a sidecar takes nobody without the secret, and nothing outside its folder", async () => {
    const id = vaultFile(newId());
    await expect(httpSidecar("another-secret-altogether-which-is-wrong").exists(popUrl, id)).rejects.toThrow("401");
    expect(await sidecar.exists(popUrl, id)).toBe(true);
    for (const path of ["..%2f..%2fetc", "../x", "AbCdE", "AbCdEfG"]) expect((await fetch(`${popUrl}/vault/${path}/exists`, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(404);
  });
});

/** The seven days' warning went out. */
async function warned(subscriptionId: string, at: Date): Promise<void> {
  const { rows } = await w.t.asAdmin((admin) => admin.query<{ open_due_at: Date }>("select open_due_at from subscription where subscription_id = $1", [subscriptionId]));
  const clock = `invoice ${subscriptionId} ${rows[0]!.open_due_at.toISOString().slice(0, 10)}`;
  const mailId = randomUUID();
  await w.t.asAdmin(async (admin) => {
    await admin.query("insert into mail (msp_id, id, template, to_address, to_name, subject, state, next_at, sealed_body, sent_at) values ($1, $2, 'deletion_clock', 'ruth@quillmoor.example', 'Ruth Okonjo', 'x', 'sent', null, null, $3)", [mspId, mailId, at]);
    await admin.query("insert into clock_notice (msp_id, clock, step, to_address, to_name, mail_id, told_at) values ($1, $2, 'warning', 'ruth@quillmoor.example', 'Ruth Okonjo', $3, $4)", [mspId, clock, mailId, at]);
  });
}
