import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { b64u } from "#lib/protocol/bytes.ts";
import { refuseReply } from "#lib/protocol/connect.ts";
import type { AgentRow, Connect, ConnectRequest, Grant, Op, SignedConnectReply } from "#lib/protocol/messages.ts";
import { connectTokenInfo, open, parseTokenPlaintext } from "#lib/protocol/seal.ts";
import { SoftwareKey } from "../testing/authenticator.ts";
import { op, type Response } from "../testing/client.ts";
import { connectMsp, connectRequest, MSP, registerVault, SIGNING, startWorld, WIDE, type OwnedVault, type World } from "../testing/world.ts";

let world: World;
let vault: OwnedVault;
beforeAll(async () => {
  world = await startWorld();
  vault = await registerVault(world);
});
afterAll(async () => {
  await world.end();
});

const code = (answer: Response): string => (answer.status === 200 ? "200" : `${answer.status} ${String(answer.json.code)}`);
const by = (ops: Op[], owned = vault): Promise<Response> => owned.owner.change(ops, { keys: [owned.key] });
const keys = (count = 2): SoftwareKey[] => Array.from({ length: count }, () => new SoftwareKey(SIGNING));
const connectOp = (request: ConnectRequest, change: Partial<Connect> = {}): Op => op("POST", "/connect", { adopt: [], grant: request.want, request, roles: [], ...change });

async function agents(owned = vault): Promise<AgentRow[]> {
  return (await owned.owner.get("/agents")).json.agents;
}

test("a connected MSP is blind, bounded, and what the reply says is what the vault lists", async () => {
  const owned = await registerVault(world);
  const msp = await connectMsp(owned);
  expect(await refuseReply(msp.reply.reply, msp.reply.signature, msp.request)).toBeNull();
  const row = (await agents(owned)).find(({ uid }) => uid === msp.reply.reply.uid)!;
  expect(row).toMatchObject({ name: "Northwind IT", kind: "human", scopes: "", all_access: false, admin: true, hand_over: "sealed", managed_by: owned.owner.account.uid });
  const info = await msp.manager.get("/vault");
  expect(info.signed).toBe(true);
  expect(info.json.grant).toEqual(WIDE);
  const { credentials } = (await msp.manager.get("/credentials")).json;
  expect(credentials.map(({ id }: { id: string }) => id).sort()).toEqual(msp.signers.map(({ credentialId }) => credentialId).sort());
  const { challenge, credentials: counting } = await msp.manager.begin();
  expect(challenge).toHaveLength(43);
  expect(counting).toHaveLength(2);
});

test("the blind probe: lists are empty, entries and codes are denied, present or not", async () => {
  const owned = await registerVault(world);
  await by([op("POST", "/entry", { title: "alpha", scopes: "0010", fields: [{ label: "code", kind: "totp", tier: "L2", value: "JBSWY3DPEHPK3PXP" }] }), op("POST", "/entry", { title: "a", scopes: "", fields: [] })], owned);
  const { manager } = await connectMsp(owned);
  expect((await manager.get("/entries")).text).toBe('{"entries":[],"next":null}');
  expect((await manager.get("/search?q=a")).text).toBe('{"entries":[],"next":null}');
  for (const path of ["/entry/1", "/entry/2", "/entry/65535", "/totp/1", "/totp/2", "/totp/65535"]) {
    const answer = await manager.get(path);
    expect([answer.status, answer.text, answer.signed]).toEqual([403, '{"code":"denied","status":403,"title":"Denied"}', true]);
  }
  const scopes = (await manager.get("/scopes")).json.scopes;
  expect(scopes.find(({ scope }: { scope: string }) => scope === "0010")).toMatchObject({ entries: 1, name: "networking" });
});

test("numbers of roles and of the grant's list are never assigned to a row", async () => {
  const owned = await registerVault(world);
  const grant: Grant = { ...WIDE, scopes: ["0003", "0005", "0010"] };
  await connectMsp(owned, { grant, change: { roles: [{ name: "networking", scope: null }] } });
  const created = await by(Array.from({ length: 3 }, () => op("POST", "/agent", { name: "x", kind: "human", scopes: "", all_access: false, admin: false })), owned);
  expect(created.json.receipt.results.map(({ agent_id }: { agent_id: number }) => agent_id)).toEqual([4, 6, 7]);
  expect((await agents(owned)).map(({ id }) => id)).toEqual([1, 2, 4, 6, 7]);
});

test("a request is used once, and not after its end or when made for more than a week", async () => {
  const { request } = await connectRequest(keys());
  expect(code(await by([connectOp(request)]))).toBe("200");
  expect(code(await by([connectOp({ ...request, signers: (await connectRequest(keys())).request.signers })]))).toBe("409 nonce_used");
  const late = await connectRequest(keys(), { expires_at: world.clock.now() - 1 });
  expect(code(await by([connectOp(late.request)]))).toBe("403 request_expired");
  const long = await connectRequest(keys(), { expires_at: world.clock.now() + 8 * 86_400 });
  expect(code(await by([connectOp(long.request)]))).toBe("403 request_expired");
});

