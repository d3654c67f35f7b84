// Every door under bad input: a 4xx with a code, or what was asked; never a 500, never a crash, never a broken chain.
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { verifyChain } from "#lib/protocol/audit.ts";
import { b64u, utf8 } from "#lib/protocol/bytes.ts";
import { CODES, statusOf } from "#lib/protocol/errors.ts";
import { jcs } from "#lib/protocol/jcs.ts";
import type { AgentRow, Op } from "#lib/protocol/messages.ts";
import { SoftwareKey } from "./testing/authenticator.ts";
import { op, sendRaw, type Response } from "./testing/client.ts";
import { connectMsp, registerVault, startWorld, type ConnectedMsp, type OwnedVault, type World } from "./testing/world.ts";

let world: World;
let vault: OwnedVault;
let msp: ConnectedMsp;
beforeAll(async () => {
  world = await startWorld();
  vault = await registerVault(world);
  msp = await connectMsp(vault);
  await vault.owner.must([op("POST", "/entry", { title: "Router", scopes: "0010", fields: [{ label: "p", kind: "password", tier: "L2", value: "secret" }] })], { keys: [vault.key] });
});
afterAll(async () => {
  await world.end();
});

// Hundreds of runs each; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 + 100 * Number(process.env["FUZZ_RUNS"] ?? 0) });
/** FUZZ_RUNS=3000 makes a soak of it. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 150);
const NAUGHTY = ["", " ", "\u0000", "\u{FEFF}x", "\u202Eevil", "\u2028", "'; DROP TABLE agents; --", "<script>alert(1)</script>", "../../etc/passwd", "%00", "${7*7}", "__proto__", "constructor", "null", "𝒳".repeat(120), "𝒳".repeat(121), "e\u0301".repeat(60), "NaN", "1e9999", "שרה", "\ud800"] as const;
const naughty = fc.constantFrom(...NAUGHTY);
const edgeId = fc.constantFrom("0", "1", "2", "3", "-1", "01", "65535", "65536", "99999", "9007199254740991", "9007199254740992", "1e3", "0x1", "%31", "1;2", "１");
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, fc.constant(null), fc.boolean(), fc.integer(), fc.double(), naughty, fc.string(), fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(fc.oneof(naughty, fc.string()), tie("value"), { maxKeys: 4 })),
})).value;

/** A refusal has a known code under its own status; anything else must have been a plain success. */
function expectDecent(answer: Pick<Response, "status" | "json" | "text">, what: string): void {
  expect(answer.status, `${what} -> ${answer.text}`).toBeLessThan(500);
  if (answer.status < 400 || what.startsWith("HEAD ")) return;
  expect(CODES, `${what} -> ${answer.text}`).toContain(answer.json.code);
  expect(answer.status).toBe(statusOf(answer.json.code));
  expect(answer.text).not.toMatch(/SQLITE|TypeError|\bat \/|node_modules|secret/);
}

