/** Rows of a whole organisation in a test's database: people, clients, vaults, dictionary, readings, agents. Plain SQL with the owner's hand. */
import type pg from "pg";
import { columnOf, flag, FULL, isHeld, rolesIn, rowOf, unusedSteps, type Facts } from "../facts.ts";

export type Planted = { vaultRefs: string[]; managerUid: string };
const uid = (text: string) => Buffer.from(text.padStart(16, "0").slice(-16)).toString("base64url");

/** Plants made-up facts as the rows that they would come from. People and roles keep their ids; vaults get new references. */
export async function plant(admin: pg.Client, mspId: string, facts: Facts): Promise<Planted> {
  const managerUid = uid("manager");
  const now = new Date(facts.at);
  const scopeOf = (bit: number) => (0x10 + bit).toString(16).padStart(4, "0");
  await admin.query("insert into pod (msp_id, pod_id, name, position) select $1, * from unnest($2::uuid[], $3::text[], $4::int[])", [mspId, facts.pods.map((pod) => pod.id), facts.pods.map((pod) => pod.name), facts.pods.map((_, at) => at)]);
  await admin.query("insert into person (msp_id, person_id, name, email, rights) select $1, id, name, id || '@quillmoor.example', '{technician}' from unnest($2::uuid[], $3::text[]) as t (id, name)", [mspId, facts.people.map((one) => one.id), facts.people.map((one) => one.name)]);
  await admin.query("insert into technician (msp_id, person_id, pod_id, tags, leave_from, leave_until) select $1, id, pod, '{}', case when leave is not null then date '2026-11-01' end, nullif(leave, '')::date from unnest($2::uuid[], $3::uuid[], $4::text[]) as t (id, pod, leave)",
    [mspId, facts.people.map((one) => one.id), facts.people.map((one) => (one.pod < 0 ? null : facts.pods[one.pod]!.id)), facts.people.map((one) => one.leave)]);
  await plantInboxKeys(admin, mspId, facts);
  await admin.query("insert into role (msp_id, role_id, name, letter, position) select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::int[])", [mspId, facts.roles.map((role) => role.id), facts.roles.map((role) => role.name), facts.roles.map((role) => role.letter), facts.roles.map((_, at) => at)]);
  const vaultRefs = facts.rows.map(() => crypto.randomUUID());
  const clientIds = new Map(facts.rows.map((row) => [row.client, crypto.randomUUID()]));
  const firsts = [...new Map(facts.rows.map((row) => [row.client, row])).values()];
  await admin.query("insert into client (msp_id, client_id, name, aliases, tags, region, plan) select $1, id, name, array_remove(string_to_array(aliases, E'\\n'), ''), array_remove(string_to_array(tags, E'\\n'), ''), region, plan from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as t (id, name, aliases, tags, region, plan)",
    [mspId, firsts.map((row) => clientIds.get(row.client)!), firsts.map((row) => row.name), firsts.map((row) => row.aliases.join("\n")), firsts.map((row) => row.tags.join("\n")), firsts.map((row) => row.place), firsts.map((row) => row.plan)]);
  const grants = facts.rows.map((row) => JSON.stringify({ scopes: rolesIn(facts, row.granted).map((role) => scopeOf(facts.roles.indexOf(role))), all_access: row.fullAccess, max_lease: null, ...(row.grantFree === null ? {} : { max_agents: row.grantFree }), entries: false, cosign: 1, signer_delay: 0, audit: "own" }));
  await admin.query("insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, vault_name, agent_id, manager_uid, granted, sealed_token, connected_at, confirmed_at) select $1, ref, client, 'https://vault.example/' || ref, state, left(ref::text, 6), ref::text, nullif(name, ''), 2, $2, given::jsonb, '\\x00', now(), now() from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[]) as t (ref, client, state, name, given)",
    [mspId, managerUid, vaultRefs, facts.rows.map((row) => clientIds.get(row.client)!), facts.rows.map((row) => (row.health === "stopped" || row.health === "unconfirmed" ? row.health : "connected")), facts.rows.map((row) => row.vault), grants]);
  await admin.query("insert into reading (msp_id, vault_ref, read_at, health, features, kems, tokens_used, tokens_limit) select $1, ref, $2::timestamptz - make_interval(mins => coalesce(age, 0)), health, '{}', '{}', used, most from unnest($3::uuid[], $4::int[], $5::text[], $6::int[], $7::int[]) as t (ref, age, health, used, most)",
    [mspId, now, vaultRefs, facts.rows.map((row) => row.age), facts.rows.map((row) => (row.health === "stopped" || row.health === "unconfirmed" ? "ok" : row.health)), facts.rows.map((row) => row.tokensUsed), facts.rows.map((row) => row.tokensLimit)]);
  const scopes = facts.rows.flatMap((row, at) => facts.roles.flatMap((role, bit) => (row.numbered & (1 << bit) ? [{ ref: vaultRefs[at]!, role: role.id, scope: scopeOf(bit) }] : [])));
  await admin.query("insert into role_scope (msp_id, vault_ref, role_id, scope, origin) select $1, ref, role, scope, 'client' from unnest($2::uuid[], $3::uuid[], $4::text[]) as t (ref, role, scope)", [mspId, scopes.map((one) => one.ref), scopes.map((one) => one.role), scopes.map((one) => one.scope)]);

  type Agent = { ref: string; uid: string; name: string; scopes: string; full: boolean; mine: boolean; end: Date | null; used: Date | null; created: Date; person: string | null };
  const agents: Agent[] = [];
  const drifts: { ref: string; uid: string; kind: string; before: unknown }[] = [];
  const { cells } = facts;
  for (let cell = 0; cell < cells.access.length; cell += 1) {
    const access = cells.access[cell]!;
    if (!isHeld(access)) continue;
    const [row, person, flags] = [rowOf(facts, cell), facts.people[columnOf(facts, cell)]!, cells.flags[cell]!];
    const scopes = rolesIn(facts, access).map((role) => scopeOf(facts.roles.indexOf(role))).join(",");
    const days = unusedSteps[cells.unused[cell]!]! + 0.3;
    const used = flags & flag.neverUsed ? null : new Date(facts.at - days * 86_400_000);
    const agent = { ref: vaultRefs[row]!, uid: uid(`a${cell}`), name: person.name, scopes, full: (access & FULL) !== 0, mine: (flags & flag.own) === 0, end: cells.end[cell]! > 0 ? new Date(cells.end[cell]! * 60_000) : null, used, created: new Date(facts.at - (used ? 400 : days) * 86_400_000), person: person.id };
    if (flags & flag.gone) {
      drifts.push({ ref: agent.ref, uid: agent.uid, kind: "removed", before: { name: person.name, scopes, all_access: agent.full, expires_at: null } });
      continue;
    }
    agents.push(agent);
    const lease = cells.leases.get(cell);
    if (lease) agents.push({ ...agent, uid: uid(`l${cell}`), scopes: rolesIn(facts, lease.access).map((role) => scopeOf(facts.roles.indexOf(role))).join(","), end: new Date(lease.end * 60_000) });
  }
  facts.rows.forEach((row, at) => {
    const none = { ref: vaultRefs[at]!, scopes: "", full: false, end: null, used: now, created: now, person: null };
    const owned = facts.people.filter((_, column) => cells.flags[at * facts.people.length + column]! & flag.own).length;
    for (let n = 0; n < row.own - owned; n += 1) agents.push({ ...none, uid: uid(`o${at} ${n}`), name: `Their ${n}`, mine: false });
    for (let n = 0; n < row.loose; n += 1) agents.push({ ...none, uid: uid(`s${at} ${n}`), name: `Somebody ${n}`, mine: true });
  });
  await admin.query(`insert into known_agent (msp_id, vault_ref, uid, agent_id, name, kind, scopes, all_access, admin, managed_by, created_at, expires_at, last_used_at, locked, hand_over, revision, person_id)
    select $1, ref, uid, 2, name, 'human', scopes, is_full, false, case when mine then $2 else 'owner' end, created, ends, used, false, 'sealed', 1, person
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::boolean[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::uuid[]) as t (ref, uid, name, scopes, is_full, mine, ends, used, created, person)`,
    [mspId, managerUid, agents.map((one) => one.ref), agents.map((one) => one.uid), agents.map((one) => one.name), agents.map((one) => one.scopes), agents.map((one) => one.full), agents.map((one) => one.mine), agents.map((one) => one.end), agents.map((one) => one.used), agents.map((one) => one.created), agents.map((one) => one.person)]);
  for (const { ref, uid: driftUid, kind, before } of drifts) await admin.query("insert into drift (msp_id, drift_id, vault_ref, uid, kind, before) values ($1, $2, $3, $4, $5, $6)", [mspId, crypto.randomUUID(), ref, driftUid, kind, JSON.stringify(before)]);
  return { vaultRefs, managerUid };
}