test("origins: the reply goes where the MSP lives, signers live elsewhere, on the host of their RP id", async () => {
  const reply = await connectRequest(keys(), { reply_to: "https://other.example/api" });
  expect(code(await by([connectOp(reply.request)]))).toBe("403 wrong_origin");
  const consoleKeys = [new SoftwareKey({ rpId: "msp.example", origin: MSP })];
  expect(code(await by([connectOp((await connectRequest(consoleKeys)).request)]))).toBe("403 wrong_origin");
  const port = [new SoftwareKey({ rpId: "msp.example", origin: "https://msp.example:8443" })];
  expect(code(await by([connectOp((await connectRequest(port)).request)]))).toBe("403 wrong_origin");
  const parent = [new SoftwareKey({ rpId: "example", origin: "https://sign.msp.example" })];
  expect(code(await by([connectOp((await connectRequest(parent)).request)]))).toBe("403 wrong_origin");
});

test("every signer proves its key for this MSP", async () => {
  const [first, second] = keys();
  const { request } = await connectRequest([first!, second!]);
  const swap = (enrol: object): ConnectRequest => ({ ...request, signers: [request.signers[0]!, { ...request.signers[1]!, enrol: enrol as never }] });
  expect(code(await by([connectOp(swap(second!.enrol("https://evil.example")))]))).toBe("403 proof_invalid");
  expect(code(await by([connectOp(swap(request.signers[0]!.enrol))]))).toBe("403 proof_invalid");
  expect(code(await by([connectOp(swap(second!.enrol(MSP, { flags: 0x01 })))]))).toBe("403 assertion_invalid");
  expect(code(await by([connectOp(swap(second!.enrol(MSP, { signature: new Uint8Array(71) })))]))).toBe("403 assertion_invalid");
});

test.each([
  ["scopes", { scopes: "any" }],
  ["scopes", { scopes: ["0010", "0011", "0012"] }],
  ["all_access", { all_access: "yes" }],
  ["max_lease", { max_lease: null }],
  ["max_lease", { max_lease: 86_401 }],
  ["max_agents", { max_agents: 21 }],
  ["entries", { entries: true }],
  ["signer_delay", { signer_delay: 86_399 }],
  ["audit", { audit: "all" }],
])("a grant looser than asked is refused: %s", async (member, change) => {
  const { request } = await connectRequest(keys());
  const answer = await by([connectOp(request, { grant: { ...WIDE, ...change } as Grant })]);
  expect([code(answer), answer.json.reason]).toEqual(["403 not_granted", member]);
});

test("the owner may tighten every part of it", async () => {
  const { request } = await connectRequest(keys());
  const grant: Grant = { scopes: ["0010"], all_access: "never", max_lease: 60, max_agents: 1, entries: false, cosign: 2, signer_delay: 604_800, audit: "own" };
  const answer = await by([connectOp(request, { grant })]);
  expect(answer.json.receipt.results[0].connect.reply.grant).toEqual(grant);
});

test("a signer known anywhere in this vault is refused", async () => {
  const msp = await connectMsp(vault);
  expect(code(await by([connectOp((await connectRequest(msp.signers)).request)]))).toBe("409 credential_exists");
  const { request } = await connectRequest(keys());
  expect(code(await by([connectOp({ ...request, signers: [request.signers[0]!, request.signers[0]!] })]))).toBe("422 invalid");
});

test("rows are handed over in the state that the owner saw, inside the grant; the rest stays the client's own", async () => {
  const owned = await registerVault(world);
  const person = (scopes: string, change: object = {}): Op => op("POST", "/agent", { name: "Sarah", kind: "human", scopes, all_access: false, admin: false, ...change });
  await by([person("0010"), person("0012"), person("", { all_access: true }), person("0011")], owned);
  const [, inside, outside, everything, kept] = await agents(owned);
  const adopting = async (rows: AgentRow[], change: object = {}): Promise<Response> => {
    const { request } = await connectRequest(keys());
    return by([connectOp(request, { adopt: rows.map(({ uid, revision }) => ({ uid, revision, ...change })) })], owned);
  };
  expect(code(await adopting([outside!]))).toBe("403 not_granted");
  expect(code(await adopting([everything!]))).toBe("403 not_granted");
  expect(code(await adopting([(await agents(owned))[0]!]))).toBe("403 not_granted");
  expect(code(await adopting([inside!], { revision: inside!.revision + 1 }))).toBe("409 stale");
  expect(code(await adopting([inside!, inside!]))).toBe("422 invalid");
  const answer = await adopting([inside!]);
  expect(code(answer)).toBe("200");
  const { reply } = answer.json.receipt.results[0].connect as SignedConnectReply;
  expect(reply.adopted).toEqual([inside!.uid]);
  const after = await agents(owned);
  expect(after.find(({ uid }) => uid === inside!.uid)).toMatchObject({ managed_by: reply.uid, hand_over: "plain", revision: answer.json.receipt.revision });
  expect(after.find(({ uid }) => uid === kept!.uid)).toEqual(kept);
});

