/** The overview against a real database: counts, and no look across tenants. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
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
  const { needs, facts, blind } = await readOverview(ines, clock, t.db);
  expect(facts).toEqual({ vaults: 3, takeChanges: 1, grants: 6, fullAccess: 3, endingSoon: 3, technicians: 1, onLeave: 0 });
  expect(blind).toEqual({ vaults: 3, blind: 2, notBlind: 0, unproven: 1, untried: 0, triedAt: new Date("2026-11-20T13:50:00Z") });
  expect(needs.map(({ kind, count }) => `${kind} ${count}`)).toEqual(["unproven 1", "stuck 2", "full 1", "signers 0", "ending 3"]);
});

test("another tenant's vaults are neither counted nor named", async () => {
  const petronel = await world("Fernhill Managed Services");
  expect((await readOverview(petronel, clock, t.db)).facts.vaults).toBe(3);
});

test("a technician and finance read no overview", async () => {
  const mspId = await t.msp("Third");
  for (const right of ["technician", "finance"]) {
    const actor = personActor({ mspId, personId: crypto.randomUUID(), name: "Sarah Lindqvist", rights: [right] });
    await expect(readOverview(actor, clock, t.db)).rejects.toThrow("forbidden");
    await expect(readBlind(actor, t.db)).rejects.toThrow("forbidden");
  }
});
