/**
 * A thief with a copy of everything that the console holds, its whole database and its environment, against the clients' real vaults.
 * They take only what the copy gives: no key in anybody's hand, no passkey, no person. Nothing opens, and nothing changes beyond the
 * removals that a signer had approved (SPEC 3; docs/security.md).
 */
import { generateKeyPairSync, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules } from "#sandbox/fault-proxy/rules.ts";
import { SoftwareKey } from "#vault/testing/authenticator.ts";
import { op, VaultClient, type Response } from "#vault/testing/client.ts";
import { connectRequest, WIDE, type World } from "#vault/testing/world.ts";
import { deliverDispatches } from "../lib/dispatch/deliver.ts";
import { addTechnician, addVaults, readAll, releasePlan, SIGNING, type Estate, type EstateVault, type Technician } from "../lib/dispatch/testing/estate.ts";
import { openGround, type Ground } from "../lib/dispatch/testing/ground.ts";
import { installation } from "../lib/id.ts";
import { createPlan } from "../lib/plan/create.ts";
import { b64u, fromB64u, randomBytes, utf8 } from "../lib/protocol/bytes.ts";
import { jcs, jcsBytes } from "../lib/protocol/jcs.ts";
import type { Assertion, Enrol, Op, Result } from "../lib/protocol/messages.ts";
import { generateSealKey, open as unsealToken, tokenInfo } from "../lib/protocol/seal.ts";
import { ASSERTION_HEADER, parseAssertionHeader } from "../lib/protocol/schema.ts";
import { signedMessage } from "../lib/protocol/signed.ts";
import { newToken, tokenHash } from "../lib/protocol/token.ts";
import { certificateFile, issue, parseCertificate, type RemovedPart } from "../lib/revocation/certificate.ts";
import { certificateOf } from "../lib/revocation/hand-out.ts";
import { openRevocation } from "../lib/revocation/open.ts";
import { verifyCertificate } from "../lib/revocation/verify.ts";
import { watchRevocations } from "../lib/revocation/watch.ts";
import { sealKeys, unseal } from "../lib/seal.ts";
import type { Net } from "../lib/vault/net.ts";
import { openVault } from "../lib/vault/open.ts";
import type { TestDatabase } from "./database.ts";

let ground: Ground;
let t: TestDatabase;
let net: Net;
let world: World;
let proxy: FaultProxy;
let estate: Estate;
let vaults: EstateVault[];
let copy: Copy;
const clock = { now: () => new Date() };

type Row = Record<string, unknown>;
/** Every table of the database, and the environment that opens what is sealed in it. */
type Copy = { tables: Map<string, Row[]>; keys: readonly string[] };
type Stolen = { vault: EstateVault; client: VaultClient };
type Share = { vaultRef: string; kind: string; state: string; header: string; body: string };

const deliver = () => deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });

async function stealEverything(): Promise<Copy> {
  const tables = new Map<string, Row[]>();
  await t.asAdmin(async (admin) => {
    const names = (await admin.query("select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")).rows as { name: string }[];
    for (const { name } of names) tables.set(name, (await admin.query(`select * from "${name}"`)).rows as Row[]);
  });
  return { tables, keys: process.env["SEAL_KEYS"]!.split(",") };
}
const rowsOf = (name: string): Row[] => copy.tables.get(name)!;

/** The manager tokens, opened with the stolen keys, as clients that speak to the vaults. */
function stolenTokens(): Stolen[] {
  return rowsOf("vault").flatMap((row): Stolen[] => {
    const vault = vaults.find(({ vaultRef }) => vaultRef === row["vault_ref"]);
    if (vault === undefined || row["sealed_token"] === null) return [];
    const token = unseal(sealKeys(copy.keys), { mspId: row["msp_id"] as string, object: row["vault_ref"] as string, purpose: "vault-token" }, row["sealed_token"] as Uint8Array);
    const { account } = vault.owned.owner;
    return [{ vault, client: new VaultClient({ ...account, agentId: row["agent_id"] as number, uid: row["manager_uid"] as string, token }) }];
  });
}
const stolenShares = (): Share[] => rowsOf("dispatch").map((row) => ({ vaultRef: row["vault_ref"] as string, kind: row["kind"] as string, state: row["state"] as string, header: row["header"] as string, body: row["body"] as string }));
/** Every assertion of a signer that the copy holds: approvals, confirmations, endorsements, enrolments. */
const stolenTaps = (): Enrol[] => ["approval", "confirmation", "endorsement", "inbox_key", "signing_key"].flatMap((name) => rowsOf(name).map((row) => (row["assertion"] ?? row["enrol"]) as Enrol));