test("handing over more rows than max_agents is refused", async () => {
  const owned = await registerVault(world);
  await by([1, 2].map(() => op("POST", "/agent", { name: "x", kind: "human", scopes: "0010", all_access: false, admin: false })), owned);
  const rows = (await agents(owned)).slice(1).map(({ uid, revision }) => ({ uid, revision }));
  const { request } = await connectRequest(keys());
  expect(code(await by([connectOp(request, { adopt: rows, grant: { ...WIDE, max_agents: 1 } })], owned))).toBe("403 not_granted");
});

test("replaces: the way back for an MSP that lost its token keeps row and people", async () => {
  const owned = await registerVault(world);
  const msp = await connectMsp(owned);
  const { sealKey, request } = await connectRequest([msp.signers[0]!, ...keys(1)], { replaces: msp.manager.account.uid, want: { ...WIDE, max_agents: 5 } });
  const answer = await by([connectOp(request)], owned);
  expect(answer.status, answer.text).toBe(200);
  const { reply } = answer.json.receipt.results[0].connect as SignedConnectReply;
  expect(reply).toMatchObject({ uid: msp.manager.account.uid, agent_id: msp.manager.account.agentId });
  expect((await msp.manager.get("/vault")).status).toBe(401);
  const info = connectTokenInfo({ vault: reply.vault_id, key: reply.public_key, request: reply.request });
  const { token } = parseTokenPlaintext((await open(sealKey, info, reply.sealed_token))!)!;
  const back = msp.manager.as({ token });
  expect((await back.get("/vault")).json.grant.max_agents).toBe(5);
  expect(code(await back.change([op("PUT", `/agent/${owned.owner.account.agentId}`, {})], { keys: [msp.signers[1]!] }))).toBe("410 credential_revoked");
  expect(code(await back.change([op("PUT", `/agent/${owned.owner.account.agentId}`, {})], { keys: [msp.signers[0]!] }))).toBe("403 not_granted");
  const nobody = await connectRequest(keys(), { replaces: b64u(randomBytes(16)) });
  expect(code(await by([connectOp(nobody.request)], owned))).toBe("404 no_such_agent");
});

test("connect is the only operation of its batch, and asked roles alone are named", async () => {
  const { request } = await connectRequest(keys());
  expect(code(await by([connectOp(request), op("PUT", "/agent/1", {})]))).toBe("422 invalid");
  const answer = await by([connectOp(request, { roles: [{ name: "backup", scope: "0010" }] })]);
  expect([code(answer), answer.json.path]).toEqual(["422 invalid", "/operations/0/body/roles/0/name"]);
});

test("a role's number lies inside the grant's list, is no row's, and names one role", async () => {
  const owned = await registerVault(world);
  const asked = { roles: [{ name: "networking", scope: null }, { name: "monitoring", scope: null }] };
  const naming = async (scopes: string[], grant: Partial<Grant> = {}): Promise<Response> => {
    const { request } = await connectRequest(keys(), { ...asked, want: { ...WIDE, ...grant } });
    return by([connectOp(request, { roles: scopes.map((scope, i) => ({ name: asked.roles[i]!.name, scope })) })], owned);
  };
  const outside = await naming(["0010", "7777"]);
  expect([code(outside), outside.json.path]).toEqual(["422 invalid", "/operations/0/body/roles/1/scope"]);
  const twice = await naming(["0010", "0010"]);
  expect([code(twice), twice.json.path]).toEqual(["422 invalid", "/operations/0/body/roles/1/scope"]);
  const owner = await naming(["0010", "0001"], { scopes: "any" });
  expect([code(owner), owner.json.reason]).toEqual(["409 scope_collision", "0001"]);
  expect(code(await naming(["0001"], { scopes: ["0001", "0010"] }))).toBe("409 scope_collision");
  expect(await agents(owned)).toHaveLength(1);
  expect(code(await naming(["7777", "0010"], { scopes: "any" }))).toBe("200");
  expect(code(await naming([]))).toBe("200");
});

test("ending the manager ends its people and leaves everything of the client", async () => {
  const owned = await registerVault(world);
  await by([op("POST", "/entry", { title: "x", scopes: "0010", fields: [] }), op("POST", "/agent", { name: "own", kind: "human", scopes: "0010", all_access: false, admin: false })], owned);
  const msp = await connectMsp(owned);
  const pair = msp.request.seal_to;
  await msp.manager.must([op("POST", "/agent", { name: "tech", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: pair })], { keys: [msp.signers[0]!] });
  const ended = await by([op("DELETE", `/agent/${msp.manager.account.agentId}`, null, { uid: msp.manager.account.uid })], owned);
  expect(code(ended)).toBe("200");
  expect((await agents(owned)).map(({ name }) => name)).toEqual(["Acme", "own"]);
  expect((await owned.owner.get("/entries")).json.entries).toHaveLength(1);
  expect((await msp.manager.get("/vault")).status).toBe(401);
});
