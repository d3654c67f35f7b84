/** The overview against a real database: counts, and no look across tenants. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "#prisma/generated/client.ts";
import { auditStrip } from "../audit/strip.ts";
import { manyClients, referencePortfolio, seedPortfolio } from "../billing/testing/portfolio.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { readBlind, readOverview } from "./load.ts";

let t: TestDatabase;
const clock = { now: () => new Date("2026-11-20T14:00:00Z") };
const uid = (n: number) => `uid-${n}`;

async function world(name: string): Promise<Actor> {
  const mspId = await t.msp(name);
  const owner = crypto.randomUUID();
  await t.asAdmin(async (admin) => {
    await admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, 'Ines Halloran', $3, '{owner,technician}')", [mspId, owner, `${owner}@quillmoor.example`]);
    for (const [n, client, health, probe, used] of [[1, "Acme Dental Group", "ok", "blind", 26], [2, "مكتبة النخيل", "failover", "blind", 6], [3, "=Sum Analytics", "silent", "unproven", null]] as const) {
      const [clientId, vaultRef] = [crypto.randomUUID(), crypto.randomUUID()];
      await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, $3, '{}', '{}', 'Team 25')", [mspId, clientId, client]);
      await admin.query(
        `insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, manager_uid, agent_id, granted, sealed_token, connected_at, confirmed_at)
         values ($1, $2, $3, $4, 'connected', 'abcdef', $5, $6, 2, '{}', '\\x00', now(), now())`, [mspId, vaultRef, clientId, `http://127.0.0.1:1/${n}`, `key-${n}`, uid(0)]);
      await admin.query(
        "insert into reading (msp_id, vault_ref, health, tokens_used, tokens_limit, probe_result, probe_at, features, kems, unproven_since) values ($1, $2, $3, $4, 26, $5, '2026-11-20T13:50:00Z', '{}', '{}', $6)",
        [mspId, vaultRef, health, used, probe, probe === "unproven" ? "2026-11-20T10:00:00Z" : null]);
      for (const [k, managedBy, full] of [[1, uid(0), true], [2, uid(0), false], [3, null, false]] as const) {
        await admin.query(
          `insert into known_agent (msp_id, vault_ref, uid, agent_id, name, kind, scopes, all_access, admin, managed_by, created_at, expires_at, locked, hand_over, revision)
           values ($1, $2, $3, $4, 'Priya Raman', 'human', '', $5, false, $6, now(), $7, false, 'sealed', 1)`, [mspId, vaultRef, uid(k), k, full, managedBy, full ? "2026-11-22T00:00:00Z" : null]);
      }
    }
  });
  return personActor({ mspId, personId: owner, name: "Ines Halloran", rights: ["owner"] });
}

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(() => t.close());

test("it counts grants of ours, not the client's own rows, and says who needs whom", async () => {
  const ines = await world("Quillmoor IT");
  const { needs, estate } = await readOverview(ines, clock, t.db);
  expect(estate!.facts).toEqual({ vaults: 3, takeChanges: 1, grants: 6, fullAccess: 3, endingSoon: 3, technicians: 1, onLeave: 0, servedByOne: 3, clocks: 0, log: { completeUntil: null, upToDate: 0, vaults: 3 } });
  expect(estate!.blind).toEqual({ vaults: 3, blind: 2, notBlind: 0, unproven: 1, untried: 0, triedAt: new Date("2026-11-20T13:50:00Z") });
  expect(needs.map(({ kind, count }) => `${kind} ${count}`)).toEqual(["unproven 1", "stuck 2", "full 1", "signers 0", "ending 3"]);
});

test("clients that one person serves are counted by their people, deletion clocks and the log as their own pages have them", async () => {
  const owner = await world("Facts");
  const { mspId } = owner;
  const facts = async () => (await readOverview(owner, clock, t.db)).estate!.facts;
  await t.asAdmin(async (admin) => {
    const { rows } = await admin.query<{ vault_ref: string }>("select vault_ref from vault where msp_id = $1 order by address", [mspId]);
    // A second person at the first client; at the second the other row has ended.
    await admin.query("update known_agent set name = 'Emil Novotný' where msp_id = $1 and vault_ref = $2 and uid = $3", [mspId, rows[0]!.vault_ref, uid(2)]);
    await admin.query("update known_agent set name = 'Emil Novotný', expires_at = '2026-11-20T13:00:00Z' where msp_id = $1 and vault_ref = $2 and uid = $3", [mspId, rows[1]!.vault_ref, uid(2)]);
    for (const [index, state, until] of [[0, "ok", "2026-11-20T13:59:00Z"], [1, "ok", "2026-11-20T13:40:00Z"], [2, "behind", "2026-11-20T09:00:00Z"]] as const) {
      await admin.query("insert into audit_pull (msp_id, vault_ref, state) values ($1, $2, $3) on conflict (msp_id, vault_ref) do update set state = $3", [mspId, rows[index]!.vault_ref, state]);
      await admin.query("insert into audit_stream (msp_id, vault_ref, stream, vault_key, complete_until) values ($1, $2, 'primary', 'key', $3)", [mspId, rows[index]!.vault_ref, until]);
    }
  });
  expect(await facts()).toMatchObject({ servedByOne: 2, endingSoon: 3, clocks: 0, log: { completeUntil: Date.parse("2026-11-20T13:40:00Z"), upToDate: 2, vaults: 3 } });
  const strip = await auditStrip(owner, clock, t.db);
  expect((await facts()).log).toEqual({ completeUntil: strip.completeUntil, upToDate: strip.upToDate, vaults: strip.vaults.length });
  await t.asAdmin((admin) => seedPortfolio(admin, { mspId, today: "2026-11-20", portfolio: referencePortfolio("2026-11-20") }));
  expect((await facts()).clocks).toBe(1);
});

test("another tenant's vaults are neither counted nor named", async () => {
  const petronel = await world("Fernhill Managed Services");
  expect((await readOverview(petronel, clock, t.db)).estate!.facts.vaults).toBe(3);
});

const someone = (mspId: string, ...rights: string[]): Actor => personActor({ mspId, personId: crypto.randomUUID(), name: "Sarah Lindqvist", rights });

test("each right has a form of its own: nobody but finance and owners sees money, nobody else's access is seen by a technician", async () => {
  const { mspId } = await world("Forms");
  await t.asAdmin((admin) => seedPortfolio(admin, { mspId, today: "2026-11-20", portfolio: referencePortfolio("2026-11-20") }));
  const form = async (...rights: string[]) => {
    const { needs, estate, audit, money, mine } = await readOverview(someone(mspId, ...rights), clock, t.db);
    return { needs: needs.map(({ kind }) => kind.split(" ")[0]!), parts: [estate && "estate", audit && "audit", money && "money", mine && "mine"].filter(Boolean), deeds: new Set(needs.map(({ deed }) => deed)), words: needs.map(({ sentence }) => sentence).join(" ") };
  };
  const [owner, auditor, finance, technician, both] = [await form("owner"), await form("auditor"), await form("finance"), await form("technician"), await form("technician", "finance")];
  expect(owner.parts).toEqual(["estate", "audit", "money"]);
  expect(owner.needs).toEqual(expect.arrayContaining(["clock", "unproven", "stuck", "full", "renewals"]));
  expect(auditor.parts).toEqual(["estate", "audit"]);
  expect(auditor.deeds).toEqual(new Set(["Look"]));
  expect(auditor.needs).toContain("clock");
  expect(auditor.words).not.toMatch(/USD/);
  expect([finance.parts, finance.needs]).toEqual([["money"], ["clock", "renewals"]]);
  expect(finance.words).toMatch(/Wexcombe Grain owes USD 219, 22 days past due\. Suspended on 28 November 2026, deleted for good on 5 December 2026\./);
  expect([technician.parts, technician.needs]).toEqual([["mine"], ["own_key"]]);
  expect(both.parts).toEqual(["money", "mine"]);
});

test("a technician reads their own rows with the roles by name, and of a row that ended or was locked not that it reaches something", async () => {
  const { mspId, id } = await world("Mine");
  await t.asAdmin(async (admin) => {
    const { rows } = await admin.query<{ vault_ref: string }>("select vault_ref from vault where msp_id = $1 order by address", [mspId]);
    const role = crypto.randomUUID();
    await admin.query("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, 'Networking', 'N', 1)", [mspId, role]);
    await admin.query("insert into role_scope (msp_id, vault_ref, role_id, scope, origin) values ($1, $2, $3, '0010', 'person')", [mspId, rows[0]!.vault_ref, role]);
    await admin.query("update known_agent set person_id = $2, scopes = '0010,0042' where msp_id = $1 and vault_ref = $3 and uid = $4", [mspId, id, rows[0]!.vault_ref, uid(2)]);
    await admin.query("update known_agent set person_id = $2, expires_at = '2026-11-19T00:00:00Z' where msp_id = $1 and vault_ref = $3 and uid = $4", [mspId, id, rows[1]!.vault_ref, uid(2)]);
    await admin.query("update known_agent set person_id = $2, locked = true where msp_id = $1 and vault_ref = $3 and uid = $4", [mspId, id, rows[2]!.vault_ref, uid(1)]);
  });
  const self = personActor({ mspId, personId: id, name: "Ines Halloran", rights: ["technician"] });
  const { mine } = await readOverview(self, clock, t.db);
  expect(mine!.map(({ client, access, live }) => [client, access, live])).toEqual(expect.arrayContaining([["Acme Dental Group", "Networking and the number 0042", true], ["مكتبة النخيل", "No role", false], ["=Sum Analytics", "Everything", false]]));
});

test("a plan that waits, a removal that is not proven and reads that were refused lead to the door that answers them", async () => {
  const owner = await world("Work");
  const { mspId, id } = owner;
  const [plan, board] = [crypto.randomUUID(), crypto.randomUUID()];
  await t.asAdmin(async (admin) => {
    const { rows } = await admin.query<{ vault_ref: string; client_id: string }>("select vault_ref, client_id from vault where msp_id = $1 order by address", [mspId]);
    await admin.query("insert into plan (msp_id, plan_id, kind, title, frozen, digest, made_by, made_at, not_after, grants, alters, revokes, vault_count, left_out) values ($1, $2, 'change', 'Jim works like Sarah', '{}', $3, $4, '2026-11-20T13:40:00Z', '2026-11-21T13:40:00Z', 38, 4, 5, 44, '[]')", [mspId, plan, Buffer.alloc(32), id]);
    await admin.query("insert into revocation (msp_id, revocation_id, cause, name, opened_by, opened_at) values ($1, $2, 'leaver', 'John Meier', $3, '2026-11-20T13:19:00Z')", [mspId, board, id]);
    for (const [index, { vault_ref }] of rows.entries()) await admin.query("insert into revocation_row (msp_id, revocation_id, vault_ref, uid, agent_id, name, scopes, all_access, own, absent_at, absent_epoch, absent_revision, evidence) values ($1, $2, $3, $4, 9, 'John Meier', '', true, false, $5::timestamptz, case when $5::timestamptz is not null then 1 end, case when $5::timestamptz is not null then 7 end, case when $5::timestamptz is not null then '{}'::jsonb end)", [mspId, board, vault_ref, uid(40 + index), index === 0 ? "2026-11-20T13:30:00Z" : null]);
    for (let seq = 1; seq <= 3; seq += 1) {
      await admin.query(
        "insert into audit_event (msp_id, received_at, event_id, at, skewed, vault_ref, client_id, stream, epoch, branch, seq, vault_at, actor_kind, agent_id, actor_name, action, outcome, detail_hash, prev, hash) values ($1, '2026-11-20T12:00:00Z', $2, '2026-11-20T12:00:00Z', false, $3, $4, 'primary', 1, 0, $5, 0, 'agent', 7, 'Emil Novotný', 'entry.read', $6, $7, $7, $7)",
        [mspId, crypto.randomUUID(), rows[0]!.vault_ref, rows[0]!.client_id, seq, seq < 3 ? "denied" : "success", Buffer.alloc(32)]);
    }
  });
  const { needs, audit } = await readOverview(owner, clock, t.db);
  const of = (kind: string) => needs.find((need) => need.kind === kind);
  expect(of("plans")).toMatchObject({ count: 1, what: "plan waits for your tap", sentence: "“Jim works like Sarah” (+38 −5 ~4, 44 vaults) from Ines Halloran.", href: `/plans/${plan}`, deed: "Review" });
  expect(of("revokes")).toMatchObject({ count: 2, href: `/revocations/${board}`, deed: "Open the board", state: "refused" });
  expect(of("revokes")!.sentence).toMatch(/^John Meier may still read at .*\. 1 of 3 tokens are done\.$/);
  expect(of("refused")).toMatchObject({ count: 2, sentence: "To Emil Novotný at Acme Dental Group.", href: "/audit?q=outcome%3Adenied%20since%3A24h" });
  expect(audit).toEqual({ clients: [{ id: expect.any(String), name: "Acme Dental Group", events: 3, refused: 2 }], others: { clients: 0, events: 0, refused: 0 } });
  await t.asAdmin((admin) => admin.query("update plan set withdrawn_at = now(), withdrawn_by = made_by where plan_id = $1", [plan]));
  expect((await readOverview(owner, clock, t.db)).needs.some(({ kind }) => kind === "plans")).toBe(false);
});

test("a thousand clients cost as many questions as three, and no more than thirty", async () => {
  const [few, many] = [await world("Few"), await world("Many")];
  await t.asAdmin((admin) => seedPortfolio(admin, { mspId: many.mspId, today: "2026-11-20", portfolio: manyClients(1_000, "2026-11-20") }));
  let asked = 0;
  const counting = new PrismaClient({ adapter: new PrismaPg({ connectionString: t.urls.app, max: 2 }), log: [{ emit: "event", level: "query" }] });
  counting.$on("query", () => void (asked += 1));
  const count = async (actor: Actor) => {
    asked = 0;
    const overview = await readOverview(actor, clock, counting);
    return { asked, vaults: overview.estate!.vaults.length };
  };
  const [small, large] = [await count(few), await count(many)];
  await counting.$disconnect();
  expect([small.vaults, large.vaults]).toEqual([3, 1_003]);
  expect(large.asked).toBe(small.asked);
  expect(small.asked).toBeGreaterThan(5);
  expect(large.asked).toBeLessThanOrEqual(30);
});

test("the foot of the navigation is for whoever sees clients", async () => {
  const mspId = await t.msp("Third");
  for (const right of ["technician", "finance"]) await expect(readBlind(someone(mspId, right), t.db)).rejects.toThrow("forbidden");
});
