/**
 * A portfolio that breaks things, straight into the tables as a reading would leave it: names of 60 letters, of two directions
 * and of formulas, two clients of one name, one at its limit, silent, never read, changed by its own admin, ended.
 */
import type { TestDatabase } from "../../../tests/database.ts";
import { personActor, type Actor } from "../../identity/actor.ts";

export type Row = { name: string; scopes?: string; full?: boolean; id?: number; person?: string; by?: "us" | "client" | "manager"; usedDaysAgo?: number | null; ends?: string | null };
export type Place = {
  name: string; alias?: string; plan?: string; state?: string; health?: string; read?: boolean; granted?: unknown;
  /** Role name → number, as agreed. */
  numbers?: Record<string, string>;
  /** Number → entries and the client's name for it. */
  scopes?: Record<string, [entries: number, name: string | null]>;
  rows?: Row[];
};

export type Portfolio = { mspId: string; people: Map<string, Actor>; vaults: Map<string, string>; roles: Map<string, string> };

export const longName = "Bartholomew Fitzgerald-Featherstonehaugh of Upper Wychwood Vale";
export const rtlName = "نور الحسيني";

export const people: readonly { name: string; rights: string[]; frozen?: true }[] = [
  { name: "Ines Halloran", rights: ["owner"] },
  { name: "Tess Quigley", rights: ["auditor"] },
  { name: "Oskar Lund", rights: ["finance"] },
  { name: "Sarah Lindqvist", rights: ["technician"] },
  { name: "John Meier", rights: ["technician"], frozen: true },
  { name: longName, rights: ["technician"] },
  { name: rtlName, rights: ["technician"] },
  // Works elsewhere now; a row was left behind.
  { name: "Gone Lightly", rights: ["finance"] },
];

export const places: readonly Place[] = [
  {
    name: "Harbour Street Clinic", alias: "Leith", numbers: { Networking: "0010", Monitoring: "0011", Backup: "0012" },
    scopes: { "0010": [4, "Networking"], "0011": [9, "monitoring"], "0012": [2, null], "0005": [1, null] },
    rows: [
      { name: "Sarah Lindqvist", scopes: "0010,0011", person: "Sarah Lindqvist", usedDaysAgo: 1 },
      { name: "John Meier", scopes: "0011", person: "John Meier", usedDaysAgo: 90 },
      { name: longName, full: true, person: longName, usedDaysAgo: null },
      { name: rtlName, scopes: "0010,0011,0012", person: rtlName, usedDaysAgo: 3, ends: "2026-12-01" },
      { name: "Deploy CI", id: 5, scopes: "0005", by: "client", usedDaysAgo: 0 },
    ],
  },
  // The same name in another town; its numbers are its own, and one of them is a row's id.
  { name: "Harbour Street Clinic", alias: "Cork", numbers: { Networking: "0123", Backup: "0007" }, scopes: { "0123": [3, "Networking"], "0007": [1, null] }, rows: [{ name: "Printer bot", id: 7, scopes: "0007", by: "client" }, { name: "J. Meier", scopes: "0123", usedDaysAgo: 200 }] },
  // Changed by its own admin: another name, a number gone, somebody given a number that no role has.
  { name: "=HYPERLINK(\"http://evil.example\")", numbers: { Networking: "0010", Monitoring: "0011" }, scopes: { "0010": [2, "Firewalls"], "0042": [6, "Payroll"] }, rows: [{ name: "Sarah Lindqvist", scopes: "0010,0042", person: "Sarah Lindqvist", usedDaysAgo: 70 }] },
  { name: "مكتبة النخيل", plan: "team-25", granted: ["0010"], numbers: { Networking: "0010", Monitoring: "0011" }, scopes: { "0010": [1, null], "0011": [2, null] }, rows: [{ name: "Gone Lightly", scopes: "0010", person: "Gone Lightly", usedDaysAgo: 10 }] },
  // Nothing noted yet: the client's own names and the usual number suggest.
  { name: "Łąka Ogrody Sp. z o.o.", numbers: {}, scopes: { "0010": [5, null], "0040": [3, "MONITORING"] }, rows: [{ name: "jmeier", scopes: "0040", usedDaysAgo: 2 }] },
  { name: "Maplewick Insurance Brokers and Underwriting Partners LLP 1884", state: "unconfirmed", health: "silent", read: false, numbers: { Networking: "0010" } },
  { name: "Ended Long Ago", state: "ended", numbers: { Networking: "0010" }, scopes: { "0010": [0, "Nothing"] }, rows: [{ name: "Sarah Lindqvist", scopes: "0010", person: "Sarah Lindqvist" }] },
];

