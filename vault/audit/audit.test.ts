import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyChain, verifyHead } from "#lib/protocol/audit.ts";
import { checkAuditPage } from "#lib/protocol/answers.ts";
import { run } from "#lib/protocol/check.ts";
import type { AuditEvent, AuditPage } from "#lib/protocol/messages.ts";
import { op } from "../testing/client.ts";
import { connectMsp, registerVault, startWorld, WIDE, type ConnectedMsp, type OwnedVault, type World } from "../testing/world.ts";
import { eraseDetails } from "./erase.ts";
import { addressPrefix } from "./mark.ts";

let world: World;
let vault: OwnedVault;
let msp: ConnectedMsp;
beforeAll(async () => {
  world = await startWorld();
  vault = await registerVault(world);
  msp = await connectMsp(vault);
});
afterAll(async () => {
  await world.end();
});

const audit = async (query = "", who = vault.owner): Promise<AuditPage> => (await who.get(`/audit${query}`)).json;
const last = async (): Promise<AuditEvent> => (await audit()).events.at(-1)!;

test("the chain holds from its first event, and the head is the vault's signed word on its end", async () => {
  await vault.owner.get("/entry/1");
  const page = await audit();
  run(checkAuditPage, page, "");
  const result = verifyChain(page.events, null);
  expect(result.ok).toBe(true);
  expect(result.last).toEqual({ epoch: 1, seq: page.head!.seq, hash: page.head!.hash });
  expect(await verifyHead(page.head!, vault.owner.account.vaultId, vault.owner.account.key)).toBe(true);
  expect(page.events[0]).toMatchObject({ seq: 1, action: "vault.created", actor: { kind: "system", agent_id: null } });
  expect([page.first_seq, page.more]).toEqual([1, false]);
});

test("pages go on after a number, and say whether there is more", async () => {
  const first = await audit("?limit=2");
  expect([first.events.map(({ seq }) => seq), first.more]).toEqual([[1, 2], true]);
  const second = await audit(`?after=2&limit=1000`);
  expect([second.events[0]!.seq, second.more]).toEqual([3, false]);
  expect(verifyChain([...first.events, ...second.events], null).ok).toBe(true);
});

test("an unknown stream is 422, an empty one has no head", async () => {
  expect((await vault.owner.get("/audit?stream=other")).status).toBe(422);
  expect(await audit("?stream=backup")).toMatchObject({ events: [], head: null, more: false });
});

test("reads, denials and refusals leave one event each, before the answer", async () => {
  await vault.owner.must([op("POST", "/entry", { title: "Vault door", scopes: "0010", fields: [{ label: "pin", kind: "password", tier: "L2", value: "9876-secret" }] })], { keys: [vault.key] });
  await vault.owner.get("/entry/1");
  expect(await last()).toMatchObject({ action: "entry.read", outcome: "success", actor: { agent_id: 1 }, detail: { target: { kind: "entry" } } });
  await msp.manager.get("/entry/1");
  expect(await last()).toMatchObject({ action: "entry.read", outcome: "denied", detail: { reason: "scope", meta: { entry: 1 } } });
  await vault.owner.get("/search?q=door");
  expect(await last()).toMatchObject({ action: "entries.search", detail: { meta: { count: 1 } } });
  await msp.manager.change([op("DELETE", "/agent/1")], { keys: [msp.signers[0]!] });
  expect(await last()).toMatchObject({ action: "change.refused", outcome: "denied", detail: { reason: "not_granted" } });
});

test("no event holds a title, a value, a search term or a token", async () => {
  const text = JSON.stringify(await audit());
  for (const secret of ["Vault door", "9876-secret", "door", "cvt_", vault.owner.account.token]) expect(text).not.toContain(secret);
});

test("metadata calls and unknown tokens are marked once an hour", async () => {
  world.clock.forward(3_600);
  const marks = async (): Promise<number> => (await audit()).events.filter(({ action }) => action === "calls.marked").length;
  const before = await marks(); // marks the owner itself in this hour
  for (let i = 0; i < 5; i++) {
    await vault.owner.get("/vault");
    await vault.owner.get("/agents");
    await vault.owner.begin();
    await vault.owner.get("/vault", { token: "nobody" });
  }
  expect(await marks()).toBe(before + 1);
  const anonymous = (await audit()).events.findLast(({ actor }) => actor.kind === "anonymous")!;
  expect(anonymous.detail).toMatchObject({ reason: "unknown_token", ip: "127.0.0.0/24" });
  world.clock.forward(3_600);
  await vault.owner.get("/vault", { token: "nobody" });
  expect(await marks()).toBe(before + 3);
});

