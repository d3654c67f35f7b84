/** The client against real reference vaults, with a fault proxy between where something shall go wrong. */
import { randomBytes } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules, type Fault } from "#sandbox/fault-proxy/rules.ts";
import { op } from "#vault/testing/client.ts";
import { startPair, type Pair } from "#vault/testing/pair.ts";
import { connectMsp, registerVault, startWorld, type ConnectedMsp, type OwnedVault, type World } from "#vault/testing/world.ts";
import { b64u } from "../protocol/bytes.ts";
import { jcs } from "../protocol/jcs.ts";
import { newToken, tokenHash } from "../protocol/token.ts";
import { verifyAnswer } from "../protocol/signed.ts";
import { makeRules } from "./address.ts";
import type { Access } from "./call.ts";
import { VaultClient } from "./client.ts";
import { openNet, type Net } from "./net.ts";

const rules = makeRules({ local: true, ranges: [] });
const nobody = () => Promise.reject(Object.assign(new Error("no name server in tests"), { code: "ENOTFOUND" }));
let net: Net;
let world: World;
let owned: OwnedVault;
let msp: ConnectedMsp;
let proxy: FaultProxy;
const servers: Server[] = [];

/** A server of ours in a vault's place. */
async function pretend(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const accessOf = (origin: string, change: Partial<Access> = {}): Access => {
  const { vaultId, key, agentId, token } = msp.manager.account;
  return { url: `${origin}/${vaultId}`, vaultId, publicKey: key, agentId, token, ...change };
};
const client = (change: Partial<Access> = {}) => new VaultClient(accessOf(world.listening, change), net);
const proxied = () => new VaultClient(accessOf(`http://127.0.0.1:${proxy.port}`), net);
const at = (origin: string) => new VaultClient(accessOf(origin), net);
const always = (fault: Fault, match: object = {}) => proxy.book.replace(parseRules([{ match, fault }]));
const trouble = (result: { kind: string }) => ("trouble" in result ? result.trouble : result);

beforeAll(async () => {
  net = openNet({ rules, resolve: nobody, callMs: 1_500 });
  world = await startWorld();
  owned = await registerVault(world);
  msp = await connectMsp(owned);
  await owned.owner.must([op("POST", "/agent", { name: "Own IT", kind: "human", scopes: "0010", all_access: false, admin: false, token_hash: tokenHash(newToken()) })], { keys: [owned.key] });
  proxy = await FaultProxy.open({ target: world.listening });
});
afterEach(() => proxy.book.replace([]));
afterAll(async () => {
  await net.agent.destroy();
  await proxy.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await world.end();
});

describe("what a vault says, signed and checked", () => {
  test("itself, its rows, its numbers, our keys, its statement, its log", async () => {
    const info = await client().info();
    expect(info).toMatchObject({ kind: "answered", mode: "primary", epoch: 1, value: { public_key: msp.manager.account.key, name: "Acme", grant: { max_agents: 20 } } });
    const agents = await client().agents();
    expect(agents).toMatchObject({ kind: "answered", value: { unchanged: false } });
    expect(agents.kind === "answered" && !agents.value.unchanged && agents.value.agents.map(({ name }) => name)).toEqual(["Acme", "Northwind IT", "Own IT"]);
    expect(await client().scopes()).toMatchObject({ kind: "answered", value: { scopes: expect.any(Array) } });
    expect(await client().credentials()).toMatchObject({ kind: "answered", value: [{ signs_for: msp.manager.account.agentId }, {}] });
    expect(await client().statement()).toMatchObject({ kind: "answered", value: { statement: { manager: msp.manager.account.uid } } });
    expect(await client().audit({ limit: 2 })).toMatchObject({ kind: "answered", value: { events: [{ seq: 1 }, { seq: 2 }], more: true } });
  });
  test("an unchanged list costs one small answer", async () => {
    const first = await client().agents();
    const etag = first.kind === "answered" ? first.etag : null;
    expect(etag).toMatch(/^"\d+\.\d+"$/);
    expect(await client().agents(etag)).toMatchObject({ kind: "answered", status: 304, value: { unchanged: true } });
  });
  test("a challenge comes with its signed bytes, which the page can verify by itself", async () => {
    const nonce = b64u(randomBytes(24));
    const { result, raw } = await client().begin(nonce);
    expect(result).toMatchObject({ kind: "answered", status: 201, value: { credentials: [{}, {}] } });
    const { vaultId, key, agentId } = msp.manager.account;
    expect(raw).toMatchObject({ nonce, method: "POST", target: `/${vaultId}/auth/begin`, status: 201, backupKey: null });
    const context = { agent: agentId, body: raw!.body, method: raw!.method, nonce, status: raw!.status, target: raw!.target, vault: vaultId };
    expect(await verifyAnswer(raw!.answer, context, key)).toMatchObject({ mode: "primary" });
    expect(await verifyAnswer(raw!.answer, { ...context, nonce: b64u(randomBytes(24)) }, key)).toBeNull();
  });
  test("a batch brings its signed receipt, and the same bytes again bring the same one", async () => {
    const own = msp.manager.as({});
    const ops = [op("POST", "/agent", { name: "Tess", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: { kem: "x25519", public_key: msp.sealKey.publicKey } })];
    const header = await own.assertion(ops, { keys: [msp.signers[0]!] });
    const bytes = Buffer.from(jcs({ operations: ops }));
    const first = await client().batch(bytes, header);
    expect(first.result).toMatchObject({ kind: "answered", status: 200, value: { receipt: { results: [{ status: "created" }] } } });
    expect((await client().batch(bytes, header)).result).toMatchObject({ kind: "answered", value: (first.result as { value: object }).value });
  });
  test("what it refuses, it refuses signed: by code and in words", async () => {
    expect(await client().entry(1)).toMatchObject({ kind: "refused", status: 403, code: "denied", mode: "primary", words: "Denied." });
    expect(await client().totp(65_535)).toMatchObject({ kind: "refused", status: 403, code: "denied" });
    expect(await client().entries()).toMatchObject({ kind: "answered", value: { count: 0 } });
    expect(await client().search("a")).toMatchObject({ kind: "answered", value: { count: 0 } });
    expect(await client().audit({ limit: 5_000 })).toMatchObject({ kind: "refused", status: 422, code: "invalid" });
    expect((await client().batch(Buffer.from("{ }"), "x")).result).toMatchObject({ kind: "refused", status: 400, code: "not_canonical" });
  });
  test("a token that it does not know is a 401 in its own hand", async () => {
    expect(await client({ token: newToken() }).info()).toMatchObject({ kind: "refused", status: 401, code: "unknown_token", mode: "primary" });
  });
  test("content that our token should never see is counted and dropped", async () => {
    const { vaultId, key, agentId, token } = owned.owner.account;
    const secret = `s-${b64u(randomBytes(9))}`;
    await owned.owner.must([op("POST", "/entry", { title: secret, scopes: "0010", fields: [{ label: "p", kind: "password", tier: "L2", value: secret }] })], { keys: [owned.key] });
    const seeing = new VaultClient({ url: `${world.listening}/${vaultId}`, vaultId, publicKey: key, agentId, token }, net);
    const results = [await seeing.entries(), await seeing.search("s"), await seeing.entry(1)];
    expect(results).toMatchObject([{ kind: "answered", value: { count: 1 } }, { kind: "answered", value: { count: 1 } }, { kind: "answered", value: null }]);
    expect(JSON.stringify(results)).not.toContain(secret);
  });
});

describe("nothing is believed that the pinned key did not sign", () => {
  test.each([["body", "forged"], ["resign", "forged"], ["strip", "unsigned"]] as const)("a man in the middle who tries %s: %s", async (how, expected) => {
    always({ kind: "alter", how });
    expect(trouble(await proxied().info())).toBe(expected);
    expect(trouble(await proxied().agents())).toBe(expected);
  });
  test("an earlier answer does not count again", async () => {
    expect((await proxied().info()).kind).toBe("answered");
    always({ kind: "alter", how: "replay" });
    expect(trouble(await proxied().info())).toBe("forged");
  });
  test("another vault that signs with its own key is told apart from a changed answer", async () => {
    const other = await registerVault(world, "Another");
    const publicKey = other.owner.account.key;
    expect(trouble(await client({ publicKey }).info())).toBe("wrong_key");
    expect(trouble(await client({ publicKey }).agents())).toBe("forged");
    expect(trouble(await client({ agentId: 99 }).info())).toBe("forged");
    expect(trouble(await client({ publicKey: "AAAA" }).info())).toBe("wrong_key");
  });
  test("a 401 of anybody else is no 401", async () => {
    always({ kind: "status", status: 401, retry_after: null });
    expect(trouble(await proxied().info())).toBe("unsigned");
  });
});

describe("silence and worse are unknown, each in its own words", () => {
  test("a vault that hangs is given up in time", async () => {
    always({ kind: "hang" });
    const began = performance.now();
    expect(trouble(await proxied().info())).toBe("timeout");
    expect(performance.now() - began).toBeLessThan(6_000);
  });
  test("one that drips is given up in time", async () => {
    always({ kind: "slow", bytes: 1, every_ms: 100 });
    expect(trouble(await proxied().info())).toBe("timeout");
  });
  test.each([
    [{ kind: "reset", after: 10 }, "broken"], [{ kind: "lose" }, "broken"], [{ kind: "garbage", what: "bytes" }, "garbage"], [{ kind: "garbage", what: "json" }, "forged"], [{ kind: "status", status: 502, retry_after: null }, "unsigned"],
  ] satisfies [Fault, string][])("%j is %s", async (fault, expected) => {
    always(fault);
    expect(trouble(await proxied().info())).toBe(expected);
  });
  test("nobody there, no such name, an address that may not be called, a token that does not open", async () => {
    expect(trouble(await at("http://127.0.0.1:1").info())).toBe("unreachable");
    expect(trouble(await at("https://nowhere.example").info())).toBe("unresolved");
    expect(trouble(await new VaultClient(accessOf("https://10.0.0.1"), net).info())).toBe("address");
    expect(trouble(await at("http://vault.example").info())).toBe("address");
    expect(trouble(await client({ token: null }).info())).toBe("sealed");
  });
  test("a redirect is not followed, signed or not", async () => {
    let reached = 0;
    const target = await pretend((_request, response) => void (reached++, response.end()));
    const origin = await pretend((_request, response) => void response.writeHead(307, { Location: `${target}/${msp.manager.account.vaultId}/vault` }).end());
    expect(trouble(await at(origin).info())).toBe("redirected");
    expect(reached).toBe(0);
  });
  test("an answer beyond 4 MiB is cut off, announced or not", async () => {
    const announced = await pretend((_request, response) => void response.writeHead(200, { "Content-Length": String(5 * 1_048_576) }).end(Buffer.alloc(5 * 1_048_576, 0x20)));
    const streamed = await pretend((_request, response) => {
      const more = () => void (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20), more));
      more();
    });
    const headed = await pretend((_request, response) => void response.writeHead(200, { "X-Large": "x".repeat(40_000) }).end());
    for (const origin of [announced, streamed, headed]) expect(trouble(await at(origin).info()), origin).toBe("too_large");
  });
  test("names of the demo's host are dialled on this machine, and the signed path is what was sent", async () => {
    const origin = world.origin;
    expect(new URL(origin).hostname).toBe("vault.localhost");
    expect(await at(origin).info()).toMatchObject({ kind: "answered" });
  });
  test("a wish to wait is granted within its cap, also when nobody signed it", async () => {
    always({ kind: "status", status: 503, retry_after: "86400" });
    expect(await proxied().info()).toMatchObject({ kind: "unknown", trouble: "unsigned", retryAfter: 900 });
    always({ kind: "status", status: 429, retry_after: "-1" });
    expect(await proxied().info()).toMatchObject({ kind: "unknown", retryAfter: null });
  });
  test("other calls go on while one vault hangs", async () => {
    always({ kind: "hang" }, { path: "/vault$" });
    const hanging = proxied().info();
    const others = await Promise.all(Array.from({ length: 20 }, () => proxied().scopes()));
    expect(others.every(({ kind }) => kind === "answered")).toBe(true);
    expect(trouble(await hanging)).toBe("timeout");
  });
});

