import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { b64u } from "#lib/protocol/bytes.ts";
import type { AgentRow, Op, SignedReceipt } from "#lib/protocol/messages.ts";
import { opsDigest } from "#lib/protocol/op.ts";
import { verifyReceipt } from "#lib/protocol/receipt.ts";
import { generateSealKey, open, parseTokenPlaintext, tokenInfo } from "#lib/protocol/seal.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { jcs } from "#lib/protocol/jcs.ts";
import { SoftwareKey } from "../testing/authenticator.ts";
import { op, type Response } from "../testing/client.ts";
import { registerVault, startWorld, type OwnedVault, type World } from "../testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.end();
});

const code = (answer: Response): string => (answer.status === 200 ? "200" : `${answer.status} ${String(answer.json.code)}`);
const person = (change: object = {}): Op => op("POST", "/agent", { name: "Person", kind: "human", scopes: "", all_access: false, admin: false, ...change });
const by = (vault: OwnedVault, ...ops: Op[]): Promise<Response> => vault.owner.change(ops, { keys: [vault.key] });

async function agents(vault: OwnedVault): Promise<AgentRow[]> {
  return (await vault.owner.get("/agents")).json.agents;
}

/** As a point of presence would: `vault_meta` is written into the file from outside. */
function setLimits(vault: OwnedVault, tokens: number | null, devices: number | null): void {
  const file = new DatabaseSync(join(world.dir, `clavitor-${vault.owner.account.vaultId}`), { timeout: 5_000 });
  file.exec("CREATE TABLE IF NOT EXISTS vault_meta (account_email TEXT, expires_at INTEGER, tokens_limit INTEGER, devices_limit INTEGER); DELETE FROM vault_meta");
  file.prepare("INSERT INTO vault_meta VALUES ('owner@example.com', 1900000000, ?, ?)").run(tokens, devices);
  file.close();
}

test("a receipt proves exactly the batch that was sent, and holds no token", async () => {
  const vault = await registerVault(world);
  const { kem, publicKey } = await generateSealKey("x-wing");
  const ops = [person(), person({ seal_to: { kem, public_key: publicKey } }), person({ token_hash: tokenHash(newToken()) })];
  const header = await vault.owner.assertion(ops, { keys: [vault.key] });
  const answer = await vault.owner.submit(ops, header);
  expect(answer.signed).toBe(true);
  const { receipt, tokens } = answer.json as SignedReceipt;
  expect(Object.keys(tokens!)).toEqual([ops[0]!.id]);
  expect(JSON.stringify(receipt)).not.toContain("cvt_");
  const assertion = JSON.parse(Buffer.from(header, "base64url").toString()) as { challenge: string };
  const expected = {
    ops,
    key: vault.owner.account.key,
    vault: vault.owner.account.vaultId,
    agent: 1,
    challenge: assertion.challenge,
    webauthn: receipt.webauthn,
    signers: [vault.key.credentialId],
  };
  expect(await verifyReceipt(answer.json, expected)).toMatchObject({ ok: true });
  expect(receipt.batch).toBe(b64u(opsDigest(ops)));
  expect(receipt.results.map(({ agent_id }) => agent_id)).toEqual([2, 3, 4]);
  expect((await agents(vault)).map(({ hand_over }) => hand_over)).toEqual(["plain", "plain", "sealed", "hash"]);
  expect((await agents(vault)).slice(1).every(({ revision }) => revision === receipt.revision)).toBe(true);
  const { events } = (await vault.owner.get("/audit")).json;
  expect(events.find((event: { seq: number }) => event.seq === receipt.audit.seq)).toMatchObject({ hash: receipt.audit.hash, action: "agent.create" });
});

test.each(["x25519", "x-wing"] as const)("a token sealed with %s opens for its key alone and works", async (kem) => {
  const vault = await registerVault(world);
  const pair = await generateSealKey(kem);
  const { receipt } = (await by(vault, person({ seal_to: { kem, public_key: pair.publicKey } }))).json as SignedReceipt;
  const { sealed_token: sealed, uid } = receipt.results[0]!;
  const { vaultId, key } = vault.owner.account;
  const info = tokenInfo({ vault: vaultId, key, uid: uid! });
  const opened = parseTokenPlaintext((await open(pair, info, sealed!))!)!;
  expect(opened).toMatchObject({ vault: vaultId, uid, agent: receipt.results[0]!.agent_id, vault_url: `${world.origin}/${vaultId}` });
  expect((await vault.owner.as({ token: opened.token, agentId: opened.agent }).get("/vault")).status).toBe(200);
  expect(await open(await generateSealKey(kem), info, sealed!)).toBeNull();
});

