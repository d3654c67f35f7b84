// The table of PROTOCOL 4, "What a manager may do": a manager x every operation x whose row x every field. What is not
// listed as allowed must be refused, whatever else the request says.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { b64u } from "#lib/protocol/bytes.ts";
import type { AgentRow, Grant, Op, SealTo } from "#lib/protocol/messages.ts";
import { generateSealKey } from "#lib/protocol/seal.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { SoftwareKey } from "../testing/authenticator.ts";
import { op, type Response } from "../testing/client.ts";
import { connectMsp, connectRequest, registerVault, startWorld, WIDE, type ConnectedMsp, type OwnedVault, type World } from "../testing/world.ts";

let world: World;
let vault: OwnedVault;
let msp: ConnectedMsp;
let rival: ConnectedMsp;
let sealTo: SealTo;
let rows: Record<"own row" | "row it manages" | "client's row" | "another MSP's row" | "another manager" | "owner", AgentRow>;
let entryId: number;

const GRANT: Grant = { ...WIDE, max_agents: 3, max_lease: 3_600 };
const RIVAL = { msp: "https://rival.example", signing: { rpId: "sign.rival.example", origin: "https://sign.rival.example" } };

const DAY = 86_400;
const hash = (): string => tokenHash(newToken());
const code = (answer: Response): string => (answer.status === 200 ? "200" : `${answer.status} ${String(answer.json.code)}`);
const byManager = (operation: Op, by = msp): Promise<Response> => by.manager.change([operation], { keys: [by.signers[0]!] });
const byOwner = (operation: Op): Promise<Response> => vault.owner.change([operation], { keys: [vault.key] });
const inHalfAnHour = (): number => world.clock.now() + 1_800;
const person = (change: object = {}): object => ({ name: "Technician", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: sealTo, ...change });

async function agent(id: number): Promise<AgentRow | undefined> {
  const { agents } = (await vault.owner.get("/agents")).json as { agents: AgentRow[] };
  return agents.find((row) => row.id === id);
}

async function created(answer: Response): Promise<AgentRow> {
  if (answer.status !== 200) throw new Error(answer.text);
  return (await agent(answer.json.receipt.results[0].agent_id))!;
}

beforeAll(async () => {
  world = await startWorld();
  vault = await registerVault(world);
  const pair = await generateSealKey("x25519");
  sealTo = { kem: "x25519", public_key: pair.publicKey };
  msp = await connectMsp(vault, { grant: GRANT, change: { roles: [{ name: "networking", scope: "0010" }] } });
  rival = await connectMsp(vault, { grant: { ...GRANT, max_agents: 50 }, ...RIVAL, change: { msp: { name: "Rival", origin: RIVAL.msp } } });
  rows = {
    "own row": (await agent(msp.manager.account.agentId))!,
    "row it manages": await created(await byManager(op("POST", "/agent", person()))),
    "client's row": await created(await byOwner(op("POST", "/agent", { name: "Own", kind: "human", scopes: "0010", all_access: false, admin: false }))),
    "another MSP's row": await created(await byManager(op("POST", "/agent", person()), rival)),
    "another manager": (await agent(rival.manager.account.agentId))!,
    owner: (await agent(1))!,
  };
  const entry = await byOwner(op("POST", "/entry", { title: "Router", scopes: "0010", fields: [] }));
  entryId = entry.json.receipt.results[0].entry_id;
});
afterAll(async () => {
  await world.end();
});

const WHOSE = ["own row", "row it manages", "client's row", "another MSP's row", "another manager", "owner"] as const;

