import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { b64u } from "#lib/protocol/bytes.ts";
import { checkAgentPage, checkEntry, checkEntryPage, checkScopeList, checkVaultInfo } from "#lib/protocol/answers.ts";
import { run } from "#lib/protocol/check.ts";
import type { AgentRow, Op } from "#lib/protocol/messages.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { op, type Response, type VaultClient } from "../testing/client.ts";
import { registerVault, startWorld, type OwnedVault, type World } from "../testing/world.ts";

let world: World;
let vault: OwnedVault;
beforeAll(async () => {
  world = await startWorld();
  vault = await registerVault(world);
});
afterAll(async () => {
  await world.end();
});

const code = (answer: Response): string => `${answer.status} ${String(answer.json?.code)}`;
const by = (...ops: Op[]): Promise<{ receipt: { results: readonly { agent_id?: number; uid?: string; entry_id?: number }[] } }> => vault.owner.must(ops, { keys: [vault.key] });

async function row(change: object): Promise<VaultClient> {
  const token = newToken();
  const { receipt } = await by(op("POST", "/agent", { name: "Row", kind: "human", scopes: "", all_access: false, admin: false, token_hash: tokenHash(token), ...change }));
  return vault.owner.as({ token, agentId: receipt.results[0]!.agent_id!, uid: receipt.results[0]!.uid! });
}

async function entry(body: object): Promise<number> {
  const { receipt } = await by(op("POST", "/entry", { title: "Entry", scopes: "", fields: [], ...body }));
  return receipt.results[0]!.entry_id!;
}

const SECRET = { label: "password", kind: "password", tier: "L2", value: "correct horse" };

describe("scopes", () => {
  test.each([
    ["0002", "0002", true],
    ["0002,0005", "0005,0009", true],
    ["0002", "0003", false],
    ["", "", false],
    ["", "0002", false],
    ["0002", "", false],
  ])("a row with %j and an entry with %j: %s", async (own, wanted, meets) => {
    const client = await row({ scopes: own });
    const id = await entry({ scopes: wanted, fields: [SECRET] });
    const answer = await client.get(`/entry/${id}`);
    expect(answer.status).toBe(meets ? 200 : 403);
    expect(((await client.get("/entries")).json.entries as { id: number }[]).some((found) => found.id === id)).toBe(meets);
    expect(((answer.json.fields ?? []) as { value: string }[]).map(({ value }) => value)).toEqual(meets ? ["correct horse"] : []);
  });
  test("a row's own number opens nothing by itself", async () => {
    const client = await row({});
    const id = await entry({ scopes: (await vault.owner.get("/agents")).json.agents.at(-1).scope });
    expect((await client.get(`/entry/${id}`)).status).toBe(403);
  });
  test("all_access reads everything, owner-only entries too, and changes nothing", async () => {
    const client = await row({ all_access: true });
    const id = await entry({ fields: [SECRET] });
    expect((await client.get(`/entry/${id}`)).json.fields[0].value).toBe("correct horse");
    expect(code(await client.send("POST", "/auth/begin", { body: "{}" }))).toBe("403 not_admin");
  });
});

test("an entry that is missing and one that is another's are told apart by nothing", async () => {
  const client = await row({ scopes: "0777" });
  const id = await entry({ scopes: "0778" });
  const [hidden, missing] = [await client.get(`/entry/${id}`, { nonce: null }), await client.get("/entry/7654321", { nonce: null })];
  const plain = (answer: Response): unknown => ({ ...answer, headers: { ...answer.headers, date: "" } });
  expect(plain(hidden)).toEqual(plain(missing));
  expect(hidden.status).toBe(403);
});

test("an entry comes back as it went in, L3 untouched, and is the shape of the protocol", async () => {
  const fields = [
    { label: "user", kind: "text", tier: "L1", value: "root" },
    SECRET,
    { label: "site", kind: "url", tier: "L1", value: "https://router.example/?q=\u{1F5DD}" },
    { label: "card", kind: "card", tier: "L3", value: "v1.b64u-of-the-clients-own-ciphertext" },
    { label: "second", kind: "note", tier: "L2", value: "" },
  ];
  const id = await entry({ title: "Zürich \u{202F}router", tags: ["lab", "ops"], scopes: "0002,0ffe", fields });
  const answer = await vault.owner.get(`/entry/${id}`);
  run(checkEntry, answer.json, "");
  expect(answer.json).toMatchObject({ id, title: "Zürich \u{202F}router", tags: ["lab", "ops"], scopes: "0002,0ffe", fields });
  await by(op("PUT", `/entry/${id}`, { tags: [] }));
  expect((await vault.owner.get(`/entry/${id}`)).json).toMatchObject({ tags: [], fields, title: "Zürich \u{202F}router" });
  await by(op("DELETE", `/entry/${id}`));
  expect((await vault.owner.get(`/entry/${id}`)).status).toBe(403);
});