const doors = fc.oneof(
  fc.record({ method: fc.constantFrom("POST", "PUT", "DELETE", "GET", "PATCH", "HEAD", "OPTIONS"), path: fc.oneof(edgeId.map((id) => `/agent/${id}`), edgeId.map((id) => `/entry/${id}`), edgeId.map((id) => `/totp/${id}`), edgeId.map((id) => `/agent/${id}/token`)) }),
  fc.record({ method: fc.constant("POST"), path: fc.constantFrom("/batch", "/connect", "/agent", "/entry", "/credential", "/auth/begin", "/session", "/session/begin", "/l3") }),
  fc.record({ method: fc.constant("DELETE"), path: fc.constantFrom(1, 100, 1_364, 1_365, 4_000).map((length) => `/credential/${"A".repeat(length)}`) }),
  fc.record({ method: fc.constant("GET"), path: fc.constantFrom("/vault", "/agents", "/scopes", "/statement", "/credentials", "/audit", "/entries", "/search", "/connect", "/page/x", "//vault", "/vault/", "/./vault", "/agents%3F") }),
);
const query = fc.oneof(fc.constant(""), fc.tuple(fc.constantFrom("after", "limit", "for", "q", "stream", "x"), fc.oneof(edgeId, naughty)).map(([name, value]) => `?${name}=${encodeURIComponent(value.toWellFormed())}`), fc.constantFrom("?", "?&&", "?%", "?limit=%zz", "?limit=1&limit=2", "?q=%ff"));
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  json.map((value) => Buffer.from(JSON.stringify(value) ?? "undefined")),
  fc.constantFrom('{"a":1,"a":2}', '{"operations":[]}', `${"[".repeat(9)}${"]".repeat(9)}`, "[".repeat(20_000), '{"a":1.0}', '{"a":-0}', '{"b":1,"a":2}', "\uFEFF{}", '"\\ud800"', "null", "", "{}", '{"\\u0061":1}').map((text) => Buffer.from(text)),
);
const headers = fc.record(
  {
    "clavitor-assertion": fc.oneof(fc.constantFrom("", "!", "A".repeat(8_001), b64u(utf8("{}")), b64u(utf8('{"v":1,"proof":null}'))), json.map((value) => b64u(utf8(JSON.stringify(value) ?? "")))),
    "idempotency-key": fc.constantFrom("", "x", "00000000-0000-4000-8000-000000000000"),
    "if-match": fc.constantFrom("", "*", '"x"', '"AAAAAAAAAAAAAAAAAAAAAA:99999999999999999999"', '"AAAAAAAAAAAAAAAAAAAAAA"'),
    "if-none-match": fc.constantFrom("*", '"0.0"'),
    "content-encoding": fc.constantFrom("gzip", "identity"),
    "content-type": fc.constantFrom("text/plain", "application/x-www-form-urlencoded"),
    "clavitor-nonce": fc.constantFrom("", "x", "A".repeat(22), "A".repeat(44)),
  },
  { requiredKeys: [] },
);

test.each(["owner", "manager", "nobody"])("every door, as %s, with noise in path, query, headers and body", async (who) => {
  const token = who === "owner" ? vault.owner.account.token : who === "manager" ? msp.manager.account.token : "cvt_nobody";
  await fc.assert(
    fc.asyncProperty(doors, query, headers, bodies, async (door, search, noise, body) => {
      const path = `/${vault.owner.account.vaultId}${door.path}${search}`;
      if (!/^[\x21-\x7e]+$/.test(path)) return;
      const sent = { ...(JSON.parse(JSON.stringify(noise)) as Record<string, string>), Authorization: `Bearer ${token}` };
      const answer = await sendRaw(world.listening, door.method, path, sent, door.method === "GET" || door.method === "HEAD" ? undefined : body);
      expectDecent(answer, `${door.method} ${path} ${JSON.stringify(noise)} ${body.toString("latin1").slice(0, 200)}`);
    }),
    { numRuns: RUNS * 2 },
  );
  expect((await vault.owner.get("/vault")).signed).toBe(true);
});

test("the host's own doors", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("/register", "/register/begin", "/", "/register/", "/AAAAAA", "/AAAAAA/", "/%2e%2e/vault", "/clavitor-AAAAAA"), bodies, async (path, body) => {
      expectDecent(await sendRaw(world.listening, "POST", path, {}, body), path);
    }),
    { numRuns: RUNS },
  );
  const shaped = fc.record({ registration: json, p0: fc.oneof(json, fc.constant("AAAAAA")), wrapped_l3: fc.oneof(json, fc.constant("")), name: fc.oneof(naughty, fc.constant("ok")) });
  await fc.assert(
    fc.asyncProperty(shaped, async (body) => {
      expectDecent(await sendRaw(world.listening, "POST", "/register", {}, JSON.stringify(body)), JSON.stringify(body));
    }),
    { numRuns: RUNS },
  );
});