describe("PUT /agent/:id", () => {
  const fields: readonly { name: string; body: () => object; allowed: boolean | "422" }[] = [
    { name: "nothing", body: () => ({}), allowed: true },
    { name: "name", body: () => ({ name: "Renamed" }), allowed: true },
    { name: "kind", body: () => ({ kind: "agent" }), allowed: true },
    { name: "scopes inside the grant", body: () => ({ scopes: "0010,0011" }), allowed: true },
    { name: "no scopes", body: () => ({ scopes: "" }), allowed: true },
    { name: "scopes outside the grant", body: () => ({ scopes: "0010,0012" }), allowed: false },
    { name: "all_access without a lease", body: () => ({ all_access: true }), allowed: false },
    { name: "all_access with a lease", body: () => ({ all_access: true, expires_at: inHalfAnHour() }), allowed: true },
    { name: "all_access false", body: () => ({ all_access: false }), allowed: true },
    { name: "admin true", body: () => ({ admin: true }), allowed: false },
    { name: "admin false", body: () => ({ admin: false }), allowed: true },
    { name: "admin and all_access", body: () => ({ admin: true, all_access: true }), allowed: false },
    { name: "a lease within max_lease", body: () => ({ expires_at: inHalfAnHour() }), allowed: true },
    { name: "a lease beyond max_lease", body: () => ({ expires_at: world.clock.now() + 3_700 }), allowed: false },
    { name: "a lease in the past", body: () => ({ expires_at: world.clock.now() }), allowed: "422" },
    { name: "the end of a lease", body: () => ({ expires_at: null }), allowed: false },
    { name: "limits", body: () => ({ limits: { per_minute: 5, per_hour: 50 } }), allowed: true },
    { name: "no limits", body: () => ({ limits: null }), allowed: false },
    { name: "managed_by itself", body: () => ({ managed_by: msp.manager.account.uid }), allowed: false },
    { name: "managed_by the owner", body: () => ({ managed_by: rows.owner.uid }), allowed: false },
    { name: "managed_by nobody", body: () => ({ managed_by: null }), allowed: false },
    { name: "locked false", body: () => ({ locked: false }), allowed: false },
    { name: "a wider grant", body: () => ({ grant: { ...GRANT, scopes: "any", max_agents: 99 } }), allowed: false },
    { name: "the same grant", body: () => ({ grant: GRANT }), allowed: false },
  ];
  describe.each(WHOSE)("%s", (whose) => {
    test.each(fields)("$name", async ({ body, allowed }) => {
      // Each cell starts from a row as it was made, and the row of every refused cell stays as it was.
      const target = whose === "row it manages" ? await created(await byManager(op("POST", "/agent", person()))) : (await agent(rows[whose].id))!;
      const answer = await byManager(op("PUT", `/agent/${target.id}`, body()));
      const expected = whose !== "row it manages" || !allowed ? "403 not_granted" : allowed === "422" ? "422 invalid" : "200";
      expect(code(answer)).toBe(expected);
      const after = await agent(target.id);
      expect(after).toEqual(expected === "200" ? { ...after, uid: target.uid, managed_by: target.managed_by } : target);
      if (whose === "row it manages") await byManager(op("DELETE", `/agent/${target.id}`));
    });
  });
});