test("lists come in pages, and say where the next begins", async () => {
  const client = await row({ scopes: "0a0a" });
  const ids: number[] = [];
  for (let i = 0; i < 5; i++) ids.push(await entry({ title: `Page ${i}`, scopes: "0a0a" }));
  const first = (await client.get("/entries?limit=2")).json;
  run(checkEntryPage, first, "");
  expect([first.entries.map((found: { id: number }) => found.id), first.next]).toEqual([ids.slice(0, 2), ids[1]]);
  expect((await client.get(`/entries?limit=2&after=${ids[3]}`)).json).toMatchObject({ entries: [{ id: ids[4] }], next: null });
  for (const query of ["limit=0", "limit=501", "limit=x", "after=-1", "after=1e3", "limit=2&limit=3", "after=01"]) {
    expect(code(await client.get(`/entries?${query}`))).toBe("422 invalid");
  }
  expect((await client.get("/entries?unknown=1")).status).toBe(200);
});

describe("search", () => {
  test("finds by title, tags, labels and L1 values, never by an L2 value, only in scope", async () => {
    const client = await row({ scopes: "0b0b" });
    const id = await entry({ title: "Müller core switch", tags: ["backbone"], scopes: "0b0b", fields: [{ label: "Rack", kind: "text", tier: "L1", value: "B17" }, SECRET] });
    await entry({ title: "Müller secret", scopes: "0b0c" });
    const found = async (q: string): Promise<number[]> => ((await client.get(`/search?q=${encodeURIComponent(q)}`)).json.entries as { id: number }[]).map((one) => one.id);
    for (const q of ["muller", "MÜLLER", "swi core", "backbone", "rack", "b17"]) expect(await found(q), q).toEqual([id]);
    for (const q of ["horse", "secret", "müller nothing", "%", "*"]) expect(await found(q), q).toEqual([]);
  });
  test("a query is 1 to 200 characters", async () => {
    for (const path of ["/search", "/search?q=", `/search?q=${"a".repeat(201)}`]) expect(code(await vault.owner.get(path))).toBe("422 invalid");
  });
});

describe("TOTP", () => {
  // RFC 6238 appendix B: the ASCII secret "12345678901234567890" in base32.
  const RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  test("gives the code of now, its period and what is left of it", async () => {
    const id = await entry({ fields: [{ label: "code", kind: "totp", tier: "L2", value: RFC }] });
    const answer = await vault.owner.get(`/totp/${id}`);
    expect(answer.json.code).toMatch(/^\d{6}$/);
    expect(answer.json.period).toBe(30);
    expect(answer.json.remaining).toBeGreaterThan(0);
    expect(answer.json.remaining).toBeLessThanOrEqual(30);
  });
  test.each([
    ["no totp field", [SECRET]],
    ["an unusable seed", [{ label: "c", kind: "totp", tier: "L2", value: "not base32!" }]],
    ["a seed that only the client can read", [{ label: "c", kind: "totp", tier: "L3", value: RFC }]],
  ])("%s reads as denied, like a missing entry", async (_, fields) => {
    const id = await entry({ fields });
    expect((await vault.owner.get(`/totp/${id}`)).text).toBe((await vault.owner.get("/totp/7654321")).text);
  });
});

describe("tokens", () => {
  test("every other form and every unknown token is 401, signed", async () => {
    const { token } = vault.owner.account;
    for (const bad of [`${token}x`, token.slice(0, -1), token.toUpperCase(), newToken(), "cvt_", `${token.slice(0, -1)}_`]) {
      const answer = await vault.owner.get("/vault", { token: bad });
      expect([code(answer), answer.signed]).toEqual(["401 unknown_token", true]);
    }
    for (const header of [`Basic ${token}`, token, `Bearer  ${token}`, `Bearer ${token} x`]) {
      expect(code(await vault.owner.get("/vault", { token: null, headers: { Authorization: header } }))).toBe("401 unknown_token");
    }
  });
});