/** An inbox key for each who has one, endorsed where it says so, by a signing key of whoever came first. Their words are no real ones: a plan over them is refused. */
async function plantInboxKeys(admin: pg.Client, mspId: string, { people }: Facts): Promise<void> {
  const holding = people.filter(({ inbox }) => inbox !== "none");
  const endorsed = people.filter(({ inbox }) => inbox === "endorsed");
  await admin.query(`insert into inbox_key (msp_id, inbox_key_id, person_id, statement, statement_hash, assertion, credential_id, passkey_public_key, passkey_backup_eligible, passkey_label, not_after)
    select $1, id, id, '{}', sha256(uuid_send(id)), '{}', uuid_send(id), '\\x00', false, 'Belt', now() + interval '300 days' from unnest($2::uuid[]) as t (id)`, [mspId, holding.map(({ id }) => id)]);
  const signer = Buffer.from(`planted ${mspId}`);
  await admin.query(`insert into signing_key (msp_id, credential_id, person_id, public_key, label, rp_id, origin, msp_origin, enrol, transports, backup_eligible, backed_up)
    select $1, $2, person_id, '\\x04', 'Desk', 'sign.localhost', 'http://sign.localhost', 'http://localhost', '{}', '{usb}', false, false from person where msp_id = $1 order by person_id limit 1`, [mspId, signer]);
  const { rows: [made] } = await admin.query<{ id: string }>("insert into endorsement (msp_id, endorsement_id, credential_id, person_id, endorsement, assertion) select $1, gen_random_uuid(), credential_id, person_id, '{}', '{}' from signing_key where msp_id = $1 and credential_id = $2 returning endorsement_id as id", [mspId, signer]);
  await admin.query("insert into endorsed_key (msp_id, endorsement_id, inbox_key_id) select $1, $2, id from unnest($3::uuid[]) as t (id)", [mspId, made!.id, endorsed.map(({ id }) => id)]);
}