type Query = (text: string, values: unknown[]) => Promise<unknown>;

/** A tenant of its own, filled. */
export async function makePortfolio(t: TestDatabase, { organisation = "Quillmoor IT", given = places }: { organisation?: string; given?: readonly Place[] } = {}): Promise<Portfolio> {
  const mspId = await t.msp(organisation);
  return t.asAdmin((admin) => fillPortfolio((text, values) => admin.query(text, values), mspId, given));
}

/** Fills a tenant that is there. `query` has an administrator's rights. */
export async function fillPortfolio(query: Query, mspId: string, given: readonly Place[] = places): Promise<Portfolio> {
  const made: Portfolio = { mspId, people: new Map(), vaults: new Map(), roles: new Map() };
  for (const person of people) {
    const [personId, sessionId] = [crypto.randomUUID(), crypto.randomUUID()];
    await query("insert into person (msp_id, person_id, name, email, rights, frozen_at) values ($1, $2, $3, $4, $5, $6)", [mspId, personId, person.name, `${personId}@quillmoor.example`, person.rights, person.frozen ? new Date() : null]);
    await query("insert into session (msp_id, session_id, person_id, credential_id, expires_at, agent, address) values ($1, $2, $3, '\\x00', now() + interval '12 hours', 'Chrome', '127.0.0.1')", [mspId, sessionId, personId]);
    made.people.set(person.name, personActor({ mspId, personId, name: person.name, rights: person.rights }, sessionId));
  }
  for (const [position, [name, letter]] of [["Networking", "N"], ["Monitoring", "M"], ["Backup", "B"]].entries()) {
    const roleId = crypto.randomUUID();
    await query("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, $3, $4, $5)", [mspId, roleId, name, letter, position]);
    made.roles.set(name!, roleId);
  }
  for (const [index, place] of given.entries()) {
    const [clientId, vaultRef] = [crypto.randomUUID(), crypto.randomUUID()];
    const state = place.state ?? "connected";
    made.vaults.set(place.alias ?? place.name, vaultRef);
    await query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, $3, $4, '{}', $5)", [mspId, clientId, place.name, place.alias ? [place.alias] : [], place.plan ?? "team-10"]);
    await query(
      `insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, vault_name, agent_id, manager_uid, sealed_token, granted, confirmed_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 3, 'manager', '\\x00', $9, now())`,
      [mspId, vaultRef, clientId, `https://v${index}.example`, state, `vault${index}`, `key-${vaultRef}`, place.name, JSON.stringify({ scopes: place.granted ?? "any" })]);
    await query("insert into reading (msp_id, vault_ref, read_at, health, features, kems) values ($1, $2, $3, $4, '{}', '{}')", [mspId, vaultRef, place.read === false ? null : new Date(), place.health ?? "ok"]);
    for (const [role, scope] of Object.entries(place.numbers ?? {})) await query("insert into role_scope (msp_id, vault_ref, role_id, scope, origin) values ($1, $2, $3, $4, 'client')", [mspId, vaultRef, made.roles.get(role), scope]);
    for (const [scope, [entries, name]] of Object.entries(place.scopes ?? {})) await query("insert into known_scope (msp_id, vault_ref, scope, entries, name) values ($1, $2, $3, $4, $5)", [mspId, vaultRef, scope, entries, name]);
    const manager: Row = { name: "Quillmoor IT", id: 3, by: "manager" };
    for (const [at, row] of [manager, ...(place.rows ?? [])].entries()) {
      const used = row.usedDaysAgo == null ? null : new Date(Date.now() - row.usedDaysAgo * 86_400_000);
      await query(
        `insert into known_agent (msp_id, vault_ref, uid, agent_id, name, kind, scopes, all_access, admin, managed_by, created_at, expires_at, last_used_at, locked, hand_over, revision, person_id)
         values ($1, $2, $3, $4, $5, 'human', $6, $7, $8, $9, '2026-01-20T09:00:00Z', $10, $11, false, 'sealed', 1, $12)`,
        [mspId, vaultRef, row.by === "manager" ? "manager" : `${place.alias ?? place.name}/${row.name}`, row.id ?? 100 + at, row.name, row.scopes ?? "", row.full ?? false, row.by === "manager", row.by === "client" ? "owner" : row.by === "manager" ? "owner" : "manager", row.ends ?? null, used, row.person ? made.people.get(row.person)!.id : null]);
    }
  }
  return made;
}