/** What a vault's owner sees of it, but for what merely being asked moves. */
async function stateOf({ owned: { owner } }: EstateVault): Promise<string> {
  const { agents } = (await owner.get("/agents")).json as { agents: Row[] };
  const [scopes, credentials, entries] = await Promise.all(["/scopes", "/credentials", "/entries?limit=500"].map(async (path) => (await owner.get(path)).json as Row));
  return JSON.stringify({ agents: agents.map(({ last_used_at: _used, ...row }) => row), scopes: scopes!["scopes"], credentials, entries });
}

beforeAll(async () => {
  ground = await openGround({ callMs: 1_500, clock });
  ({ t, net, world, proxy, estate } = ground);
  const grant = { ...WIDE, entries: false, audit: "all" } as const;
  const [acme] = await addVaults(estate, ["Acme Dental"], { grant });
  const [pennard] = await addVaults(estate, ["Pennard Tiles"], { dial: `http://127.0.0.1:${proxy.port}`, grant });
  vaults = [acme!, pennard!];
  for (const { owned: { owner, key } } of vaults) await owner.must([op("POST", "/entry", { title: "Core switch", scopes: "0010", fields: [{ label: "password", kind: "password", tier: "L2", value: "correct horse" }] }), op("POST", "/entry", { title: "Alarm", scopes: "", fields: [{ label: "code", kind: "totp", tier: "L2", value: "JBSWY3DPEHPK3PXP" }] })], { keys: [key] });
  const employ = async (name: string): Promise<Technician> => {
    const person = await addTechnician(estate, name);
    await releasePlan(estate, await createPlan(estate.owner, { title: name, reason: null, ticket: null, wanted: vaults.map(({ vaultRef }) => ({ change: "grant" as const, vaultRef, personId: person.personId, scopes: "0010", allAccess: false, expiresAt: null })) }, clock, t.db));
    await deliver();
    await readAll(estate);
    return person;
  };
  const [jim, hana] = [await employ("Jim Okafor"), await employ("Hana Kobayashi")];
  // One leaver is gone everywhere, with a certificate; of another one removal still waits for a vault that is down.
  const leave = async (person: Technician) => {
    const { planId } = await openRevocation(estate.owner, { personId: person.personId, cause: "leaver", reason: null, tokens: null }, clock, t.db);
    const { digest } = (await t.asAdmin((admin) => admin.query("select encode(digest, 'hex') as digest from plan where plan_id = $1", [planId]))).rows[0] as { digest: string };
    await releasePlan(estate, { planId: planId!, digest });
    await deliver();
    await watchRevocations({ db: t.db, net, now: clock.now, impatient: true });
  };
  await leave(jim);
  proxy.book.replace(parseRules([{ match: {}, fault: { kind: "status", status: 502, retry_after: null } }]));
  await leave(hana);
  proxy.book.replace([]);
  copy = await stealEverything();
}, 120_000);
afterAll(() => ground.end());

