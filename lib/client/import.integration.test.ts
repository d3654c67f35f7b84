/** A sheet of clients against a real database and real vaults: nothing before the press, everything once, each row for itself. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { createClient } from "./create.ts";
import { bringSheet, makeRequests, noteCalled, putAway } from "./import.ts";
import { listImports, showImport } from "./import-state.ts";
import { takeReply } from "./reply.ts";
import { defaultWant } from "./request.ts";
import { clientShape } from "./shape.ts";
import { person, role, signingKey, startVaults, tapped, type Vaults } from "./testing/cast.ts";

let t: TestDatabase;
let vaults: Vaults;
let net: Net;
let mspId: string;
let ines: Actor;

const codeOf = (attempt: Promise<unknown>) => attempt.then(() => "no refusal", (error: unknown) => (error instanceof Refusal ? error.failure.code : error));
const HEAD = "name,other names,tags,region,contact,phone,mail,plan,address";
const line = (name: string, address: string, plan = "Team 10") => `${name},,pod-a,North,Imogen Sarkis,+44 20 7946 0000,it@wychwood.example,${plan},${address}`;
const bring = (...lines: string[]) => bringSheet(ines, { fileName: "clients.csv", text: [HEAD, ...lines].join("\r\n") }, undefined, t.db);
const make = (importId: string, more = {}) => makeRequests(ines, { importId, want: defaultWant(8), roles: ["Networking"], oneSigner: false, ...more }, undefined, t.db);
const count = async (table: string) => (await t.asAdmin((admin) => admin.query(`select 1 from ${table} where msp_id = $1`, [mspId]))).rowCount;
const show = (importId: string) => showImport(ines, importId, undefined, t.db);

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  vaults = await startVaults();
  net = openNet({ rules: addressRules(), callMs: 5_000 });
});
afterAll(async () => {
  await net.agent.destroy();
  await vaults.end();
  await t.close();
});
beforeEach(async () => {
  mspId = await t.msp("Quillmoor IT");
  ines = await person(t, mspId, "Ines Halloran", ["owner"]);
  await signingKey(t, ines, "Desk");
  await signingKey(t, ines, "Safe");
  await role(t, mspId, "Networking", "N", 0);
});

test("a sheet is looked at first: rows with their verdicts, and nothing is made", async () => {
  await createClient(ines, clientShape.parse({ name: "Acme", plan: "team-10" }), undefined, t.db);
  const { importId, rows } = await bring(line("Wychwood", "http://vault.localhost:4100/a1"), line("ACME", "http://vault.localhost:4100/a2"), line("Beta", "http://10.0.0.1/x"), line("Gamma", "http://vault.localhost:4100/a4", "gold"));
  expect(rows).toBe(4);
  expect((await show(importId)).rows.map(({ verdict, state, position }) => [position, verdict, state])).toEqual([[2, "new", "none"], [3, "same_name", "none"], [4, "wrong_address", "none"], [5, "unknown_plan", "none"]]);
  expect([await count("client"), await count("vault"), await count("connect_request")]).toEqual([1, 0, 0]);
  expect(await listImports(ines, t.db)).toMatchObject([{ fileName: "clients.csv", rows: 4, made: 0, cancelled: false }]);
});

test("then the new ones are asked, in portions that go on where they stopped, each row once, whoever presses", async () => {
  const total = limits.importChunk + 7;
  const { importId } = await bring(...Array.from({ length: total }, (_, at) => line(`Client ${at}`, `http://vault.localhost:4100/v${at}`)), line("Bad", "ftp://x"));
  expect(await make(importId)).toEqual({ made: limits.importChunk, failed: 0, left: 7 });
  const [one, two] = await Promise.all([make(importId), make(importId)]);
  expect(one.made + two.made).toBeGreaterThanOrEqual(7);
  expect(await make(importId)).toEqual({ made: 0, failed: 0, left: 0 });
  expect([await count("client"), await count("vault"), await count("connect_request")]).toEqual([total, total, total]);
  const { rows } = await show(importId);
  expect(rows.filter(({ state }) => state === "asked")).toHaveLength(total);
  expect(rows.at(-1)).toMatchObject({ state: "none", verdict: "wrong_address" });
  const codes = new Set(rows.flatMap(({ code1 }) => code1 ?? []));
  expect(codes.size).toBe(total);
});

test("what is asked is settled by the first portion: a later press cannot widen it", async () => {
  const { importId } = await bring(...Array.from({ length: limits.importChunk + 1 }, (_, at) => line(`Client ${at}`, `http://vault.localhost:4100/w${at}`)));
  await make(importId);
  await make(importId, { want: { ...defaultWant(8), entries: true }, roles: [] });
  const { rows } = await t.asAdmin((admin) => admin.query<{ request: { want: object; roles: object[] } }>("select request from connect_request where msp_id = $1", [mspId]));
  expect(new Set(rows.map(({ request }) => JSON.stringify([request.want, request.roles])))).toEqual(new Set([JSON.stringify([rows[0]!.request.want, rows[0]!.request.roles])]));
  expect(rows[0]!.request.want).toMatchObject({ entries: false });
});

test("a row that was new and is not any more does not stop the others, and says why", async () => {
  const { importId } = await bring(line("Wychwood", "http://vault.localhost:4100/x1"), line("Beta", "http://vault.localhost:4100/x2"));
  await t.asAdmin((admin) => admin.query("update role set retired_at = now() where msp_id = $1", [mspId]));
  expect(await make(importId)).toEqual({ made: 0, failed: 2, left: 0 });
  expect(await count("client")).toBe(0);
  expect((await show(importId)).rows).toMatchObject([{ state: "failed", words: "One of the roles is not there any more. Load the page again." }, { state: "failed" }]);
});

test("without a second signer nothing is made unless that is said", async () => {
  await t.asAdmin((admin) => admin.query("update signing_key set removed_at = now(), removed_by = person_id where msp_id = $1 and label = 'Safe'", [mspId]));
  const { importId } = await bring(line("Wychwood", "http://vault.localhost:4100/y1"));
  expect(await codeOf(make(importId))).toBe("second_signer_needed");
  expect(await count("client")).toBe(0);
  expect(await make(importId, { oneSigner: true })).toEqual({ made: 1, failed: 0, left: 0 });
});

test("the call list knows the codes, who was called, and moves on as vaults answer", async () => {
  const acme = await vaults.make("Acme");
  const { importId } = await bring(line("Acme", acme.address));
  await make(importId);
  const [before] = (await show(importId)).rows;
  expect(before).toMatchObject({ state: "asked", code2: null, calledAt: null });
  await noteCalled(ines, { importId, position: 2, called: true }, undefined, t.db);
  expect((await show(importId)).rows[0]!.calledAt).not.toBeNull();
  await noteCalled(ines, { importId, position: 2, called: false }, undefined, t.db);
  await takeReply(await tapped(acme, before!.link!), { db: t.db, net });
  const [after] = (await show(importId)).rows;
  expect(after).toMatchObject({ state: "unconfirmed", calledAt: null });
  expect(after!.code2).toMatch(/^[0-9A-Z]{16}$/);
});

test("put away, no more is made from it; what was made stays", async () => {
  const { importId } = await bring(...Array.from({ length: limits.importChunk + 1 }, (_, at) => line(`Client ${at}`, `http://vault.localhost:4100/z${at}`)));
  await make(importId);
  await putAway(ines, { importId }, undefined, t.db);
  expect(await codeOf(make(importId))).toBe("moved_on");
  expect(await codeOf(putAway(ines, { importId }, undefined, t.db))).toBe("moved_on");
  expect(await count("client")).toBe(limits.importChunk);
});

test("nobody without the right brings, sees or asks; another organisation's sheet is none; a sheet that is none is refused", async () => {
  const { importId } = await bring(line("Wychwood", "http://vault.localhost:4100/q1"));
  for (const rights of [["technician"], ["finance"], ["auditor"]]) {
    const other = await person(t, mspId, "Ben Rowe", rights);
    expect(await codeOf(bringSheet(other, { fileName: "x.csv", text: HEAD }, undefined, t.db))).toBe("forbidden");
    expect(await codeOf(showImport(other, importId, undefined, t.db))).toBe("forbidden");
    expect(await codeOf(makeRequests(other, { importId, want: defaultWant(8), roles: [], oneSigner: true }, undefined, t.db))).toBe("forbidden");
  }
  const ada = await person(t, await t.msp("Harbour IT"), "Ada Harbour", ["owner"]);
  expect(await codeOf(showImport(ada, importId, undefined, t.db))).toBe("not_found");
  expect(await codeOf(noteCalled(ada, { importId, position: 2, called: true }, undefined, t.db))).toBe("not_found");
  expect(await codeOf(bringSheet(ines, { fileName: "x.csv", text: "hello" }, undefined, t.db))).toBe("invalid");
  expect(await codeOf(bringSheet(ines, { fileName: "x.csv", text: "x".repeat(limits.importCharacters + 1) }, undefined, t.db))).toBe("too_large");
});

test("the keys of requests that nobody answered are wiped a day after their end", async () => {
  const { importId } = await bring(line("Wychwood", "http://vault.localhost:4100/p1"), line("Beta", "http://vault.localhost:4100/p2"));
  await make(importId);
  await t.asAdmin((admin) => admin.query("update connect_request r set expires_at = now() - interval '25 hours' from vault v where v.vault_ref = r.vault_ref and r.msp_id = $1 and v.address like '%/p1'", [mspId]));
  await t.asApp((app) => app.query("select connect_purge()"));
  const { rows } = await t.asAdmin((admin) => admin.query<{ kept: boolean }>("select r.sealed_key is not null as kept from connect_request r join vault v using (msp_id, vault_ref) where r.msp_id = $1 order by v.address", [mspId]));
  expect(rows.map(({ kept }) => kept)).toEqual([false, true]);
});