test.each(["\\ud800", "x".repeat(100_000), "a/b~c"])("a member's name that has no form, no end or a slash is named in a short, whole answer: %s", async (name) => {
  const body = `{"${name}":1}`;
  for (const path of ["/register", `/${vault.owner.account.vaultId}/session`, `/${vault.owner.account.vaultId}/auth/begin`]) {
    const answer = await sendRaw(world.listening, "POST", path, { Authorization: `Bearer ${vault.owner.account.token}` }, body);
    expect([answer.status, answer.json.code]).toEqual([422, "invalid"]);
    expect(answer.text.length).toBeLessThan(1_000);
  }
});

test("sessions and unlocking with noise for an assertion", async () => {
  const noise = fc.oneof(fc.string(), fc.constantFrom("", "AAAA", b64u(utf8("{}")), b64u(new Uint8Array(37)), "A".repeat(20_000)), json);
  const assertion = fc.oneof(json, fc.record({ id: fc.oneof(noise, fc.constant("known")), response: fc.oneof(json, fc.record({ authenticatorData: noise, clientDataJSON: noise, signature: noise })) }));
  await fc.assert(
    fc.asyncProperty(assertion, fc.constantFrom("/session", "/l3"), async (value, path) => {
      const known = JSON.stringify(value)?.replace('"known"', JSON.stringify(vault.key.credentialId)) ?? "null";
      const body = `{"assertion":${known}${path === "/l3" ? ',"p0":"AAAAAA"' : ""}}`;
      expectDecent(await vault.owner.send("POST", path, { token: null, body, nonce: null }), body);
    }),
    { numRuns: RUNS },
  );
});

test("operations that pass the ladder, signed for just what they say, with every member at its edges", async () => {
  const { agents } = (await vault.owner.get("/agents")).json as { agents: AgentRow[] };
  const uid = fc.constantFrom(...agents.map((row) => row.uid), "AAAAAAAAAAAAAAAAAAAAAA", "x");
  const revision = fc.constantFrom(0, 1, agents.at(-1)!.revision, Number.MAX_SAFE_INTEGER, -1);
  const time = fc.constantFrom(0, 1, world.clock.now(), world.clock.now() + 60, Number.MAX_SAFE_INTEGER, -1);
  const scopes = fc.constantFrom("", "0010", "0001", "ffff", "0000", "0011,0010", "0010,0010", "0010,0011", Array.from({ length: 33 }, (_, i) => (0x100 + i).toString(16).padStart(4, "0")).join(","));
  const flags = { all_access: fc.oneof(fc.boolean(), json), admin: fc.boolean() };
  const agentBody = fc.record({ name: fc.oneof(fc.constant("ok"), naughty), kind: fc.constantFrom("human", "extension", "agent", "root"), scopes, ...flags, expires_at: fc.oneof(time, fc.constant(null)), claim_by: time, limits: fc.oneof(fc.constant(null), fc.record({ per_minute: fc.integer(), per_hour: fc.integer() })), own_scope: fc.boolean(), managed_by: fc.oneof(uid, fc.constant(null)), locked: fc.boolean(), grant: json }, { requiredKeys: [] });
  const entryBody = fc.record({ title: naughty, scopes, tags: fc.array(naughty, { maxLength: 3 }), fields: fc.array(fc.record({ label: fc.constantFrom("l", ""), kind: fc.constantFrom("text", "totp", "password"), tier: fc.constantFrom("L1", "L2", "L3", "L4"), value: fc.oneof(naughty, fc.string()) }), { maxLength: 3 }) }, { requiredKeys: [] });
  const body = fc.oneof(agentBody, entryBody, fc.constant(null), fc.constant({}), json);
  const method = fc.constantFrom("POST", "PUT", "DELETE");
  const path = fc.oneof(fc.constantFrom("/agent", "/entry", "/credential", "/connect", "/batch"), edgeId.map((id) => `/agent/${id}`), edgeId.map((id) => `/entry/${id}`), edgeId.map((id) => `/agent/${id}/token`), fc.constant(`/credential/${vault.key.credentialId}`));
  const condition = fc.oneof(fc.constant(null), fc.record({ uid }), fc.record({ uid, revision }));
  const operation = fc.record({ method, path, body, condition });
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 3 }), fc.boolean(), async (wanted, asOwner) => {
      let ops: Op[];
      try {
        ops = wanted.map((one) => op(one.method, one.path, one.body as object | null, one.condition));
        jcs(ops);
      } catch {
        return; // no canonical form, so it cannot be sent at all
      }
      // An owner may renew its own token, which would only end this test.
      if (asOwner && ops.some(({ path }) => path === "/agent/1/token")) return;
      // A manager may end itself; then another one is connected.
      if ((await msp.manager.get("/vault")).status === 401) msp = await connectMsp(vault);
      const [client, key] = asOwner ? [vault.owner, vault.key] : [msp.manager, msp.signers[0]!];
      const answer = await client.change(ops, { keys: [key] });
      expectDecent(answer, jcs(ops));
      expect(answer.signed).toBe(true);
    }),
    { numRuns: RUNS * 4 },
  );
  // Whatever was allowed on the way: an owner with a device is left, and the log is whole.
  expect((await vault.owner.begin()).credentials.length).toBeGreaterThan(0);
  let after = 0;
  const events = [];
  for (let more = true; more; ) {
    const page = (await vault.owner.get(`/audit?after=${after}`)).json;
    events.push(...page.events);
    after = events.at(-1).seq;
    more = page.more;
  }
  expect(verifyChain(events, null).ok).toBe(true);
});