test("a manager with audit own sees details of what concerns it, and for the rest a chain that still holds", async () => {
  const seal = msp.request.seal_to;
  await msp.manager.must([op("POST", "/agent", { name: "Technician Tina", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: seal })], { keys: [msp.signers[0]!] });
  await vault.owner.must([op("POST", "/agent", { name: "Client's Carl", kind: "human", scopes: "", all_access: false, admin: false })], { keys: [vault.key] });
  const page = await audit("", msp.manager);
  expect(verifyChain(page.events, null).ok).toBe(true);
  const own = page.events.find(({ action, actor }) => action === "agent.create" && actor.agent_id === msp.manager.account.agentId)!;
  const foreign = page.events.findLast(({ action, actor }) => action === "agent.create" && actor.agent_id === 1)!;
  expect(own.detail?.name).toBe("Northwind IT");
  expect(foreign.detail).toBeNull();
  expect(page.events.find(({ action }) => action === "connect")!.detail).not.toBeNull();
  await vault.owner.must([op("PUT", `/agent/${msp.manager.account.agentId}`, { grant: { ...WIDE, audit: "all" } })], { keys: [vault.key] });
  expect((await audit("", msp.manager)).events.find(({ seq }) => seq === foreign.seq)!.detail).not.toBeNull();
});

test("erased details leave the chain whole, and nothing of them in the file", async () => {
  await vault.owner.must([op("PUT", "/agent/1", { name: "Zebulon Quartermain" })], { keys: [vault.key] });
  await vault.owner.get("/entries");
  await vault.owner.must([op("PUT", "/agent/1", { name: "Acme" })], { keys: [vault.key] });
  const { vaultId } = vault.owner.account;
  const file = (): string => ["", "-wal"].map((end) => readFileSync(join(world.dir, `clavitor-${vaultId}${end}`)).toString("latin1")).join("");
  expect(file()).toContain("Zebulon");
  const erased = await world.host.use(vaultId, (opened) => eraseDetails(opened, Number.MAX_SAFE_INTEGER));
  expect(erased).toBeGreaterThan(10);
  expect(file()).not.toContain("Zebulon");
  const page = await audit();
  expect(verifyChain(page.events, null).ok).toBe(true);
  expect(page.events[0]!.detail).toBeNull();
});

test("when the log cannot be written, no change is made and no read is served", async () => {
  const broken = await registerVault(world, "Broken");
  await broken.owner.must([op("POST", "/entry", { title: "x", scopes: "", fields: [] })], { keys: [broken.key] });
  const ops = [op("POST", "/agent", { name: "x", kind: "human", scopes: "", all_access: false, admin: false })];
  const header = await broken.owner.assertion(ops, { keys: [broken.key] });
  const { vaultId } = broken.owner.account;
  await world.host.use(vaultId, (opened) => opened.db.exec("CREATE TRIGGER no_more BEFORE INSERT ON events BEGIN SELECT raise(ABORT, 'full'); END"));
  for (const answer of [await broken.owner.get("/entry/1"), await broken.owner.get("/entries"), await broken.owner.submit(ops, header)]) {
    expect([answer.status, answer.json.code]).toEqual([500, "internal"]);
  }
  await world.host.use(vaultId, (opened) => opened.db.exec("DROP TRIGGER no_more"));
  expect((await broken.owner.get("/agents")).json.agents).toHaveLength(1);
  expect(verifyChain((await broken.owner.get("/audit")).json.events, null).ok).toBe(true);
});

test.each([
  ["192.0.2.77", "192.0.2.0/24"],
  ["::ffff:192.0.2.77", "192.0.2.0/24"],
  ["2001:db8:abcd:12::1", "2001:db8:abcd::/48"],
  ["::1", "0:0:0::/48"],
])("the prefix of %s is %s", (ip, prefix) => {
  expect(addressPrefix(ip)).toBe(prefix);
});
