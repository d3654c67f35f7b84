// Devices of owners and signers of managers (PROTOCOL 4, "Signers of a manager").
import { fromB64u } from "#lib/protocol/bytes.ts";
import { isLockedP0, lockedP0, refuseSignerOrigin, type Enrolled } from "#lib/protocol/connect.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import type { CredentialCreate, Signer } from "#lib/protocol/messages.ts";
import { credentialFrom, isManager, isOwner, type Agent } from "../store/rows.ts";
import type { Applied, ChangeContext } from "./context.ts";

/** "A new one counts only after `grant.signer_delay` (default one day)". Seconds. */
const DEFAULT_SIGNER_DELAY = 86_400;

/** The judgement over `enrol`, made before the transaction because it takes a promise; thrown here in its turn. */
export function enrolled(context: ChangeContext, credentialId: string): Enrolled {
  const judged = context.enrolments.get(`${context.op.id}/${credentialId}`);
  if (judged === undefined) throw new Error("an enrolment was not judged");
  if ("code" in judged) throw new ProtocolError(judged.code, { reason: judged.reason });
  return judged;
}

interface NewCredential extends Omit<Signer, "enrol"> {
  signsFor: number;
  countsFrom: number;
  p0: string;
  wrappedL3: Uint8Array;
  hardwareBound: boolean;
}

/** Writes one device. Its id is unique here for ever, revoked ones included. */
export function insertCredential(context: ChangeContext, credential: NewCredential, { backupEligible, counter }: Enrolled): void {
  context.vault.db.run(
    `INSERT INTO credentials (credential_id, p0, public_key, wrapped_l3, label, person, rp_id, origin, signs_for, hardware_bound, backup_eligible, counter, counts_from, revoked_at, created_at, created_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)`,
    credential.credential_id,
    credential.p0,
    credential.public_key,
    credential.wrappedL3,
    credential.label,
    credential.person,
    credential.rp_id,
    credential.origin,
    credential.signsFor,
    credential.hardwareBound ? 1 : 0,
    backupEligible ? 1 : 0,
    counter,
    credential.countsFrom,
    context.now,
    context.caller().id,
  );
}

export function credentialExists(context: ChangeContext, credentialId: string): boolean {
  return context.vault.db.get("SELECT 1 FROM credentials WHERE credential_id = ?", credentialId) !== undefined;
}

/** Where a device may live: an owner's on the vault's own origin, a manager's on the signing origins of its connect. */
function checkOrigin(context: ChangeContext, row: Agent, body: CredentialCreate): void {
  const { vault } = context;
  if (isOwner(row)) {
    if (body.origin !== vault.origin || body.rp_id !== vault.rpId) throw new ProtocolError("wrong_origin", { reason: "origin" });
    return;
  }
  const known = row.connect?.signing.some(({ rp_id, origin }) => rp_id === body.rp_id && origin === body.origin) ?? false;
  if (row.connect === null || !known) throw new ProtocolError("wrong_origin", { reason: "origin" });
  const refusal = refuseSignerOrigin(body, row.connect.msp_origin);
  if (refusal !== null) throw new ProtocolError(refusal.code, { reason: refusal.reason });
}

/** A manager is blind: its signers unlock nothing. */
function unlocking(context: ChangeContext, row: Agent, body: CredentialCreate): { p0: string; wrappedL3: Uint8Array } {
  const none = lockedP0(body.credential_id);
  const wrappedL3 = fromB64u(body.wrapped_l3 ?? "");
  const p0 = body.p0 ?? none;
  if (isManager(row) && wrappedL3.length > 0) context.invalid("wrapped_l3", "a signer of a manager unlocks nothing");
  const locked = isLockedP0(p0);
  if (locked ? p0 !== none : isManager(row)) context.invalid("p0", "not this credential's");
  if (wrappedL3.length > 0 === locked) context.invalid("p0", "goes together with wrapped_l3");
  return { p0, wrappedL3 };
}

export function createCredential(context: ChangeContext, body: CredentialCreate): Applied {
  const { now, approval } = context;
  const caller = context.caller();
  if (isManager(caller) && (body.signs_for !== caller.id || caller.grant === null)) throw new ProtocolError("not_granted");
  const row = context.agentById(body.signs_for);
  if (row === null) throw new ProtocolError("no_such_agent");
  if (!row.admin) context.invalid("signs_for", "the id of an admin row");
  checkOrigin(context, row, body);
  if (credentialExists(context, body.credential_id)) throw new ProtocolError("credential_exists");
  const { p0, wrappedL3 } = unlocking(context, row, body);
  const proof = enrolled(context, body.credential_id);
  context.withinLimit("devices", 1);
  // Two people of the manager itself may waive the delay; an owner's tap may not, since an owner can be talked into one.
  const waived = isOwner(row) || (caller.uid === row.uid && approval.signers.length === 2);
  const countsFrom = waived ? now : now + (row.grant?.signer_delay ?? DEFAULT_SIGNER_DELAY);
  const { enrol: _enrol, signs_for: signsFor, hardware_bound: hardwareBound = false, ...rest } = body;
  insertCredential(context, { ...rest, signsFor, hardwareBound, countsFrom, p0, wrappedL3 }, proof);
  context.revision();
  return {
    result: { status: "created", credential_id: body.credential_id },
    event: { action: "credential.create", target: { kind: "credential", id: body.credential_id }, rows: [row], meta: { agent: row.id, counts_from: countsFrom } },
  };
}

export function deleteCredential(context: ChangeContext, credentialId: string): Applied {
  const { vault, now } = context;
  if (context.op.if !== null) throw new ProtocolError("invalid", { path: "If-Match", detail: "a credential has no state" });
  const manager = context.managerCaller();
  const found = vault.db.get("SELECT * FROM credentials WHERE credential_id = ?", credentialId);
  const credential = found === undefined ? null : credentialFrom(found);
  if (manager !== null && credential?.signsFor !== manager.id) throw new ProtocolError("not_granted");
  if (credential === null || credential.revokedAt !== null) throw new ProtocolError("not_found");
  const row = context.agentById(credential.signsFor);
  vault.db.run("UPDATE credentials SET revoked_at = ?, wrapped_l3 = x'' WHERE credential_id = ?", now, credentialId);
  vault.db.run("DELETE FROM sessions WHERE credential_id = ?", credentialId);
  if (row !== null && isManager(row) && credential.countsFrom <= now) {
    const left = vault.db.get("SELECT 1 FROM credentials WHERE signs_for = ? AND revoked_at IS NULL AND counts_from <= ? LIMIT 1", row.id, now);
    if (left === undefined) throw new ProtocolError("last_signer");
  }
  if (row !== null && isOwner(row)) context.assertOwnerRemains();
  context.revision();
  return {
    result: { status: "deleted", credential_id: credentialId },
    event: { action: "credential.delete", target: { kind: "credential", id: credentialId }, rows: row === null ? [] : [row], meta: { agent: credential.signsFor } },
  };
}