describe("metadata", () => {
  test("/vault names the vault, its key, features, kems and this row's own lease", async () => {
    const answer = await vault.owner.get("/vault");
    run(checkVaultInfo, answer.json, "");
    expect(answer.json).toMatchObject({ protocol: 1, name: "Acme", mode: "primary", epoch: 1, kems: ["x25519", "x-wing"], grant: null, expires_at: null, backup_key: null });
    expect(answer.json.features).toEqual(["batch", "seal", "agents", "audit", "lease", "claim", "cosign", "standing", "answers"]);
    const leased = await row({ expires_at: world.clock.now() + 600 });
    expect((await leased.get("/vault")).json.expires_at).toBeGreaterThan(world.clock.now());
  });
  test("/agents is for admin or all_access, /scopes and /credentials for admin, in pages", async () => {
    const scoped = await row({ scopes: "0002" });
    const all = await row({ all_access: true });
    for (const path of ["/agents", "/scopes", "/credentials", "/statement?for=1", "/audit"]) expect(code(await scoped.get(path))).toBe("403 not_admin");
    expect((await all.get("/agents")).status).toBe(200);
    expect(code(await all.get("/scopes"))).toBe("403 not_admin");
    const page = (await vault.owner.get("/agents?limit=1")).json;
    run(checkAgentPage, page, "");
    expect([page.agents.length, page.next]).toEqual([1, 1]);
    run(checkScopeList, (await vault.owner.get("/scopes")).json, "");
    expect(code(await vault.owner.get("/agents?limit=1001"))).toBe("422 invalid");
    expect(code(await vault.owner.get("/agents?after=65536"))).toBe("422 invalid");
  });
  test("/agents answers 304 for its own tag, signed, until something changes or the hour turns", async () => {
    const first = await vault.owner.get("/agents");
    const tag = first.headers["etag"] as string;
    const same = await vault.owner.get("/agents", { headers: { "If-None-Match": tag } });
    expect([same.status, same.text, same.signed]).toEqual([304, "", true]);
    await row({});
    const changed = await vault.owner.get("/agents", { headers: { "If-None-Match": tag } });
    expect(changed.status).toBe(200);
    const next = changed.headers["etag"] as string;
    world.clock.forward(3_600);
    expect((await vault.owner.get("/agents", { headers: { "If-None-Match": next } })).status).toBe(200);
  });
  test("last_used_at shows uses before the current hour only", async () => {
    const client = await row({ scopes: "0002" });
    const used = async (): Promise<number | null> => ((await vault.owner.get("/agents")).json.agents as AgentRow[]).find(({ id }) => id === client.account.agentId)!.last_used_at;
    world.clock.forward(3_600 - (world.clock.now() % 3_600) + 10);
    await client.get("/entries");
    const at = world.clock.now();
    expect(await used()).toBeNull();
    world.clock.forward(3_600);
    await client.get("/entries");
    expect(Math.abs((await used())! - at)).toBeLessThan(3);
  });
  test("a page of agents is cut at 1 MiB and goes on where it stopped", async () => {
    const wide = await registerVault(world, "Wide");
    const name = "\u{10FFFD}".repeat(120);
    const scopes = Array.from({ length: 32 }, (_, i) => (0x1000 + i).toString(16)).join(",");
    for (let i = 0; i < 6; i++) {
      const ops = Array.from({ length: 200 }, () => op("POST", "/agent", { name, kind: "extension", scopes, all_access: false, admin: false, token_hash: b64uHex() }));
      await wide.owner.must(ops, { keys: [wide.key] });
    }
    const sizes: number[] = [];
    let count = 0;
    for (let after: number | null = 0; after !== null; ) {
      const answer = await wide.owner.get(`/agents?after=${after}`);
      sizes.push(Buffer.byteLength(answer.text));
      count += answer.json.agents.length;
      after = answer.json.next;
    }
    expect(count).toBe(1_201);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_048_576);
    expect(sizes.length).toBeGreaterThan(1);
  });
});

const b64uHex = (): string => randomBytes(32).toString("hex");

