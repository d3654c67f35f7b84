import { fromB64u } from "#lib/protocol/bytes.ts";
import { ceremonyChallenge } from "#lib/protocol/challenge.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { op, type Response, type VaultClient } from "./testing/client.ts";
import { setMeta } from "./testing/meta.ts";
import { connectMsp, registerVault, startWorld, type ConnectedMsp, type OwnedVault, type World } from "./testing/world.ts";

let world: World;
let vault: OwnedVault;
let msp: ConnectedMsp;
let person: VaultClient;
beforeEach(async () => {
  world = await startWorld();
  vault = await registerVault(world);
  msp = await connectMsp(vault);
  const token = newToken();
  const body = { name: "Row", kind: "human", scopes: "0010", all_access: false, admin: false, token_hash: tokenHash(token) };
  const entry = { title: "Router", scopes: "0010", fields: [{ label: "code", kind: "totp", tier: "L2", value: "GEZDGNBVGY3TQOJQ" }] };
  const { receipt } = await vault.owner.must([op("POST", "/agent", body), op("POST", "/entry", entry)], { keys: [vault.key] });
  person = vault.owner.as({ token, agentId: receipt.results[0]!.agent_id!, uid: receipt.results[0]!.uid! });
});
afterEach(async () => {
  await world.end();
});

const code = (answer: Response): string => (answer.status < 300 ? String(answer.status) : `${answer.status} ${String(answer.json.code)}`);
const meta = (change: Parameters<typeof setMeta>[2]): void => setMeta(world.dir, vault.owner.account.vaultId, change);
const READS = ["/entry/1", "/totp/1", "/entries", "/search?q=r"];

async function unlock(): Promise<Response> {
  const begun = await vault.owner.send("POST", "/session/begin", { token: null, body: "{}" });
  const assertion = vault.key.getJson(ceremonyChallenge("unlock", fromB64u(begun.json.challenge as string, 32)));
  return vault.owner.send("POST", "/l3", { token: null, body: JSON.stringify({ assertion, p0: vault.key.p0 }) });
}

async function signIn(): Promise<Response> {
  const begun = await vault.owner.send("POST", "/session/begin", { token: null, body: "{}" });
  const assertion = vault.key.getJson(ceremonyChallenge("signin", fromB64u(begun.json.challenge as string, 32)));
  return vault.owner.send("POST", "/session", { token: null, body: JSON.stringify({ assertion }) });
}

