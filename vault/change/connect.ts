// Connecting an MSP: one operation, one tap of an owner (PROTOCOL 10).
import { b64u } from "#lib/protocol/bytes.ts";
import { lockedP0, refuseRequestOrigins, refuseRequestTime, requestHash } from "#lib/protocol/connect.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import { looserMember } from "#lib/protocol/grant.ts";
import { sealedTo } from "#lib/protocol/kem.ts";
import type { Connect, ConnectReply, ConnectRequest } from "#lib/protocol/messages.ts";
import { idOf } from "#lib/protocol/scopes.ts";
import { tokenHash } from "#lib/protocol/token.ts";
import { backupState } from "../read/metadata.ts";
import { isManager, type Agent, type ConnectInfo } from "../store/rows.ts";
import type { Applied, ChangeContext } from "./context.ts";
import { credentialExists, enrolled, insertCredential } from "./credential.ts";
import { refuseReach } from "./rules.ts";

function judgeRequest(context: ChangeContext, { request, grant, roles }: Connect): void {
  const late = refuseRequestTime(request, context.now);
  if (late !== null) throw new ProtocolError(late.code, { reason: late.reason });
  if (context.vault.db.get("SELECT 1 FROM nonces WHERE nonce = ?", request.nonce) !== undefined) throw new ProtocolError("nonce_used");
  const origins = refuseRequestOrigins(request);
  if (origins !== null) throw new ProtocolError(origins.code, { reason: origins.reason });
  const looser = looserMember(grant, request.want);
  if (looser !== null) throw new ProtocolError("not_granted", { reason: looser });
  const asked = new Set(request.roles.map(({ name }) => name));
  const named = new Set<string>();
  const numbers = new Set<string>();
  roles.forEach(({ name, scope }, i) => {
    if (!asked.has(name) || named.has(name)) context.invalid(`roles/${i}/name`, "the name of an asked role, once");
    if (numbers.has(scope)) context.invalid(`roles/${i}/scope`, "one number for each role");
    if (grant.scopes !== "any" && !grant.scopes.includes(scope)) context.invalid(`roles/${i}/scope`, "a number inside the grant");
    // A row's number opens what belongs to that row alone, and a role's is meant for many.
    if (context.agentById(idOf(scope)) !== null) throw new ProtocolError("scope_collision", { reason: scope });
    named.add(name);
    numbers.add(scope);
  });
}

function signing({ signers }: ConnectRequest): ConnectInfo["signing"] {
  const pairs = new Map(signers.map(({ rp_id, origin }) => [origin, { rp_id, origin }]));
  return [...pairs.values()];
}

/** The manager's row: a new one, or with `replaces` the same row with another token, grant and set of signers. */
function managerRow(context: ChangeContext, { request, grant, roles }: Connect): { id: number; uid: string; isNew: boolean } {
  const { vault, now } = context;
  const { token, uid: freshUid } = context.draft();
  const connect: ConnectInfo = { msp_origin: request.msp.origin, signing: signing(request) };
  const hash = tokenHash(token);
  context.issueToken(hash);
  const to = sealedTo(request.seal_to);
  if (request.replaces !== null) {
    const before = context.agentByUid(request.replaces);
    if (before === null || !isManager(before)) throw new ProtocolError("no_such_agent");
    vault.db.run(
      "UPDATE agents SET token_hash = ?, hand_over = 'sealed', sealed_to = ?, grant_json = ?, connect_json = ?, revision = ? WHERE id = ?",
      hash,
      to,
      JSON.stringify(grant),
      JSON.stringify(connect),
      context.revision(),
      before.id,
    );
    vault.db.run("DELETE FROM sessions WHERE agent_id = ?", before.id);
    return { id: before.id, uid: before.uid, isNew: false };
  }
  context.withinLimit("tokens", 1);
  // The grant's and the roles' numbers are reserved before a number is drawn for the row itself.
  const reserved = [...(grant.scopes === "any" ? [] : grant.scopes), ...roles.map(({ scope }) => scope)];
  const id = context.assignId(reserved);
  vault.db.run("INSERT INTO uids (uid) VALUES (?)", freshUid);
  vault.db.run(
    `INSERT INTO agents (id, uid, token_hash, name, kind, scopes, all_access, admin, managed_by, created_at, hand_over, sealed_to, grant_json, connect_json, revision)
     VALUES (?, ?, ?, ?, 'human', '', 0, 1, ?, ?, 'sealed', ?, ?, ?, ?)`,
    id,
    freshUid,
    hash,
    request.msp.name,
    context.caller().uid,
    now,
    to,
    JSON.stringify(grant),
    JSON.stringify(connect),
    context.revision(),
  );
  return { id, uid: freshUid, isNew: true };
}