describe("abuse limits", () => {
  const program = (limits?: object | null): object => ({ name: "Program", kind: "agent", scopes: "0010", all_access: false, admin: false, ...(limits === undefined ? {} : { limits }) });
  const standard = { per_minute: 3, per_hour: 10 };
  test.each<[string, object | null | undefined, object, string]>([
    ["left as they are", undefined, { name: "Renamed" }, "200"],
    ["tightened", undefined, { limits: { per_minute: 1, per_hour: 10 } }, "200"],
    ["the same", undefined, { limits: standard }, "200"],
    ["more a minute", undefined, { limits: { ...standard, per_minute: 4 } }, "403 not_granted"],
    ["more an hour", undefined, { limits: { ...standard, per_hour: 11 } }, "403 not_granted"],
    ["none", undefined, { limits: null }, "403 not_granted"],
    ["lifted by another kind: human", undefined, { kind: "human" }, "403 not_granted"],
    ["lifted by another kind: extension", undefined, { kind: "extension" }, "403 not_granted"],
    ["another kind under the same limits", undefined, { kind: "human", limits: standard }, "200"],
    ["an owner's looser ones, left", { per_minute: 9, per_hour: 90 }, { name: "Renamed" }, "200"],
    ["an owner's looser ones, tightened", { per_minute: 9, per_hour: 90 }, { limits: { per_minute: 8, per_hour: 90 } }, "200"],
    ["an owner's looser ones, loosened", { per_minute: 9, per_hour: 90 }, { limits: { per_minute: 9, per_hour: 91 } }, "403 not_granted"],
    ["an owner's none, left", null, { name: "Renamed" }, "200"],
    ["an owner's none, tightened", null, { limits: { per_minute: 9, per_hour: 90 } }, "200"],
  ])("%s", async (_, byTheOwner, body, expected) => {
    const made = await created(await byManager(op("POST", "/agent", { ...program(), seal_to: sealTo })));
    if (byTheOwner !== undefined) await byOwner(op("PUT", `/agent/${made.id}`, { limits: byTheOwner }));
    const before = (await agent(made.id))!;
    expect(code(await byManager(op("PUT", `/agent/${made.id}`, body)))).toBe(expected);
    const after = (await agent(made.id))!;
    expect(after).toEqual(expected === "200" ? { ...before, ...body, revision: after.revision } : before);
    await byManager(op("DELETE", `/agent/${made.id}`));
  });
  test("a new row may not have looser ones than its kind", async () => {
    for (const limits of [null, { ...standard, per_minute: 4 }, { ...standard, per_hour: 11 }]) {
      expect(code(await byManager(op("POST", "/agent", { ...program(limits), seal_to: sealTo })))).toBe("403 not_granted");
    }
    expect(code(await byManager(op("POST", "/agent", person({ limits: null }))))).toBe("403 not_granted");
  });
  test("what a manager may not, an owner may", async () => {
    const made = await created(await byOwner(op("POST", "/agent", program(null))));
    expect(made.limits).toBeNull();
    expect(code(await byOwner(op("PUT", `/agent/${made.id}`, { limits: { per_minute: 50, per_hour: 500 } })))).toBe("200");
    await byOwner(op("DELETE", `/agent/${made.id}`));
  });
});

describe("POST /agent", () => {
  const cases: readonly { name: string; body: () => object; expected: string }[] = [
    { name: "sealed, inside the grant", body: () => person(), expected: "200" },
    { name: "every kind: extension", body: () => person({ kind: "extension" }), expected: "200" },
    { name: "every kind: agent, with limits", body: () => person({ kind: "agent", limits: { per_minute: 1, per_hour: 1 } }), expected: "200" },
    { name: "without scopes", body: () => person({ scopes: "" }), expected: "200" },
    { name: "scopes outside the grant", body: () => person({ scopes: "0012" }), expected: "403 not_granted" },
    { name: "one scope outside", body: () => person({ scopes: "0010,0012" }), expected: "403 not_granted" },
    { name: "all_access without a lease", body: () => person({ all_access: true }), expected: "403 not_granted" },
    { name: "all_access with a lease", body: () => person({ all_access: true, expires_at: inHalfAnHour() }), expected: "200" },
    { name: "a lease beyond max_lease", body: () => person({ expires_at: world.clock.now() + 3_700 }), expected: "403 not_granted" },
    { name: "a lease that is over", body: () => person({ expires_at: world.clock.now() }), expected: "422 invalid" },
    { name: "claim_by", body: () => person({ claim_by: inHalfAnHour() }), expected: "200" },
    { name: "admin", body: () => person({ admin: true }), expected: "403 not_granted" },
    { name: "an owner", body: () => person({ admin: true, all_access: true }), expected: "403 not_granted" },
    { name: "own_scope", body: () => person({ own_scope: true }), expected: "403 not_granted" },
    { name: "by the hash of a token", body: () => ({ ...person(), seal_to: undefined, token_hash: hash() }), expected: "403 not_granted" },
    { name: "with its token in clear", body: () => ({ ...person(), seal_to: undefined }), expected: "403 not_granted" },
  ];
  const create = (body: object): Promise<Response> => byManager(op("POST", "/agent", JSON.parse(JSON.stringify(body))));
  test.each(cases.filter(({ expected }) => expected === "200"))("$name: made, sealed, managed by it, without admin", async ({ body }) => {
    const row = await created(await create(body()));
    expect(row).toMatchObject({ managed_by: msp.manager.account.uid, hand_over: "sealed", admin: false });
    await byManager(op("DELETE", `/agent/${row.id}`));
  });
  test.each(cases.filter(({ expected }) => expected !== "200"))("$name: $expected, and no row is made", async ({ body, expected }) => {
    const before = (await vault.owner.get("/agents")).json.agents;
    expect(code(await create(body()))).toBe(expected);
    expect((await vault.owner.get("/agents")).json.agents).toEqual(before);
  });
  test("not beyond max_agents, also within one batch, also for rows that an owner handed over", async () => {
    const two = await byManager(op("POST", "/agent", person()));
    const adopted = await byOwner(op("PUT", `/agent/${rows["client's row"].id}`, { managed_by: msp.manager.account.uid }));
    expect(code(adopted)).toBe("200");
    expect(code(await byManager(op("POST", "/agent", person())))).toBe("403 not_granted");
    expect(code(await byOwner(op("PUT", `/agent/${rows["another MSP's row"].id}`, { managed_by: msp.manager.account.uid })))).toBe("403 not_granted");
    await byOwner(op("PUT", `/agent/${rows["client's row"].id}`, { managed_by: rows.owner.uid }));
    const batch = await msp.manager.change([op("POST", "/agent", person()), op("POST", "/agent", person())], { keys: [msp.signers[0]!] });
    expect(code(batch)).toBe("403 not_granted");
    await byManager(op("DELETE", `/agent/${two.json.receipt.results[0].agent_id}`));
  });
});