describe("with a copy of database and environment", () => {
  test("the copy is whole: it opens our own tokens, which the vaults still know, and holds a removal that waits", async () => {
    const stolen = stolenTokens();
    expect(stolen).toHaveLength(2);
    for (const { client } of stolen) expect(await client.get("/vault")).toMatchObject({ status: 200, signed: true });
    expect(stolenShares().filter(({ kind, state }) => kind === "standing" && (state === "sent" || state === "waiting"))).toHaveLength(1);
    expect(stolenTaps().length).toBeGreaterThan(5);
  });
  test("no entry is read, listed, searched or counted down, in any vault, whatever its id", async () => {
    for (const { client } of stolenTokens()) {
      for (const path of ["/entries", "/entries?limit=500", "/search?q=a", "/search?q=switch"]) expect((await client.get(path)).json).toMatchObject({ entries: [] });
      for (const id of [1, 2, 3, 77, 65_535]) for (const path of [`/entry/${id}`, `/totp/${id}`]) expect(await client.get(path)).toMatchObject({ status: 403, json: { code: "denied" } });
      expect((await client.send("POST", "/session/begin", { body: "{}" })).status).not.toBe(200);
    }
  });
  test("no sealed token that the copy holds opens with any key that the copy holds, and none stands in it in clear", async () => {
    const receipts = rowsOf("receipt").map(({ answer, vault_ref: ref }) => ({ ref, receipt: (JSON.parse(answer as string) as { receipt: { results: Result[] } }).receipt }));
    const tokens = receipts.flatMap(({ ref, receipt }) => receipt.results.flatMap(({ sealed_token: sealed, uid }) => (sealed === undefined ? [] : [{ ref, sealed, uid: uid! }])));
    expect(tokens).toHaveLength(4);
    // Whatever opens under the stolen keys, as the private half of a sealing key.
    const opened = stolenTokens().map(({ client }) => client.account.token);
    const checkpoint = rowsOf("checkpoint_key").map((row) => unseal(sealKeys(copy.keys), { mspId: installation, object: row["key_id"] as string, purpose: "checkpoint-key" }, row["sealed_private"] as Uint8Array));
    const pair = await generateSealKey("x25519");
    for (const { ref, sealed, uid } of tokens) {
      const { owner: { account } } = vaults.find(({ vaultRef }) => vaultRef === ref)!.owned;
      const info = tokenInfo({ vault: account.vaultId, key: account.key, uid });
      for (const secret of checkpoint) expect(await unsealToken({ ...pair, privateKey: fromB64u(secret, 32) }, info, sealed).catch(() => null)).toBeNull();
    }
    const everything = JSON.stringify([...copy.tables.values()]);
    for (const token of opened) expect(everything).not.toContain(token);
    expect(everything).not.toMatch(/"cvt_[A-Za-z0-9_-]{43}"/);
    // The environment opens our own tokens, keys of open requests and the checkpoint key: nothing of a technician is sealed under it.
    expect(rowsOf("connect_request").every(({ sealed_key: key }) => key === null)).toBe(true);
  });
});