test("all or none: a refused operation names itself and undoes those before it", async () => {
  const vault = await registerVault(world);
  const before = await agents(vault);
  const ops = [person(), op("POST", "/entry", { title: "x", scopes: "", fields: [] }), op("DELETE", "/agent/99"), person()];
  const answer = await by(vault, ...ops);
  expect(code(answer)).toBe("404 no_such_agent");
  expect(answer.json.operation).toBe(ops[2]!.id);
  expect(await agents(vault)).toEqual(before);
  expect((await vault.owner.get("/entries")).json.entries).toEqual([]);
  // ... and the number that was drawn for it is drawn again, since nothing was assigned.
  expect((await by(vault, person())).json.receipt.results[0].agent_id).toBe(2);
});

test("fifty simultaneous submissions are applied once, with fifty equal receipts", async () => {
  const vault = await registerVault(world);
  const pair = await generateSealKey("x25519");
  const ops = [person({ seal_to: { kem: "x25519", public_key: pair.publicKey } }), op("POST", "/entry", { title: "once", scopes: "", fields: [] })];
  const header = await vault.owner.assertion(ops, { keys: [vault.key] });
  const answers = await Promise.all(Array.from({ length: 50 }, () => vault.owner.submit(ops, header)));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.every(({ status, signed }) => status === 200 && signed)).toBe(true);
  expect(await agents(vault)).toHaveLength(2);
  expect((await vault.owner.get("/entries")).json.entries).toHaveLength(1);
});

test("the same batch under another tap, and a known operation in another batch, are replays", async () => {
  const vault = await registerVault(world);
  const ops = [person(), person()];
  expect(code(await by(vault, ...ops))).toBe("200");
  expect(code(await by(vault, ...ops))).toBe("409 operation_replayed");
  const mixed = await by(vault, person(), ops[1]!);
  expect(code(mixed)).toBe("409 operation_replayed");
  expect(mixed.json.operation).toBe(ops[1]!.id);
  expect(await agents(vault)).toHaveLength(3);
});

test("a resent batch gets its receipt even when its challenge has long expired, for a day", async () => {
  const vault = await registerVault(world);
  const ops = [person()];
  const header = await vault.owner.assertion(ops, { keys: [vault.key] });
  const first = await vault.owner.submit(ops, header);
  world.clock.forward(86_300);
  expect((await vault.owner.submit(ops, header)).text).toBe(JSON.stringify({ ...first.json, tokens: undefined }));
  world.clock.forward(200);
  expect(code(await vault.owner.submit(ops, header))).toBe("403 challenge_expired");
});

test("plain tokens are answered once, and not with a resent batch", async () => {
  const vault = await registerVault(world);
  const ops = [person()];
  const header = await vault.owner.assertion(ops, { keys: [vault.key] });
  expect((await vault.owner.submit(ops, header)).json.tokens).toBeDefined();
  expect((await vault.owner.submit(ops, header)).json.tokens).toBeUndefined();
});

test("single endpoints are batches of one, by Idempotency-Key and If-Match", async () => {
  const vault = await registerVault(world);
  const made = (await by(vault, person())).json.receipt.results[0];
  const single = async (method: "PUT" | "DELETE", body: object | null, condition: Op["if"], id: string = randomUUID()): Promise<Response> => {
    const operation: Op = { ...op(method, `/agent/${made.agent_id}`, body, condition), id };
    const headers: Record<string, string> = { "Clavitor-Assertion": await vault.owner.assertion([operation], { keys: [vault.key] }), "Idempotency-Key": id };
    if (condition !== null) headers["If-Match"] = "revision" in condition ? `"${condition.uid}:${condition.revision}"` : `"${condition.uid}"`;
    return vault.owner.send(method, operation.path, { headers, ...(body === null ? {} : { body: jcs(body) }) });
  };
  const changed = await single("PUT", { name: "Renamed" }, { uid: made.uid });
  expect(code(changed)).toBe("200");
  expect(changed.json.receipt.results[0].status).toBe("changed");
  expect(code(await single("PUT", { name: "Again" }, { uid: made.uid, revision: changed.json.receipt.revision - 1 }))).toBe("409 stale");
  expect(code(await single("PUT", { name: "Again" }, { uid: made.uid, revision: changed.json.receipt.revision }))).toBe("200");
  expect(code(await single("DELETE", null, { uid: made.uid }))).toBe("200");
  const bad = await single("PUT", { name: "x" }, null, "not-a-uuid");
  expect([bad.status, bad.json.path]).toEqual([422, "Idempotency-Key"]);
  const pointer = await single("PUT", { name: "" }, null);
  expect([pointer.status, pointer.json.path]).toEqual([422, "/name"]);
});

