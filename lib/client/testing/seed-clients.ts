/**
 * Clients as they come, for tests: sixty letters, right to left, a name that a spreadsheet would run, two of one name, no free
 * token, failover, silence, a lie, an end, a drift. The vaults are rows only, except that what each "signed" is signed by its key.
 */
import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from "node:crypto";
import type pg from "pg";
import { uuid7 } from "../../id.ts";
import { b64u } from "../../protocol/bytes.ts";
import type { AgentRow, Grant, Statement } from "../../protocol/messages.ts";
import { signedMessage } from "../../protocol/signed.ts";

export type SeededRow = { name: string; scopes?: string; full?: boolean; days?: number; until?: number | null; used?: number | null; own?: "owner" | "program"; person?: string; locked?: boolean; hash?: boolean };
export type SeededVault = {
  state?: "asking" | "unconfirmed" | "connected" | "stopped" | "ended"; health?: "unread" | "ok" | "failover" | "lapsed" | "ended" | "silent" | "lying"; words?: string; tokens?: [used: number, limit: number | null]; rows?: SeededRow[];
  probe?: "blind" | "not_blind" | "unproven" | null; unprovenHours?: number; endedBy?: "msp" | "client"; stoppedWords?: string; drift?: "removed" | "appeared" | "altered"; statement?: boolean;
};
export type SeededClient = { name: string; aliases?: string[]; tags?: string[]; region?: string; contact?: [name: string, phone: string, mail: string]; plan?: string; payer?: "msp" | "client"; vaults?: SeededVault[] };

export const grantOfSeed: Grant = { scopes: ["0010", "0011", "0012", "0013"], all_access: "leased", max_lease: 604_800, max_agents: 8, entries: false, cosign: 1, signer_delay: 86_400, audit: "own" };
const day = 86_400_000;
const uid = () => b64u(new Uint8Array(createHash("sha256").update(randomUUID()).digest().subarray(0, 16)));

export const uglyClients: readonly SeededClient[] = [
  {
    name: "Harbour Street Clinic", aliases: ["Leith"], tags: ["health", "pod-a"], region: "Edinburgh", contact: ["Rowan Petrie", "+44 131 496 0042", "rowan@harbour.example"], plan: "team-10",
    vaults: [{
      tokens: [9, 11], drift: "altered", statement: true,
      rows: [
        { name: "Sarah Lindqvist", scopes: "0010,0011", days: 660, used: 0.01 }, { name: "Priya Raman", full: true, days: 660, used: 1 }, { name: "Tomás Ferreira", scopes: "0012", days: 628, used: 0.25 }, { name: "Aoife Brennan", scopes: "0011", days: 628, used: 2 },
        { name: "Emil Novotný", scopes: "0011", days: 12, until: 2, used: 0.04 }, { name: "Guðrún Jónsdóttir", scopes: "0011,0042", days: 163, used: 64, hash: true },
        { name: "IT admin, Rowan Petrie", own: "owner", days: 660, used: 3 }, { name: "Deploy CI", own: "program", scopes: "0005", days: 640, used: 0.003 },
      ],
    }],
  },
  { name: "Harbour Street Clinic", aliases: ["Cork"], tags: ["health"], region: "Cork", plan: "team-10", vaults: [{ tokens: [7, 11], health: "failover", rows: [{ name: "Sarah Lindqvist", scopes: "0010", days: 40, used: 9 }] }] },
  { name: "Municipal Waterworks Cooperative of the Lower Ostrander Vale", tags: ["public", "works"], plan: "team-100", vaults: [{ tokens: [52, 101], rows: [{ name: "Priya Raman", scopes: "0010", days: 100, used: 70 }] }] },
  { name: "مكتبة النخيل", tags: ["craft"], region: "Amman", plan: "team-10", vaults: [{ tokens: [6, 11], health: "silent", words: "The vault did not answer within ten seconds.", probe: "unproven", unprovenHours: 5 }] },
  { name: "=Sum Analytics", tags: ["craft"], plan: "team-25", vaults: [{ tokens: [11, 26], health: "lying", words: "Its revision went back from 4,120 to 4,101 without a new epoch.", probe: "not_blind" }] },
  { name: "Acme Dental Group", tags: ["health", "pod-a"], plan: "team-25", vaults: [{ tokens: [26, 26], drift: "appeared", rows: [{ name: "Nobody We Know", scopes: "0013", days: 3, used: 0.5 }, ...Array.from({ length: 23 }, (_, index) => ({ name: `Technician ${index + 1}`, scopes: "0010,0011,0012,0013", days: 90 + index, used: index }))] }] },
  { name: "Ångström Precision AB", tags: ["north"], plan: "team-10", vaults: [{ state: "unconfirmed", tokens: [7, 11] }] },
  { name: "Château Vermeil Hôtels", tags: ["north"], plan: "team-25", vaults: [{ state: "asking" }] },
  { name: "Redcastle Broadcasting", tags: ["north"], plan: "team-25", vaults: [{ health: "lapsed", tokens: [18, 26] }] },
  { name: "Oakmere Credit Union", tags: ["health"], plan: "team-25", payer: "client", vaults: [{ state: "ended", endedBy: "client", health: "ended", tokens: [21, 26] }] },
  { name: "Calloway Freight", tags: ["works"], plan: "team-25", vaults: [{ state: "stopped", stoppedWords: "It answered under another key than the one that was confirmed.", health: "lying", tokens: [15, 26] }] },
  { name: "Umber Street Studios", tags: ["north"], plan: "team-10", vaults: [] },
  { name: "Halden Biotech Group", tags: ["north", "two-vaults"], plan: "enterprise", vaults: [{ tokens: [140, null] }, { state: "connected", health: "unread", probe: null }] },
];