describe("over TLS, to where the name leads", () => {
  let tls: FaultProxy;
  let leads: string[];
  let over: Net;
  beforeAll(async () => {
    tls = await FaultProxy.open({ target: world.listening, tls: { name: "vault.example" } });
    over = openNet({ rules: makeRules({ local: false, ranges: ["127.0.0.1/32"] }), resolve: async () => leads, callMs: 1_500, ca: tls.pem("trusted")! });
  });
  afterAll(async () => {
    await over.agent.destroy();
    await tls.close();
  });
  const there = () => new VaultClient(accessOf(`https://vault.example:${tls.port}`), over);

  test("a connection that stands is used on; a new one is judged anew, so a name that moved is not followed", async () => {
    leads = ["127.0.0.1"];
    expect(await there().info()).toMatchObject({ kind: "answered" });
    leads = ["127.0.0.2"];
    expect(await there().info()).toMatchObject({ kind: "answered" });
    // Ends every connection; on a busy machine this end may hear of it one call later.
    tls.show("trusted");
    await expect.poll(async () => trouble(await there().info())).toBe("address");
    leads = ["127.0.0.1", "10.0.0.1"];
    expect(trouble(await there().info())).toBe("address");
    leads = ["127.0.0.1"];
    expect(await there().info()).toMatchObject({ kind: "answered" });
  });
  test.each(["unknown", "wrong-name", "expired"] as const)("with a certificate that is %s nothing is sent", async (kind) => {
    leads = ["127.0.0.1"];
    tls.show(kind);
    const before = tls.log().length;
    await expect.poll(async () => trouble(await there().info())).toBe("tls");
    expect(tls.log()).toHaveLength(before);
    tls.show("trusted");
  });
});