test("a deletion has one spelling: no body at all", async () => {
  const vault = await registerVault(world);
  const made = (await by(vault, person())).json.receipt.results[0];
  const operation = op("DELETE", `/agent/${made.agent_id}`);
  const headers = { "Clavitor-Assertion": await vault.owner.assertion([operation], { keys: [vault.key] }), "Idempotency-Key": operation.id };
  for (const [body, expected] of [["null", "422 invalid"], ["{}", "422 invalid"], [" ", "400 not_canonical"], ["", "200"]] as const) {
    expect(code(await vault.owner.send("DELETE", operation.path, { headers: { ...headers, "Content-Length": String(body.length) }, body })), body).toBe(expected);
  }
});

test("preconditions: another uid and another revision are stale; a row that was here and is gone is 404", async () => {
  const vault = await registerVault(world);
  const [first, second] = (await by(vault, person(), person())).json.receipt.results;
  const unknown = b64u(new Uint8Array(16));
  expect(code(await by(vault, op("PUT", `/agent/${first.agent_id}`, { name: "x" }, { uid: second.uid })))).toBe("409 stale");
  expect(code(await by(vault, op("DELETE", `/agent/${first.agent_id}`, null, { uid: first.uid })))).toBe("200");
  expect(code(await by(vault, op("DELETE", `/agent/${first.agent_id}`, null, { uid: first.uid })))).toBe("404 no_such_agent");
  expect(code(await by(vault, op("DELETE", `/agent/${first.agent_id}`, null, { uid: unknown })))).toBe("409 stale");
  expect(code(await by(vault, op("DELETE", `/agent/${first.agent_id}`)))).toBe("404 no_such_agent");
});

test("an update that changes nothing is unchanged and raises no revision", async () => {
  const vault = await registerVault(world);
  const made = (await by(vault, person())).json.receipt;
  const again = (await by(vault, op("PUT", "/agent/2", { name: "Person" }))).json.receipt;
  expect(again.results[0].status).toBe("unchanged");
  expect(again.revision).toBe(made.revision);
});

test("two creations at limit minus one: one succeeds, the other names axis, use and limit", async () => {
  const vault = await registerVault(world);
  setLimits(vault, 2, 5);
  const answers = await Promise.all([by(vault, person()), by(vault, person())]);
  expect(answers.map(code).sort()).toEqual(["200", "409 limit_reached"]);
  expect(answers.find(({ status }) => status === 409)!.json).toMatchObject({ axis: "tokens", used: 2, limit: 2 });
  const info = (await vault.owner.get("/vault")).json;
  expect(info.limits).toEqual({ tokens: { used: 2, limit: 2 }, devices: { used: 1, limit: 5 } });
  expect(info.paid_until).toBe(1_900_000_000);
});

test("without vault_meta there is no limit and no end", async () => {
  const vault = await registerVault(world);
  expect((await vault.owner.get("/vault")).json).toMatchObject({ limits: { tokens: { limit: null }, devices: { limit: null } }, paid_until: null });
});

test("ids are never given twice, and pass over every number that is a scope of an entry, a row or a grant", async () => {
  const vault = await registerVault(world);
  await by(vault, op("POST", "/entry", { title: "x", scopes: "0003", fields: [] }), person({ scopes: "0002,0004" }));
  const ids = (await agents(vault)).map(({ id }) => id);
  expect(ids).toEqual([1, 5]);
  await by(vault, op("DELETE", "/agent/5"));
  expect((await by(vault, person({ own_scope: true }))).json.receipt.results[0].agent_id).toBe(6);
  expect((await agents(vault)).at(-1)).toMatchObject({ id: 6, scope: "0006", scopes: "0006" });
});

test("65535 is the last id", async () => {
  const vault = await registerVault(world);
  await by(vault, op("POST", "/entry", { title: "x", scopes: "ffff", fields: [] }));
  await world.host.use(vault.owner.account.vaultId, (opened) => opened.write(true, () => {
    opened.db.run("UPDATE vault SET highest_id = 65533 WHERE one = 1");
    opened.update({ highestId: 65_533 });
  }));
  expect((await by(vault, person())).json.receipt.results[0].agent_id).toBe(65_534);
  expect(code(await by(vault, person()))).toBe("409 ids_exhausted");
});

test("a token that was ever issued is not taken again", async () => {
  const vault = await registerVault(world);
  const hash = tokenHash(newToken());
  expect(code(await by(vault, person({ token_hash: hash })))).toBe("200");
  await by(vault, op("DELETE", "/agent/2"));
  expect(code(await by(vault, person({ token_hash: hash })))).toBe("409 token_reused");
  expect(code(await by(vault, person({ token_hash: tokenHash(vault.owner.account.token) })))).toBe("409 token_reused");
});