describe("DELETE /agent/:id", () => {
  test.each(WHOSE.filter((whose) => whose !== "own row" && whose !== "row it manages"))("%s is refused", async (whose) => {
    const answer = await byManager(op("DELETE", `/agent/${rows[whose].id}`, null, { uid: rows[whose].uid }));
    expect(code(answer)).toBe("403 not_granted");
    expect(await agent(rows[whose].id)).toBeDefined();
  });
  test("a row it manages is deleted, and its token ends", async () => {
    const row = await created(await byManager(op("POST", "/agent", person())));
    expect(code(await byManager(op("DELETE", `/agent/${row.id}`, null, { uid: row.uid })))).toBe("200");
    expect(await agent(row.id)).toBeUndefined();
  });
});

describe("POST /agent/:id/token", () => {
  const ways: readonly { name: string; body: () => object }[] = [
    { name: "seal_to", body: () => ({ seal_to: sealTo }) },
    { name: "token_hash", body: () => ({ token_hash: hash() }) },
    { name: "neither", body: () => ({}) },
  ];
  describe.each(WHOSE)("%s", (whose) => {
    test.each(ways.filter(({ name }) => whose !== "own row" || name !== "token_hash"))("$name", async ({ name, body }) => {
      const answer = await byManager(op("POST", `/agent/${rows[whose].id}/token`, body()));
      expect(code(answer)).toBe(whose === "row it manages" && name === "seal_to" ? "200" : "403 not_granted");
    });
  });
  test("its own, by the hash of a token that it drew: the old one ends at once", async () => {
    const token = newToken();
    expect(code(await byManager(op("POST", `/agent/${rows["own row"].id}/token`, { token_hash: tokenHash(token) })))).toBe("200");
    expect((await msp.manager.get("/vault")).status).toBe(401);
    msp = { ...msp, manager: msp.manager.as({ token }) };
    expect((await msp.manager.get("/vault")).status).toBe(200);
  });
});