describe("a backup speaks under the key that the vault certified", () => {
  let pair: Pair;
  let manager: ConnectedMsp["manager"];
  beforeAll(async () => {
    pair = await startPair();
    const there = await registerVault(pair.primary);
    ({ manager } = await connectMsp(there));
    await pair.backup.follower!.catchUp();
  });
  afterAll(() => pair.end());
  const there = (origin: string, change: Partial<Access> = {}) => {
    const { vaultId, key, agentId, token } = manager.account;
    return new VaultClient({ url: `${origin}/${vaultId}`, vaultId, publicKey: key, agentId, token, ...change }, net);
  };

  test("its reads are answered, as backup", async () => {
    const { listening } = pair.backup;
    expect(await there(listening).info()).toMatchObject({ kind: "answered", mode: "backup", value: { mode: "backup" } });
    expect(await there(listening).agents()).toMatchObject({ kind: "answered", mode: "backup" });
  });
  test("it takes no challenge, and its word on where the primary is stays a word", async () => {
    expect((await there(pair.backup.listening).begin(b64u(randomBytes(16)))).result).toMatchObject({ kind: "refused", status: 503, code: "read_only", mode: "backup", primaryLocation: expect.stringContaining("http") });
  });
  test("a backup of another vault is nobody", async () => {
    const stranger = await registerVault(pair.primary, "Stranger");
    expect(trouble(await there(pair.backup.listening, { publicKey: stranger.owner.account.key }).agents())).toBe("forged");
  });
});