describe("PROTOCOL 12, 402 expired", () => {
  test("without vault_meta a vault never expires", async () => {
    world.clock.forward(40 * 365 * 86_400);
    for (const path of READS) expect(code(await person.get(path))).toBe("200");
    expect((await person.get("/vault")).json.paid_until).toBe(null);
  });
  test("from the second it expires, every read of every token is 402 signed, the owner's too; the second before, none is", async () => {
    const end = world.clock.now() + 100;
    meta({ expires_at: end, paid_until: end - 10 });
    world.clock.forward(98);
    for (const path of READS) expect(code(await person.get(path))).toBe("200");
    expect((await person.get("/vault")).json.paid_until).toBe(end - 10);
    world.clock.forward(end - world.clock.now());
    for (const client of [person, vault.owner, msp.manager]) {
      for (const path of READS) {
        const answer = await client.get(path);
        expect([code(answer), answer.signed]).toEqual(["402 expired", true]);
      }
    }
    expect(code(await unlock())).toBe("402 expired");
  });
  test.each(["/vault", "/agents", "/scopes", "/credentials", "/audit"])("%s stays open", async (path) => {
    meta({ expires_at: 1 });
    expect(code(await vault.owner.get(path))).toBe("200");
    expect(code(await msp.manager.get(path))).toBe("200");
  });
  test("/statement, /auth/begin and an owner's session stay open, since they serve the doors that do", async () => {
    meta({ expires_at: 1 });
    expect(code(await msp.manager.get(`/statement?for=${msp.manager.account.agentId}`))).toBe("200");
    expect(code(await msp.manager.send("POST", "/auth/begin", { body: "{}" }))).toBe("201");
    const { token } = (await signIn()).json;
    expect(code(await vault.owner.as({ token }).get("/agents"))).toBe("200");
  });
  test("access can still be ended: batches of only DELETE /agent and DELETE /credential, and the same as single calls", async () => {
    meta({ expires_at: 1 });
    const ends = op("DELETE", `/agent/${person.account.agentId}`, null, { uid: person.account.uid });
    const refused = [
      [ends, op("PUT", "/agent/1", { name: "Other" })],
      [op("POST", "/agent", { name: "x", kind: "human", scopes: "", all_access: false, admin: false })],
      [op("DELETE", "/entry/1")],
      [op("POST", `/agent/${person.account.agentId}/token`, {})],
    ];
    for (const ops of refused) expect(code(await vault.owner.change(ops, { keys: [vault.key] }))).toBe("402 expired");
    expect((await person.get("/vault")).status).toBe(200);
    expect(code(await vault.owner.change([ends, op("DELETE", `/credential/${msp.signers[1]!.credentialId}`)], { keys: [vault.key] }))).toBe("200");
    expect((await person.get("/vault")).status).toBe(401);
    const single = op("DELETE", `/agent/${msp.manager.account.agentId}`);
    const header = await vault.owner.assertion([single], { keys: [vault.key] });
    expect(code(await vault.owner.send("DELETE", single.path, { headers: { "Clavitor-Assertion": header, "Idempotency-Key": single.id } }))).toBe("200");
  });
  test("a change that is refused with 402 spends no challenge and leaves an event; a batch applied before still gets its receipt", async () => {
    const applied = [op("PUT", "/agent/1", { name: "Before" })];
    const header = await vault.owner.assertion(applied, { keys: [vault.key] });
    const before = await vault.owner.submit(applied, header);
    const later = [op("PUT", "/agent/1", { name: "Later" })];
    const laterHeader = await vault.owner.assertion(later, { keys: [vault.key] });
    meta({ expires_at: 1 });
    expect((await vault.owner.submit(applied, header)).text).toBe(before.text);
    expect(code(await vault.owner.submit(later, laterHeader))).toBe("402 expired");
    const { events } = (await vault.owner.get("/audit")).json;
    expect(events.at(-1)).toMatchObject({ action: "change.refused", outcome: "failure", detail: { reason: "expired" } });
    meta({ expires_at: null });
    expect(code(await vault.owner.submit(later, laterHeader))).toBe("200");
  });
  test("a refused read is an event; once extended everything is served again, unchanged", async () => {
    const before = (await person.get("/entry/1")).text;
    meta({ expires_at: 1 });
    await person.get("/entry/1");
    const { events } = (await vault.owner.get("/audit")).json;
    expect(events.at(-1)).toMatchObject({ outcome: "denied" });
    expect(events.filter(({ detail }: { detail: { reason: string | null } }) => detail.reason === "expired")).toHaveLength(1);
    meta({ expires_at: world.clock.now() + 1_000 });
    expect((await person.get("/entry/1")).text).toBe(before);
  });
  test("an unknown token is 401, not 402, and a refused read counts for no limit and locks nobody", async () => {
    meta({ expires_at: 1 });
    expect(code(await vault.owner.get("/entries", { token: newToken() }))).toBe("401 unknown_token");
    await vault.owner.must([op("DELETE", `/agent/${person.account.agentId}`)], { keys: [vault.key] });
    expect(code(await person.get("/entries"))).toBe("401 unknown_token");
  });
});

test("SPEC 7, suspension: 402 for every token but an owner's, who still reads, unlocks and exports", async () => {
  meta({ suspended_at: world.clock.now() + 50 });
  for (const path of READS) expect(code(await person.get(path))).toBe("200");
  world.clock.forward(50);
  for (const path of READS) {
    expect(code(await person.get(path))).toBe("402 expired");
    expect(code(await msp.manager.get(path))).toBe("402 expired");
    expect(code(await vault.owner.get(path))).toBe("200");
  }
  expect(code(await unlock())).toBe("200");
  const seal = msp.request.seal_to;
  const create = op("POST", "/agent", { name: "tech", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: seal });
  expect(code(await msp.manager.change([create], { keys: [msp.signers[0]!] }))).toBe("402 expired");
});