/**
 * The signers of the request count at once. Replacing, a key that already signs for this manager stays what it is; every
 * other one of the manager is revoked. A key known anywhere else, or revoked, is `credential_exists`.
 */
function writeSigners(context: ChangeContext, request: ConnectRequest, managerId: number): void {
  const { vault, now } = context;
  const kept = new Set<string>();
  for (const signer of request.signers) {
    const standing = vault.db.get(
      "SELECT public_key FROM credentials WHERE credential_id = ? AND signs_for = ? AND revoked_at IS NULL",
      signer.credential_id,
      managerId,
    );
    if (standing?.public_key === signer.public_key) kept.add(signer.credential_id);
    else if (credentialExists(context, signer.credential_id)) throw new ProtocolError("credential_exists");
  }
  for (const row of vault.db.all("SELECT credential_id FROM credentials WHERE signs_for = ? AND revoked_at IS NULL", managerId)) {
    if (!kept.has(row.credential_id as string)) vault.db.run("UPDATE credentials SET revoked_at = ? WHERE credential_id = ?", now, row.credential_id as string);
  }
  const fresh = request.signers.filter(({ credential_id }) => !kept.has(credential_id));
  context.withinLimit("devices", fresh.length);
  for (const signer of request.signers) {
    const proof = enrolled(context, signer.credential_id);
    if (kept.has(signer.credential_id)) {
      vault.db.run(
        "UPDATE credentials SET label = ?, person = ?, rp_id = ?, origin = ?, counts_from = min(counts_from, ?) WHERE credential_id = ?",
        signer.label,
        signer.person,
        signer.rp_id,
        signer.origin,
        now,
        signer.credential_id,
      );
    } else {
      const { enrol: _enrol, ...rest } = signer;
      insertCredential(
        context,
        { ...rest, signsFor: managerId, countsFrom: now, p0: lockedP0(signer.credential_id), wrappedL3: new Uint8Array(), hardwareBound: false },
        proof,
      );
    }
  }
}

/** Rows that the owner hands over become the manager's, in exactly the state the owner saw, only inside the grant. */
function adopt(context: ChangeContext, { adopt: rows, grant }: Connect, managerUid: string): Agent[] {
  const adopted: Agent[] = [];
  for (const { uid, revision } of rows) {
    if (uid === managerUid || adopted.some((other) => other.uid === uid)) context.invalid("adopt", "a row twice, or the manager itself");
    const row = context.agentByUid(uid);
    if (row === null || row.revision !== revision) throw new ProtocolError("stale");
    context.vault.db.run("UPDATE agents SET managed_by = ?, revision = ? WHERE id = ?", managerUid, context.revision(), row.id);
    adopted.push(row);
  }
  // Judged when all are its own: the number of one may be a scope of another.
  for (const row of adopted) {
    const refusal = refuseReach(grant, row, context.facts(managerUid, context.managedCount(managerUid)));
    if (refusal !== null) throw new ProtocolError(refusal);
  }
  return adopted;
}

export function connect(context: ChangeContext, body: Connect): Applied {
  const { vault } = context;
  if (context.managerCaller() !== null) throw new ProtocolError("not_granted");
  const { request, grant, roles } = body;
  judgeRequest(context, body);
  const { id, uid, isNew } = managerRow(context, body);
  vault.db.run("INSERT INTO nonces (nonce, used_at) VALUES (?, ?)", request.nonce, context.now);
  vault.db.run("DELETE FROM roles WHERE manager = ?", uid);
  for (const { name, scope } of roles) vault.db.run("INSERT INTO roles (manager, name, scope) VALUES (?, ?, ?)", uid, name, scope);
  writeSigners(context, request, id);
  const adopted = adopt(context, body, uid);
  const hash = b64u(requestHash(request));
  const reply: ConnectReply = {
    v: 1,
    request: hash,
    nonce: request.nonce,
    vault_url: vault.url,
    vault_id: vault.id,
    public_key: vault.keys.publicKey,
    backup_key: backupState(vault).backupKey,
    name: vault.state.name,
    agent_id: id,
    uid,
    grant,
    roles,
    adopted: adopted.map((row) => row.uid),
    credentials: request.signers.map(({ credential_id }) => credential_id),
    sealed_token: context.sealed({ to: request.seal_to, purpose: { kind: "connect", request: hash }, agentId: id, uid }),
  };
  return {
    result: { status: isNew ? "created" : "changed", agent_id: id, uid, connect: { reply, signature: vault.sign("connect-reply", reply) } },
    event: {
      action: "connect",
      target: { kind: "agent", id: uid },
      rows: [{ uid, managedBy: null }, ...adopted],
      meta: { agent: id, adopted: adopted.map((row) => row.uid), signers: request.signers.length, replaces: request.replaces !== null },
    },
  };
}
