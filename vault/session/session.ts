// The vault's own page signs in with a device of an owner, and a device fetches what it unlocks (PROTOCOL 13).
import { createHmac } from "node:crypto";
import { parseAssertion, refuseDevice } from "#lib/protocol/assertion.ts";
import { b64u, tryB64u, uint32be } from "#lib/protocol/bytes.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { record } from "../audit/write.ts";
import type { OpenUse } from "../challenge.ts";
import { isSignedBy } from "../change/verifier.ts";
import { isClosedFor } from "../lapse.ts";
import { SESSION_SECONDS } from "../limits.ts";
import { agentFrom, credentialFrom, isOwner, type Agent, type Credential } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { authenticationResponse, members } from "./assertion.ts";

/** Bytes of an AES-256-GCM wrapping of 32 bytes, when nothing better is known: IV, key, tag. */
const USUAL_WRAPPED = 60;

/** `POST /session/begin`; its body is `{}` or nothing. */
export function beginSession(vault: Vault, body: Readonly<Record<string, unknown>>): { challenge: string; rp_id: string } {
  members(body, []);
  return { challenge: b64u(vault.challenges.issueOpen(vault.id)), rp_id: vault.rpId };
}

/** The device behind an assertion over this ceremony's challenge, every rung passed. Throws ProtocolError; then `use` is still open. */
function verified(vault: Vault, ceremony: "signin" | "unlock", value: unknown): { credential: Credential; row: Agent; use: OpenUse } {
  const { credentialId, assertion } = authenticationResponse(value, "/assertion");
  const parsed = parseAssertion(assertion);
  const found = vault.db.get("SELECT * FROM credentials WHERE credential_id = ?", credentialId);
  if (found === undefined) throw new ProtocolError("credential_unknown");
  const use = vault.challenges.findOpen(vault.id, ceremony, parsed.client?.challenge ?? "");
  if (use === null) throw new ProtocolError("challenge_unknown");
  const credential = credentialFrom(found);
  if (credential.revokedAt !== null) throw new ProtocolError("credential_revoked");
  const holder = vault.db.get("SELECT * FROM agents WHERE id = ?", credential.signsFor);
  if (holder === undefined || credential.countsFrom > vault.now()) throw new ProtocolError("credential_unknown");
  const { origin, rpId, backupEligible, hardwareBound } = credential;
  const refusal = refuseDevice(parsed, { origin, rpId, backupEligible, hardwareBound });
  if (refusal !== null) throw new ProtocolError(refusal.code, { reason: refusal.reason });
  if (!isSignedBy(vault.verifiers.of(credential.publicKey), parsed)) throw new ProtocolError("assertion_invalid", { reason: "signature" });
  return { credential, row: agentFrom(holder), use };
}

/** `POST /session`: a token of that owner's row for 15 minutes. */
export function openSession(vault: Vault, body: Readonly<Record<string, unknown>>, ip: string): { token: string; expires_at: number } {
  const { credential, row, use } = verified(vault, "signin", members(body, ["assertion"])["assertion"]);
  if (!isOwner(row)) throw new ProtocolError("credential_unknown");
  vault.challenges.useUp(use);
  const now = vault.now();
  const token = newToken();
  const hash = tokenHash(token);
  const expiresAt = now + SESSION_SECONDS;
  vault.write(true, () => {
    vault.db.run("DELETE FROM sessions WHERE expires_at <= ?", now);
    vault.db.run("INSERT INTO tokens_issued (hash) VALUES (?)", hash);
    vault.db.run("INSERT INTO sessions (token_hash, agent_id, credential_id, expires_at) VALUES (?, ?, ?, ?)", hash, row.id, credential.credentialId, expiresAt);
    record(vault, { actor: row, action: "calls.marked", target: { kind: "credential", id: credential.credentialId }, reason: "session", ip });
  });
  return { token, expires_at: expiresAt };
}

/** As long as the real thing and the same at every call, so that nothing tells which p0 exist. */
function fakeWrapped(vault: Vault, p0: string, length: number): Uint8Array {
  const parts: Buffer[] = [];
  for (let block = 0; block * 32 < length; block++) {
    parts.push(createHmac("sha256", vault.keys.fake).update(`${p0}\n`).update(uint32be(block)).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

/**
 * `POST /l3`: what this device wrapped. A p0 that is not this device's gets a stable fake of equal size; two devices with one
 * p0 each get their own.
 */
export function unlock(vault: Vault, body: Readonly<Record<string, unknown>>): { wrapped_l3: string } {
  const { assertion, p0 } = members(body, ["assertion", "p0"]);
  if (typeof p0 !== "string" || tryB64u(p0, 4) === null) throw new ProtocolError("invalid", { path: "/p0", detail: "base64url of 4 bytes" });
  const { credential, row, use } = verified(vault, "unlock", assertion);
  if (isClosedFor(vault, row)) throw new ProtocolError("expired");
  vault.challenges.useUp(use);
  const real = credential.wrappedL3;
  const known = credential.p0 === p0 && real.length > 0;
  return { wrapped_l3: b64u(known ? real : fakeWrapped(vault, p0, real.length || USUAL_WRAPPED)) };
}