/** Writes them with an administrator's hand. @returns ids in the given order, and each vault's reference and key */
export async function seedClients(client: pg.Client, { mspId, personId, clients = uglyClients, now = new Date() }: { mspId: string; personId: string; clients?: readonly SeededClient[]; now?: Date }): Promise<{ clientId: string; vaults: { ref: string; key: string; privateKey: KeyObject }[] }[]> {
  const at = (days: number) => new Date(now.getTime() - days * day);
  const sql = (text: string, values: unknown[]) => client.query(text, values);
  const roles = [["Networking", "N", "0010"], ["Monitoring", "M", "0011"], ["Backup", "B", "0012"], ["Servers", "S", "0013"]] as const;
  const roleIds: string[] = [];
  for (const [position, [name, letter]] of roles.entries()) {
    const roleId = uuid7();
    roleIds.push(roleId);
    await sql("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, $3, $4, $5)", [mspId, roleId, name, letter, position]);
  }
  const made = [];
  for (const [index, one] of clients.entries()) {
    const clientId = uuid7();
    const [contactName, contactPhone, contactMail] = one.contact ?? ["", "", ""];
    await sql("insert into client (msp_id, client_id, name, aliases, tags, region, contact_name, contact_phone, contact_mail, plan, payer, created_at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)", [mspId, clientId, one.name, one.aliases ?? [], one.tags ?? [], one.region ?? "", contactName, contactPhone, contactMail, one.plan ?? "team-10", one.payer ?? "msp", at(660)]);
    const vaults = [];
    for (const [place, vault] of (one.vaults ?? []).entries()) {
      const ref = uuid7();
      const { privateKey, publicKey } = generateKeyPairSync("ed25519");
      const key = (publicKey.export({ format: "jwk" }) as { x: string }).x;
      const { state = "connected", health = "ok", rows = [], probe = "blind" } = vault;
      const managerUid = uid();
      const vaultId = `v${index.toString(36)}${place}${key.slice(0, 3)}`.slice(0, 6);
      const far = state === "asking";
      await sql(
        `insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, vault_name, agent_id, manager_uid, sealed_token, granted, created_at, connected_at, confirmed_at, stopped_at, stopped_words, ended_at, ended_by)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)`,
        [mspId, ref, clientId, `http://vault.localhost:9/${index}-${place}-${randomUUID().slice(0, 8)}`, state, far ? null : vaultId, far ? null : key, far ? null : one.name, far ? null : 3, far ? null : managerUid, far || state === "ended" ? null : Buffer.from("sealed"), far ? null : JSON.stringify(grantOfSeed), at(660), far ? null : at(659), far || state === "unconfirmed" ? null : at(659), state === "stopped" ? at(1) : null, vault.stoppedWords ?? null, state === "ended" ? at(2) : null, state === "ended" ? (vault.endedBy ?? "client") : null],
      );
      vaults.push({ ref, key, privateKey });
      if (far) {
        await sql("insert into connect_request (msp_id, request_id, vault_ref, nonce, request, request_hash, made_by, created_at, expires_at) values ($1,$2,$3,$4,'{}',$5,$6,$7,$8)", [mspId, uuid7(), ref, Buffer.from(randomUUID().replaceAll("-", "")), Buffer.alloc(32, index), personId, at(2), at(-5)]);
        continue;
      }
      const read = health === "unread" ? null : at(health === "silent" ? 0.05 : 0.0002);
      await sql(
        `insert into reading (msp_id, vault_ref, read_at, health, health_since, words, mode, epoch, revision, replicated_revision, tokens_used, tokens_limit, devices_used, devices_limit, features, kems, probe_result, probe_at, unproven_since, next_read_at, next_probe_at)
         values ($1,$2,$3,$4,$5,$6,$7,1,4120,4120,$8,$9,4,100,'{}','{}',$10,$11,$12,'9999-01-01','9999-01-01')`,
        [mspId, ref, read, health, at(0.05), vault.words ?? null, health === "failover" ? "backup" : "primary", vault.tokens?.[0] ?? null, vault.tokens?.[1] ?? null, probe, probe === null ? null : at(0.01), vault.unprovenHours ? new Date(now.getTime() - vault.unprovenHours * 3_600_000) : null],
      );
      if (probe !== null) for (let hour = 0; hour < 24; hour++) await sql("insert into probe (msp_id, vault_ref, at, result) values ($1,$2,$3,$4)", [mspId, ref, new Date(now.getTime() - hour * 3_600_000 - 600_000), hour < 3 ? probe : "blind"]);
      for (const [position, roleId] of roleIds.entries()) await sql("insert into role_scope (msp_id, vault_ref, role_id, scope, origin) values ($1,$2,$3,$4,'client')", [mspId, ref, roleId, roles[position]![2]]);
      for (const [scope, entries] of [["0010", 14], ["0011", 9], ["0012", 3], ["0042", 2]] as const) await sql("insert into known_scope (msp_id, vault_ref, scope, entries, name) values ($1,$2,$3,$4,$5)", [mspId, ref, scope, entries, scope === "0042" ? "Old servers" : null]);
      const known: AgentRow[] = [{ id: 3, uid: managerUid, scope: "0003", name: "Quillmoor IT", kind: "human", scopes: "", all_access: false, admin: true, managed_by: null, created_at: seconds(at(659)), expires_at: null, claim_by: null, last_used_at: seconds(at(0.001)), limits: null, locked: false, hand_over: "sealed", sealed_to: null, revision: 3 }];
      for (const [place2, row] of rows.entries()) {
        known.push({
          id: 16 + place2, uid: uid(), scope: (16 + place2).toString(16).padStart(4, "0"), name: row.name, kind: row.own === "program" ? "agent" : "human", scopes: row.scopes ?? "", all_access: row.full === true || row.own === "owner", admin: row.own === "owner", managed_by: row.own ? null : managerUid,
          created_at: seconds(at(row.days ?? 100)), expires_at: row.until ? seconds(at(-row.until)) : null, claim_by: null, last_used_at: row.used === null || row.used === undefined ? null : seconds(at(row.used)), limits: null, locked: row.locked ?? false, hand_over: row.hash ? "hash" : "sealed", sealed_to: null, revision: 20 + place2,
        });
      }
      for (const row of known) {
        await sql("insert into known_agent (msp_id, vault_ref, uid, agent_id, name, kind, scopes, all_access, admin, managed_by, created_at, expires_at, last_used_at, locked, hand_over, sealed_to, revision, person_id) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,to_timestamp($11),to_timestamp($12),to_timestamp($13),$14,$15,$16,$17,$18)", [mspId, ref, row.uid, row.id, row.name, row.kind, row.scopes, row.all_access, row.admin, row.managed_by, row.created_at, row.expires_at, row.last_used_at, row.locked, row.hand_over, row.sealed_to, row.revision, row.managed_by && row.name !== "Nobody We Know" ? personId : null]);
      }
      const ours = known.filter((row) => row.managed_by === managerUid);
      if (vault.drift) {
        const [row] = ours;
        const side = row ? { name: row.name, scopes: row.scopes, all_access: row.all_access, expires_at: row.expires_at } : { name: "John Meier", scopes: "0010", all_access: false, expires_at: null };
        await sql("insert into drift (msp_id, drift_id, vault_ref, uid, kind, before, after, seen_at) values ($1,$2,$3,$4,$5,$6,$7,$8)", [mspId, uuid7(), ref, row?.uid ?? uid(), vault.drift, vault.drift === "appeared" ? null : JSON.stringify({ ...side, scopes: "0011" }), vault.drift === "removed" ? null : JSON.stringify(side), at(0.1)]);
      }
      if (vault.statement) {
        const signed = signStatement(privateKey, { agents: ours, at: seconds(at(0.0003)), epoch: 1, grant: grantOfSeed, manager: managerUid, revision: 4120, vault: vaultId, v: 1 });
        await sql("insert into vault_statement (msp_id, vault_ref, statement, signature, fetched_at) values ($1,$2,$3,$4,$5)", [mspId, ref, JSON.stringify(signed.statement), signed.signature, at(0.0003)]);
      }
    }
    made.push({ clientId, vaults });
  }
  return made;
}

const seconds = (at: Date) => Math.floor(at.getTime() / 1000);

/** As a vault signs its word (PROTOCOL 3). */
export const signStatement = (privateKey: KeyObject, statement: Statement): { statement: Statement; signature: string } => ({ statement, signature: b64u(new Uint8Array(sign(null, signedMessage("statement", statement), privateKey))) });