test("the last owner stays: not deleted, not demoted, not leased, not without a device", async () => {
  const vault = await registerVault(world);
  expect(code(await by(vault, op("DELETE", "/agent/1")))).toBe("409 last_owner");
  expect(code(await by(vault, op("PUT", "/agent/1", { admin: false })))).toBe("409 last_owner");
  expect(code(await by(vault, op("PUT", "/agent/1", { expires_at: world.clock.now() + 60 })))).toBe("422 invalid");
  expect(code(await by(vault, op("DELETE", `/credential/${vault.key.credentialId}`)))).toBe("409 last_owner");
  // A second owner without a device is no owner who could act.
  expect(code(await by(vault, person({ all_access: true, admin: true })))).toBe("200");
  expect(code(await by(vault, op("DELETE", "/agent/1")))).toBe("409 last_owner");
  const second = new SoftwareKey({ rpId: vault.key.rpId, origin: vault.key.origin });
  const enrolled = op("POST", "/credential", { ...second.signer(world.origin, "Second"), signs_for: 2, p0: second.p0, wrapped_l3: b64u(new Uint8Array(60)) });
  expect(code(await by(vault, enrolled))).toBe("200");
  expect(code(await by(vault, op("DELETE", "/agent/1")))).toBe("200");
  expect((await vault.owner.get("/vault")).status).toBe(401);
});

test("a device whose p0 begins with a dash is enrolled like any other", async () => {
  const vault = await registerVault(world);
  const key = new SoftwareKey({ rpId: vault.key.rpId, origin: vault.key.origin });
  const enrolled = op("POST", "/credential", { ...key.signer(world.origin, "Dash"), signs_for: 1, p0: "-AAAAA", wrapped_l3: b64u(new Uint8Array(60)) });
  expect(code(await by(vault, enrolled))).toBe("200");
});
test("an owner's device lives on the vault's own origin", async () => {
  const vault = await registerVault(world);
  const foreign = new SoftwareKey({ rpId: "sign.msp.example", origin: "https://sign.msp.example" });
  expect(code(await by(vault, op("POST", "/credential", { ...foreign.signer(world.origin, "x"), signs_for: 1 })))).toBe("403 wrong_origin");
  const synced = new SoftwareKey({ rpId: vault.key.rpId, origin: vault.key.origin, backupEligible: true });
  const body = { ...synced.signer(world.origin, "x"), signs_for: 1 };
  expect(code(await by(vault, op("POST", "/credential", { ...body, hardware_bound: true })))).toBe("403 assertion_invalid");
  expect(code(await by(vault, op("POST", "/credential", body)))).toBe("200");
});

test("an owner's manager rows are made and ended, never converted", async () => {
  const vault = await registerVault(world);
  await by(vault, person({ admin: true }), person());
  expect(code(await by(vault, op("PUT", "/agent/2", { admin: false })))).toBe("422 invalid");
  expect(code(await by(vault, op("PUT", "/agent/2", { all_access: true })))).toBe("422 invalid");
  expect(code(await by(vault, op("PUT", "/agent/3", { admin: true })))).toBe("422 invalid");
  expect(code(await by(vault, op("PUT", "/agent/3", { managed_by: b64u(new Uint8Array(16)) })))).toBe("422 invalid");
});

test("renewing an owner's token by another ends the old one at once", async () => {
  const vault = await registerVault(world);
  const token = newToken();
  expect(code(await by(vault, op("POST", "/agent/1/token", { token_hash: tokenHash(token) })))).toBe("200");
  expect((await vault.owner.get("/vault")).status).toBe(401);
  expect((await vault.owner.as({ token }).get("/vault")).status).toBe(200);
});

test("a token that ends while its change waits in line changes nothing any more", async () => {
  const vault = await registerVault(world);
  const renew = [op("POST", "/agent/1/token", { token_hash: tokenHash(newToken()) })];
  const late = [person()];
  const headers = [await vault.owner.assertion(renew, { keys: [vault.key] }), await vault.owner.assertion(late, { keys: [vault.key] })];
  // The line is held until both stand in it, in this order; answers to reads in between show that each has arrived.
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const holding = world.host.use(vault.owner.account.vaultId, (opened) => opened.serialised(() => held));
  const arrived = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await vault.owner.get("/vault");
  };
  const first = vault.owner.submit(renew, headers[0]!);
  await arrived();
  const second = vault.owner.submit(late, headers[1]!);
  await arrived();
  release();
  await holding;
  expect([code(await first), code(await second)]).toEqual(["200", "401 unknown_token"]);
});