test("credentials and connect requests with one member twisted, signed for just that", async () => {
  const key = new SoftwareKey({ rpId: "vault.localhost", origin: world.origin });
  const good = { ...key.signer(world.origin, "Second"), signs_for: 1 } as Record<string, unknown>;
  const twist = fc.tuple(fc.constantFrom(...Object.keys(good), "p0", "wrapped_l3", "hardware_bound"), fc.oneof(json, fc.constantFrom("AAAA", "A".repeat(1_364), "A".repeat(2_000), "https://x.example", 0, 65_536)));
  await fc.assert(
    fc.asyncProperty(twist, async ([member, value]) => {
      const ops = [op("POST", "/credential", { ...good, [member]: value })];
      try {
        jcs(ops);
      } catch {
        return;
      }
      expectDecent(await vault.owner.change(ops, { keys: [vault.key] }), jcs(ops));
    }),
    { numRuns: RUNS },
  );
});

test("what is no HTTP at all gets an answer and an end, and the server goes on", async () => {
  const lines = ["GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(40_000)}\r\n\r\n`, "POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "POST /register HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", "GET /\u0000 HTTP/1.1\r\nHost: x\r\n\r\n"];
  for (const line of lines) {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(world.listening).port), "127.0.0.1", () => socket.write(line));
      let text = "";
      socket.on("data", (part) => (text += String(part)));
      socket.on("close", () => resolve(text));
      socket.on("error", reject);
    });
    expect(answer.split("\r\n")[0], line.slice(0, 60)).toMatch(/^HTTP\/1\.1 4\d\d /);
  }
  expect((await vault.owner.get("/vault")).signed).toBe(true);
});

test("a body that stops half-way, and one beyond 1 MiB, cost one connection and nothing else", async () => {
  const { vaultId, token } = vault.owner.account;
  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(world.listening).port), "127.0.0.1", () => {
      socket.write(`POST /${vaultId}/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 1000\r\n\r\n{"oper`);
      socket.end();
    });
    socket.resume();
    socket.on("close", () => resolve());
    socket.on("error", () => resolve());
  });
  // The answer comes before the body is through, so the connection may break under the rest of it.
  const big = await vault.owner.send("POST", "/batch", { body: "x".repeat(3_000_000) }).then(({ status }) => status, () => "broken off");
  expect([413, "broken off"]).toContain(big);
  expect((await vault.owner.get("/vault")).signed).toBe(true);
  expect(world.logged.join("\n")).not.toContain('"event":"failure"');
});