describe("entries", () => {
  const operations = (): Op[] => [
    op("POST", "/entry", { title: "New", scopes: "0010", fields: [] }),
    op("PUT", `/entry/${entryId}`, { title: "Changed" }),
    op("PUT", `/entry/${entryId}`, { scopes: "0010,0011" }),
    op("PUT", `/entry/${entryId}`, { fields: [] }),
    op("PUT", "/entry/999999", { title: "Missing" }),
    op("DELETE", `/entry/${entryId}`),
    op("DELETE", "/entry/999999"),
  ];
  test("without grant.entries every change of an entry is refused, existing or not", async () => {
    for (const operation of operations()) expect(code(await byManager(operation))).toBe("403 not_granted");
  });
  test("with it, entries change, but no scope is added that lies outside the grant", async () => {
    await byOwner(op("PUT", `/agent/${rival.manager.account.agentId}`, { grant: { ...GRANT, entries: true, max_agents: 50 } }));
    expect(code(await byManager(op("POST", "/entry", { title: "New", scopes: "0011", fields: [] }), rival))).toBe("200");
    expect(code(await byManager(op("POST", "/entry", { title: "New", scopes: "0012", fields: [] }), rival))).toBe("403 not_granted");
    expect(code(await byManager(op("PUT", `/entry/${entryId}`, { title: "Changed" }), rival))).toBe("200");
    expect(code(await byManager(op("PUT", `/entry/${entryId}`, { scopes: "0010,0012" }), rival))).toBe("403 not_granted");
    expect((await rival.manager.get(`/entry/${entryId}`)).status).toBe(403);
  });
});

describe("signers", () => {
  const signer = (key: SoftwareKey, signsFor: number, name = "person 9"): Op => op("POST", "/credential", { ...key.signer(msp.request.msp.origin, name), signs_for: signsFor });
  test("one for itself is added, and counts after the delay", async () => {
    const key = new SoftwareKey({ rpId: "sign.msp.example", origin: "https://sign.msp.example" });
    expect(code(await byManager(signer(key, msp.manager.account.agentId)))).toBe("200");
    const early = await msp.manager.change([op("POST", "/agent", person())], { keys: [key] });
    expect(code(early)).toBe("403 credential_unknown");
    world.clock.forward(DAY + 1);
    const late = await msp.manager.change([op("POST", "/agent", person())], { keys: [key] });
    expect(code(late)).toBe("200");
    await byManager(op("DELETE", `/agent/${late.json.receipt.results[0].agent_id}`));
  });
  test("approved by two different people it counts at once", async () => {
    const key = new SoftwareKey({ rpId: "sign.msp.example", origin: "https://sign.msp.example" });
    const answer = await msp.manager.change([signer(key, msp.manager.account.agentId, "person 2")], { keys: msp.signers, cosignChallenge: `cosign/${world.clock.now()}/${world.clock.now() + 60}` });
    expect(code(answer)).toBe("200");
    expect(code(await msp.manager.change([op("PUT", `/agent/${rows["row it manages"].id}`, {})], { keys: [key] }))).toBe("200");
    // ... and its holder is "person 2", whose two keys are one person.
    const same = await msp.manager.change([op("PUT", `/agent/${rows["row it manages"].id}`, {})], {
      keys: [key, msp.signers[1]!],
      cosignChallenge: `cosign/${world.clock.now()}/${world.clock.now() + 60}`,
    });
    expect(code(same)).toBe("403 cosign_required");
  });
  test("none for anyone else", async () => {
    for (const whose of ["owner", "another manager", "client's row", "row it manages"] as const) {
      const key = new SoftwareKey({ rpId: "sign.msp.example", origin: "https://sign.msp.example" });
      expect(code(await byManager(signer(key, rows[whose].id)))).toBe("403 not_granted");
    }
  });
  test("none that lives elsewhere than at connect, is not proven, or unlocks something", async () => {
    const id = msp.manager.account.agentId;
    const elsewhere = new SoftwareKey({ rpId: "msp.example", origin: "https://msp.example" });
    expect(code(await byManager(signer(elsewhere, id)))).toBe("403 wrong_origin");
    const key = new SoftwareKey({ rpId: "sign.msp.example", origin: "https://sign.msp.example" });
    const body = { ...key.signer(msp.request.msp.origin, "person 9"), signs_for: id };
    expect(code(await byManager(op("POST", "/credential", { ...body, enrol: key.enrol("https://other.example") })))).toBe("403 proof_invalid");
    expect(code(await byManager(op("POST", "/credential", { ...body, enrol: key.enrol(msp.request.msp.origin, { signature: new Uint8Array(64) }) })))).toBe("403 assertion_invalid");
    expect(code(await byManager(op("POST", "/credential", { ...body, wrapped_l3: "AAAA" })))).toBe("422 invalid");
    expect(code(await byManager(op("POST", "/credential", { ...body, p0: "AAAAAA" })))).toBe("422 invalid");
  });
  test("it deletes its own, nobody else's, and never the last", async () => {
    expect(code(await byManager(op("DELETE", `/credential/${vault.key.credentialId}`)))).toBe("403 not_granted");
    expect(code(await byManager(op("DELETE", `/credential/${rival.signers[0]!.credentialId}`)))).toBe("403 not_granted");
    expect(code(await byManager(op("DELETE", `/credential/${b64u(randomBytes(32))}`)))).toBe("403 not_granted");
    expect(code(await byManager(op("DELETE", `/credential/${rival.signers[1]!.credentialId}`), rival))).toBe("200");
    expect(code(await byManager(op("DELETE", `/credential/${rival.signers[0]!.credentialId}`), rival))).toBe("409 last_signer");
    expect(code(await byOwner(op("DELETE", `/credential/${rival.signers[0]!.credentialId}`)))).toBe("409 last_signer");
  });
});

