/** Pulling the logs of real reference vaults, and of some that lie with a proper signature. */
import { DatabaseSync } from "node:sqlite";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { op } from "#vault/testing/client.ts";
import { connectMsp, registerVault, startWorld, WIDE, type ConnectedMsp, type OwnedVault, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { addConnected, addPerson, type ConnectedClient } from "../known/testing/connected.ts";
import { newToken, tokenHash } from "../protocol/token.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { Puller } from "./puller.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let proxy: FaultProxy;
let quillmoor: string;
const errors: unknown[] = [];

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  world = await startWorld();
  proxy = await FaultProxy.open({ target: world.listening });
  quillmoor = await t.msp("Quillmoor IT");
  await addPerson(t, quillmoor, "Tess Okafor");
});
afterEach(async () => {
  proxy.book.replace([]);
  await t.asAdmin((admin) => admin.query("update audit_pull set next_at = now() + interval '1 day', lease_until = null"));
  if (errors.length > 0) throw new AggregateError(errors.splice(0), "the puller stumbled");
});
afterAll(async () => {
  await net.agent.destroy();
  await proxy.close();
  await world.end();
  await t.close();
});

type Case = ConnectedClient & { owned: OwnedVault; msp: ConnectedMsp };
async function aClient(name: string, { through = world.listening, audit = "all" as "all" | "own" } = {}): Promise<Case> {
  const owned = await registerVault(world, name);
  const msp = await connectMsp(owned, { grant: { ...WIDE, audit } });
  return { ...(await addConnected(t, quillmoor, { name, url: `${through}/${owned.owner.account.vaultId}`, msp })), owned, msp };
}
const puller = () => new Puller({ net, db: t.db, log: { error: (fields: object) => void errors.push((fields as { err?: unknown }).err) } });
const pull = async (one: ConnectedClient) => {
  await t.asAdmin((admin) => admin.query("update audit_pull set next_at = now(), lease_until = null where vault_ref = $1", [one.vaultRef]));
  await puller().run();
};
const rows = async <T extends object>(sql: string, ...values: unknown[]): Promise<T[]> => t.asAdmin(async (admin) => (await admin.query(sql, values)).rows as T[]);
const stateOf = async (one: ConnectedClient) => (await rows<{ state: string; words: string | null }>("select state, words from audit_pull where vault_ref = $1", one.vaultRef))[0];
const findingsOf = (one: ConnectedClient) => rows<{ kind: string; severity: string; seq: string; seq_to: string; words: string; branch: number; epoch: number; times: number }>("select kind, severity, seq, seq_to, words, branch, epoch, times from audit_finding where vault_ref = $1 order by finding_id", one.vaultRef);
const seqs = async (one: ConnectedClient, stream = "primary") => (await rows<{ seq: string; branch: number; epoch: number }>("select seq, branch, epoch from audit_event where vault_ref = $1 and stream = $2 order by branch, epoch, seq", one.vaultRef, stream)).map(({ seq }) => Number(seq));
const read = (one: Case, times = 1) => Promise.all(Array.from({ length: times }, () => one.owned.owner.get("/entries")));
void [DatabaseSync, readdirSync, join, op, newToken, tokenHash];

describe("a vault's log", () => {
  test("is held whole, once, and complete until it was asked", async () => {
    const one = await aClient("Acme");
    const before = Date.now();
    await pull(one);
    const first = await seqs(one);
    expect(first.length).toBeGreaterThan(2);
    expect(first).toEqual(first.map((_, i) => i + 1));
    await read(one, 3);
    await pull(one);
    await pull(one);
    const second = await seqs(one);
    expect(second).toEqual(second.map((_, i) => i + 1));
    expect(second.length).toBeGreaterThanOrEqual(first.length + 3);
    expect(await findingsOf(one)).toEqual([]);
    expect(await stateOf(one)).toEqual({ state: "ok", words: null });
    const [stream] = await rows<{ complete_until: Date; events: string; seq: string }>("select complete_until, events, seq from audit_stream where vault_ref = $1 and stream = 'primary'", one.vaultRef);
    expect(stream!.complete_until.getTime()).toBeGreaterThanOrEqual(before);
    expect([Number(stream!.events), Number(stream!.seq)]).toEqual([second.length, second.length]);
  });
});