describe("changing something needs a tap that the copy does not hold", () => {
  const row = (vault: EstateVault) => ({ id: 9_999, uid: vault.owned.owner.account.uid });
  const attempts = (vault: EstateVault, own: { agentId: number; uid: string }): Op[] => [
    op("POST", "/agent", { name: "Thief", kind: "human", scopes: "0010", all_access: false, admin: false, token_hash: tokenHash(newToken()) }),
    op("POST", "/agent", { name: "Thief", kind: "human", scopes: "", all_access: true, admin: true, token_hash: tokenHash(newToken()) }),
    op("PUT", `/agent/${own.agentId}`, { all_access: true }, { uid: own.uid }), op("PUT", "/agent/1", { scopes: "0010" }, { uid: row(vault).uid }), op("DELETE", "/agent/1", null, { uid: row(vault).uid }),
    op("POST", `/agent/${own.agentId}/token`, { token_hash: tokenHash(newToken()) }, { uid: own.uid }),
    op("POST", "/entry", { title: "x", scopes: "0010", fields: [] }), op("PUT", "/entry/1", { title: "y" }), op("DELETE", "/entry/1"),
    op("DELETE", `/credential/${estate.signer.credentialId}`),
  ];
  /** Refused by the ladder of PROTOCOL 6, at the rungs before anything is done. */
  const mustRefuse = (answer: Response, what: string): void => {
    expect(answer.status, `${what}: ${answer.text}`).toBeGreaterThanOrEqual(400);
    expect(["assertion_required", "challenge_unknown", "challenge_expired", "proof_invalid", "credential_unknown", "assertion_invalid", "wrong_origin", "not_granted", "operation_replayed", "invalid", "not_canonical", "slow_down", "no_such_agent"], `${what}: ${answer.text}`).toContain((answer.json as { code: string }).code);
  };

  test("without an assertion, with one of the thief's own key, and with every tap that was stolen: refused, and each vault is as it was", async () => {
    const before = await Promise.all(vaults.map(stateOf));
    const own = new SoftwareKey(SIGNING);
    const thefts = stolenTaps();
    const [share] = stolenShares();
    const kept = parseAssertionHeader(share!.header);
    for (const { vault, client } of stolenTokens()) {
      // All of it at one vault, and at each other one the two that would open most.
      for (const operation of attempts(vault, client.account).slice(0, vault === vaults[0] ? undefined : 2)) {
        mustRefuse(await client.send("POST", "/batch", { body: jcs({ operations: [operation] }) }), "no assertion");
        mustRefuse(await client.change([operation], { keys: [own] }), "a key of their own");
        // The signer's id over the thief's signature; and a real tap of the signer, moved under other operations.
        mustRefuse(await client.change([operation], { keys: [own], twist: (assertion) => ({ ...assertion, credential_id: estate.signer.credentialId }) }), "another's name");
        mustRefuse(await client.submit([operation], share!.header), "the header of a share");
        const { challenge } = await client.begin();
        mustRefuse(await client.submit([operation], b64u(jcsBytes({ ...kept, challenge }))), "a share under a fresh challenge");
        const tap: Enrol = thefts[(operation.id.codePointAt(0) ?? 0) % thefts.length]!;
        const moved: Assertion = { v: 1, credential_id: estate.signer.credentialId, ...tap, challenge, proof: kept.proof };
        mustRefuse(await client.submit([operation], b64u(jcsBytes(moved))), "a stolen tap");
        world.clock.forward(20); // the vault's own limit of submissions shall not be what refuses
      }
      const { request } = await connectRequest([own], { want: { ...WIDE, scopes: "any", entries: true } }, "http://localhost:3999");
      mustRefuse(await client.change([op("POST", "/connect", { adopt: [], grant: request.want, request, roles: [] })], { keys: [own] }), "a connect of their own");
      mustRefuse(await client.change([op("POST", "/credential", { ...own.signer("http://localhost:3999", "Ines Halloran"), signs_for: client.account.agentId, credential_id: own.credentialId })], { keys: [own] }), "a signer of their own");
    }
    expect(await Promise.all(vaults.map(stateOf))).toEqual(before);
  }, 60_000);
  test("every share replayed, also in other vaults: nothing happens twice, and all that still goes in is the removal that was approved", async () => {
    world.clock.forward(120);
    const before = await Promise.all(vaults.map(stateOf));
    const shares = stolenShares();
    const thief = stolenTokens();
    for (const { vaultRef, header, body } of shares) {
      for (const { vault, client } of thief) {
        const answer = await client.send("POST", "/batch", { body, headers: { [ASSERTION_HEADER]: header } });
        if (vault.vaultRef !== vaultRef) mustRefuse(answer, "a share of another vault");
      }
    }
    const after = await Promise.all(vaults.map(stateOf));
    // The one that was never down is as it was, to the byte.
    expect(after[0]).toEqual(before[0]);
    const rows = (state: string) => (JSON.parse(state) as { agents: { uid: string; name: string }[] }).agents;
    const gone = rows(before[1]!).filter(({ uid }) => !rows(after[1]!).some((one) => one.uid === uid));
    expect(gone.map(({ name }) => name)).toEqual(["Hana Kobayashi"]);
    expect(rows(after[1]!)).toHaveLength(rows(before[1]!).length - 1);
    // Bent by a bit, a share is none.
    const standing = shares.find(({ kind }) => kind === "standing");
    const { client } = thief.find(({ vault }) => vault.vaultRef === standing!.vaultRef)!;
    const operations = (JSON.parse(standing!.body) as { operations: Op[] }).operations;
    mustRefuse(await client.submit(operations.map((one) => ({ ...one, id: crypto.randomUUID() })), standing!.header), "other operation ids");
    mustRefuse(await client.submit(operations.map((one) => ({ ...one, path: "/agent/1" })), standing!.header), "another row");
  });
  test("receipts, statements and lists cannot be forged: the stolen checkpoint key certifies nothing that a vault did not sign", async () => {
    const board = rowsOf("revocation").find(({ closed_at: at }) => at !== null);
    const { file } = await certificateOf(estate.owner, { revocationId: board!["revocation_id"] as string, clientId: null }, t.db);
    const parsed = parseCertificate(utf8(file));
    if ("words" in parsed) throw new Error(parsed.words);
    const { certificate } = parsed;
    const [kept] = rowsOf("checkpoint_key");
    const seed = unseal(sealKeys(copy.keys), { mspId: installation, object: kept!["key_id"] as string, purpose: "checkpoint-key" }, kept!["sealed_private"] as Uint8Array);
    const { createPrivateKey } = await import("node:crypto");
    const key = createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed, "base64url")]), format: "der", type: "pkcs8" });
    const stolen = { publicKey: certificate.key, sign: (message: Uint8Array) => b64u(new Uint8Array(sign(null, message, key))) };
    const forge = (bend: (part: RemovedPart) => RemovedPart) => verifyCertificate(utf8(certificateFile(issue(certificate.statement, certificate.parts.map((part) => (part.kind === "removed" ? bend(part) : part)), stolen))), certificate.key);
    // The key is the real one: what the vaults signed passes under it.
    expect((await forge((part) => part)).ok).toBe(true);
    const other = generateKeyPairSync("ed25519").privateKey;
    const forged = (label: "receipt" | "statement", object: never) => b64u(new Uint8Array(sign(null, signedMessage(label, object), other)));
    expect((await forge((part) => ({ ...part, row: { ...part.row, uid: b64u(randomBytes(16)) } }))).ok).toBe(false);
    expect((await forge((part) => ({ ...part, list: part.list.map((page) => ({ ...page, body: page.body.replace("Quillmoor", "Quillmore") })) }))).ok && certificate.parts.some((part) => part.kind === "removed" && part.list[0]!.body.includes("Quillmoor"))).toBe(false);
    expect((await forge((part) => ({ ...part, statement: { ...part.statement, signature: forged("statement", part.statement.statement as never) } }))).ok).toBe(false);
    expect((await forge((part) => ({ ...part, list: part.list.map((page) => ({ ...page, nonce: b64u(randomBytes(16)) })) }))).ok).toBe(false);
    expect((await forge((part) => {
      const { receipt } = JSON.parse(part.removal!.answer) as { receipt: object };
      const later = { ...receipt, revision: 2 };
      return { ...part, removal: { ...part.removal!, answer: JSON.stringify({ receipt: later, signature: forged("receipt", later as never) }) } };
    })).ok).toBe(false);
  });
});