describe("signed answers", () => {
  test("every answer carries one when asked, errors and 304 included; none is made without a nonce", async () => {
    for (const path of ["/vault", "/entries", "/entry/987654", "/nothing", "/agents?limit=0"]) expect((await vault.owner.get(path)).signed, path).toBe(true);
    expect((await vault.owner.get("/vault", { nonce: null })).headers["clavitor-answer"]).toBeUndefined();
  });
  test("a nonce has 16 to 32 bytes", async () => {
    for (const nonce of ["", "AAAA", b64u(randomBytes(15)), b64u(randomBytes(33)), "!".repeat(22)]) {
      const answer = await vault.owner.get("/vault", { nonce });
      expect([code(answer), answer.json.path, answer.signed]).toEqual(["422 invalid", "Clavitor-Nonce", false]);
    }
    for (const size of [16, 32]) expect((await vault.owner.get("/vault", { nonce: b64u(randomBytes(size)) })).signed).toBe(true);
  });
});

describe("abuse limits", () => {
  test("an agent reads three distinct entries a minute; a repeat is free; the second violation locks it until an owner unlocks", async () => {
    const ids: number[] = [];
    for (let i = 0; i < 6; i++) ids.push(await entry({ scopes: "0c0c" }));
    const client = await row({ kind: "agent", scopes: "0c0c" });
    for (const id of ids.slice(0, 3)) expect((await client.get(`/entry/${id}`)).status).toBe(200);
    expect((await client.get(`/entry/${ids[0]}`)).status).toBe(200);
    const beyond = await client.get(`/entry/${ids[3]}`);
    expect(code(beyond)).toBe("429 slow_down");
    expect(Number(beyond.headers["retry-after"])).toBeLessThanOrEqual(60);
    expect((await client.get(`/entry/${ids[0]}`)).status).toBe(200);
    for (const id of [9_999_991, 9_999_992, 9_999_993, 9_999_994]) expect((await client.get(`/entry/${id}`)).status).toBe(403);
    world.clock.forward(61);
    expect((await client.get(`/entry/${ids[3]}`)).status).toBe(200);
    for (const id of ids.slice(4)) expect((await client.get(`/entry/${id}`)).status).toBe(200);
    expect(code(await client.get(`/entry/${ids[0]}`))).toBe("429 slow_down");
    for (const path of [`/entry/${ids[4]}`, "/entries", "/search?q=e", `/totp/${ids[4]}`]) expect(code(await client.get(path))).toBe("423 locked");
    expect((await client.get("/vault")).status).toBe(200);
    await by(op("PUT", `/agent/${client.account.agentId}`, { locked: false }));
    // Count and window are empty again: three new entries at once, and one violation more does not lock.
    for (const id of ids.slice(3)) expect((await client.get(`/entry/${id}`)).status).toBe(200);
    expect(code(await client.get(`/entry/${ids[0]}`))).toBe("429 slow_down");
    expect((await client.get(`/entry/${ids[4]}`)).status).toBe(200);
    const actions = ((await vault.owner.get("/audit")).json.events as { action: string }[]).map(({ action }) => action);
    expect(actions).toContain("agent.lock");
    expect(actions).toContain("agent.unlock");
  });
  test("/agents shows the limits that bind and the second by which a token must be used", async () => {
    const claimBy = world.clock.now() + 600;
    const rows = await Promise.all([row({ kind: "agent", claim_by: claimBy }), row({ kind: "agent", limits: null }), row({ kind: "human" }), row({ kind: "human", limits: { per_minute: 2, per_hour: 4 } })]);
    const { agents } = (await vault.owner.get("/agents")).json as { agents: AgentRow[] };
    const shown = rows.map(({ account }) => agents.find(({ id }) => id === account.agentId)!).map(({ limits, claim_by }) => [limits, claim_by]);
    expect(shown).toEqual([[{ per_minute: 3, per_hour: 10 }, claimBy], [null, null], [null, null], [{ per_minute: 2, per_hour: 4 }, null]]);
  });
  test("limits of its own replace the default; null is none; people have none", async () => {
    const ids: number[] = [];
    for (let i = 0; i < 12; i++) ids.push(await entry({ scopes: "0d0d" }));
    const readAll = async (client: VaultClient): Promise<number> => {
      let served = 0;
      for (const id of ids) if ((await client.get(`/entry/${id}`)).status === 200) served++;
      return served;
    };
    expect(await readAll(await row({ kind: "agent", scopes: "0d0d", limits: null }))).toBe(12);
    expect(await readAll(await row({ kind: "human", scopes: "0d0d" }))).toBe(12);
    expect(await readAll(await row({ kind: "human", scopes: "0d0d", limits: { per_minute: 1, per_hour: 1 } }))).toBe(1);
  });
});