describe("grant.scopes any", () => {
  test("is every number but those of rows that it does not manage", async () => {
    await byOwner(op("PUT", `/agent/${rival.manager.account.agentId}`, { grant: { ...GRANT, scopes: "any", max_agents: 50 } }));
    const foreign = rows["client's row"].scope;
    expect(code(await byManager(op("POST", "/agent", person({ scopes: "0999" })), rival))).toBe("200");
    expect(code(await byManager(op("POST", "/agent", person({ scopes: foreign })), rival))).toBe("409 scope_collision");
    expect(code(await byManager(op("POST", "/agent", person({ scopes: "0001" })), rival))).toBe("409 scope_collision");
    expect(code(await byManager(op("POST", "/agent", person({ scopes: rows["another MSP's row"].scope })), rival))).toBe("200");
  });
});

test("a tightened grant binds what is changed or renewed next, and never what is ended", async () => {
  const target = await created(await byManager(op("POST", "/agent", person({ scopes: "0011" }))));
  await byOwner(op("PUT", `/agent/${msp.manager.account.agentId}`, { grant: { ...GRANT, scopes: ["0010"] } }));
  expect(code(await byManager(op("PUT", `/agent/${target.id}`, { name: "x" })))).toBe("403 not_granted");
  expect(code(await byManager(op("POST", `/agent/${target.id}/token`, { seal_to: sealTo })))).toBe("403 not_granted");
  expect(code(await byManager(op("PUT", `/agent/${target.id}`, { scopes: "0010" })))).toBe("200");
  expect(code(await byManager(op("DELETE", `/agent/${target.id}`)))).toBe("200");
});

test("a manager connects nobody", async () => {
  const { request } = await connectRequest([new SoftwareKey({ rpId: "sign.msp.example", origin: "https://sign.msp.example" })]);
  expect(code(await byManager(op("POST", "/connect", { adopt: [], grant: request.want, request, roles: [] })))).toBe("403 not_granted");
});

test("a manager ends itself, and with it go its signers and rows, not the client's", async () => {
  const signerIds = msp.signers.map((key) => key.credentialId);
  expect(code(await byManager(op("DELETE", `/agent/${msp.manager.account.agentId}`)))).toBe("200");
  expect((await msp.manager.get("/vault")).status).toBe(401);
  expect(await agent(rows["row it manages"].id)).toBeUndefined();
  expect(await agent(rows["client's row"].id)).toBeDefined();
  expect(await agent(rows["another MSP's row"].id)).toBeDefined();
  const { credentials } = (await vault.owner.get("/credentials")).json as { credentials: { id: string; revoked: boolean }[] };
  for (const id of signerIds) expect(credentials.find((credential) => credential.id === id)?.revoked).toBe(true);
});