describe("after one tap of a signer that renews our own tokens", () => {
  test("every copied token is dead at once, also for removals that wait, and the people's tokens go on", async () => {
    const before = await Promise.all(vaults.map(stateOf));
    const thief = stolenTokens();
    const renewed: string[] = [];
    for (const { vault: { manager } } of thief) {
      const { agentId, uid } = manager.account;
      const token = newToken();
      await manager.must([op("POST", `/agent/${agentId}/token`, { token_hash: tokenHash(token) }, { uid })], { keys: [estate.signer] });
      renewed.push(token);
    }
    for (const { client } of thief) {
      for (const path of ["/vault", "/agents", "/entries", "/audit", `/statement?for=${client.account.agentId}`, "/credentials", "/scopes"]) expect(await client.get(path)).toMatchObject({ status: 401, signed: true, json: { code: "unknown_token" } });
      expect((await client.send("POST", "/auth/begin", { body: "{}" })).status).toBe(401);
    }
    for (const { vaultRef, header, body } of stolenShares()) {
      const { client } = thief.find(({ vault }) => vault.vaultRef === vaultRef)!;
      expect((await client.send("POST", "/batch", { body, headers: { [ASSERTION_HEADER]: header } })).status).toBe(401);
    }
    for (const [at, { client }] of thief.entries()) expect((await client.as({ token: renewed[at]! }).get("/vault")).status).toBe(200);
    const people = (state: string) => (JSON.parse(state) as { agents: { uid: string; admin: boolean; scopes: string }[] }).agents.filter(({ admin }) => !admin).map(({ uid, scopes }) => `${uid} ${scopes}`);
    expect((await Promise.all(vaults.map(stateOf))).map(people)).toEqual(before.map(people));
  });
});
