/** Vaults that sign properly and say what no vault should (PROTOCOL 14): nothing of it breaks, is followed, or gets through unchecked. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeRules } from "./address.ts";
import { VaultClient } from "./client.ts";
import { openNet, type Net } from "./net.ts";
import { infoOf, MANAGER, openSignedVaults, ownRow, rowOf, type Say, type SignedVaults } from "./testing/signed-vaults.ts";

let vaults: SignedVaults;
let net: Net;
let say: Say = () => undefined;
beforeAll(async () => {
  vaults = await openSignedVaults(1, { say: (vault, path) => say(vault, path) });
  net = openNet({ rules: makeRules({ local: true, ranges: [] }), callMs: 2_000 });
});
afterAll(async () => {
  await net.agent.destroy();
  await vaults.close();
});

const client = () => new VaultClient({ url: `http://127.0.0.1:${vaults.port}/v0`, agentId: MANAGER.id, ...vaults.accounts[0]! }, net);
const saying = (body: unknown, status = 200, headers: Record<string, string> = {}) => {
  say = () => ({ body, status, headers });
};
const rows = (...list: object[]) => saying({ revision: 7, next: null, agents: list });

test("what it usually says is taken", async () => {
  say = () => undefined;
  expect(await client().info()).toMatchObject({ kind: "answered", value: { name: "Acme" } });
  expect(await client().agents()).toMatchObject({ kind: "answered", value: { unchanged: false } });
});

describe("a name that no page should show is not taken", () => {
  test.each(["", "a".repeat(121), "\u{1F511}".repeat(121), "line\nbreak", "nul\u0000", "\u202egnirts", "a\u2066b", "a\u2028b", "\ud800", "\udc00\ud800", "bell\u0007"])("%j", async (name) => {
    rows(ownRow, rowOf(10, name));
    expect(await client().agents()).toMatchObject({ kind: "unknown", trouble: "garbage", words: expect.stringContaining("/agents, at /agents/1/name") });
  });
  test("but 120 characters of any script are", async () => {
    for (const name of ["\u{1F511}".repeat(120), "Ünïcödé", "مدير الشبكة", "=cmd()", "<script>alert(1)</script>", "constructor", "__proto__"]) {
      rows(ownRow, rowOf(10, name));
      expect(await client().agents(), name).toMatchObject({ kind: "answered", value: { agents: [{}, { name }] } });
    }
  });
});

describe("a body that is none", () => {
  test.each(["", "null", "[]", "{", '{"agents":', "7", '"text"', "{}", '{"revision":-1,"next":null,"agents":[]}', '{"revision":1e99,"next":null,"agents":[]}', '{"revision":7,"next":null,"agents":{}}', `${"[".repeat(5_000)}${"]".repeat(5_000)}`, '\ufeff{"revision":7,"next":null,"agents":[]}'])("%#: is said to be garbage", async (body) => {
    saying(body);
    expect(await client().agents()).toMatchObject({ kind: "unknown", trouble: "garbage" });
  });
  test("bytes that are no UTF-8", async () => {
    saying(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d));
    expect(await client().agents()).toMatchObject({ kind: "unknown", trouble: "garbage" });
  });
});

describe("lists that would not end, or say one row twice", () => {
  test.each([
    ["a page that leads to itself", (path: string) => ({ revision: 7, next: 10, agents: path.includes("after") ? [rowOf(10, "Again")] : [rowOf(10, "Once")] })],
    ["a page without rows that leads on", () => ({ revision: 7, next: 11, agents: [] })],
    ["ids that fall", () => ({ revision: 7, next: null, agents: [rowOf(11, "A"), rowOf(10, "B")] })],
    ["one uid under two ids", () => ({ revision: 7, next: null, agents: [rowOf(10, "A"), rowOf(11, "B", { uid: (rowOf(10, "A") as { uid: string }).uid })] })],
  ])("%s", async (_what, page) => {
    let asked = 0;
    say = (_vault, path) => (asked++, { body: page(path) });
    expect(await client().agents()).toMatchObject({ kind: "unknown", trouble: "garbage" });
    expect(asked).toBeLessThan(4);
  });
  test("a list whose revision moves at every page is given up", async () => {
    let revision = 7;
    say = (_vault, path) => ({ body: path === "/agents" ? { revision: revision++, next: 10, agents: [rowOf(10, "A")] } : { revision: revision++, next: null, agents: [rowOf(11, "B")] } });
    expect(await client().agents()).toMatchObject({ kind: "unknown", trouble: "unsettled" });
  });
  test("one that changed once is read again, whole", async () => {
    let turn = 0;
    say = (_vault, path) => ({ body: { revision: turn++ === 0 ? 7 : 8, next: path === "/agents" ? 10 : null, agents: [path === "/agents" ? rowOf(10, "A") : rowOf(11, "B")] } });
    expect(await client().agents()).toMatchObject({ kind: "answered", value: { revision: 8, agents: [{ name: "A" }, { name: "B" }] } });
  });
  test("304 to a question without a tag is no answer", async () => {
    saying("", 304);
    expect(await client().agents()).toMatchObject({ kind: "unknown", trouble: "garbage" });
  });
});

describe("itself under another name", () => {
  test.each([[{ vault_id: "v1" }], [{ mode: "backup" }], [{ epoch: 2 }], [{ protocol: 2 }], [{ epoch: 1e12 }], [{ name: "a\u202eb" }], [{ now: -1 }]])("%j in /vault is garbage", async (change) => {
    saying(infoOf(vaults.accounts[0]!, change));
    expect(await client().info()).toMatchObject({ kind: "unknown", trouble: "garbage" });
  });
  test("another key in /vault, signed with the pinned one, is another key", async () => {
    saying(infoOf(vaults.accounts[0]!, { public_key: MANAGER.uid.padEnd(43, "A") }));
    expect(await client().info()).toMatchObject({ kind: "unknown", trouble: "wrong_key" });
  });
});

test("words of a refusal are fit to be shown, and a redirect is none even when signed", async () => {
  saying({ code: "slow_down", status: 429, detail: `\u202e${"x".repeat(5_000)}\u0000` }, 429, { "Retry-After": "99999999999999999999" });
  const refused = await client().info();
  expect(refused).toMatchObject({ kind: "refused", code: "slow_down", retryAfter: 3_600 });
  expect(refused.kind === "refused" && [...refused.words].length).toBeLessThan(400);
  saying({}, 302, { Location: "http://127.0.0.1:1/" });
  expect(await client().info()).toMatchObject({ kind: "unknown", trouble: "redirected" });
});
