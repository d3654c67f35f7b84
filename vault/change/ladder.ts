// The tap as a ladder of straight-line guards (PROTOCOL 6), cheap first, one code each. Form was judged before; the receipt
// look-up and the submission limit stand in submit.ts; grant and rows follow inside the transaction.
import { parseAssertion, provenChallenge, refuseChallenge, refuseDevice, type ParsedAssertion, type Refusal } from "#lib/protocol/assertion.ts";
import { b64u } from "#lib/protocol/bytes.ts";
import { refuseDated } from "#lib/protocol/challenge.ts";
import { ProtocolError, type Code } from "#lib/protocol/errors.ts";
import type { Cosign, Op } from "#lib/protocol/messages.ts";
import { leafData } from "#lib/protocol/op.ts";
import { credentialFrom, type Agent, type Credential } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import type { Submission } from "./form.ts";
import { isSignedBy } from "./verifier.ts";

export interface Approval {
  /** b64u of the WebAuthn challenge that the first key signed. */
  webauthn: string;
  signers: readonly Credential[];
  /** Counters as reported, per signer. */
  counters: readonly number[];
  standing: boolean;
}

function refuse(code: Code, reason?: string): never {
  throw new ProtocolError(code, reason === undefined ? {} : { reason });
}

function pass(refusal: Refusal | null): void {
  if (refusal !== null) refuse(refusal.code, refusal.reason);
}

/** A standing share carries only deletions of rows named by uid, and comes through /batch (PROTOCOL 6). */
function isStandingOp(op: Op): boolean {
  return op.method === "DELETE" && /^\/agent\/\d+$/.test(op.path) && op.body === null && op.if !== null && !("revision" in op.if);
}

/** Rung "challenge". Uses up a vault's own one, whatever follows. */
function useChallenge(vault: Vault, agent: Agent, { assertion, ops, batch }: Submission): { standing: boolean } {
  const standing = assertion.challenge.startsWith("standing/");
  if (standing) {
    const code = refuseDated(assertion.challenge, "standing", vault.now());
    if (code !== null) refuse(code);
    if (!batch || !ops.every(isStandingOp)) refuse("challenge_unknown", "standing covers deletions of agents only");
  } else {
    const code = vault.challenges.spend(vault.id, agent.id, assertion.challenge);
    vault.step("challenge spent");
    if (code !== null) refuse(code);
  }
  return { standing };
}

/** Rungs "leaf" and "inclusion": rebuilt from the request about to be executed and this vault's own identity. */
function prove(vault: Vault, agent: Agent, ops: readonly Op[], { challenge, proof }: Pick<Cosign, "challenge" | "proof">, parsed: ParsedAssertion): Uint8Array {
  const leaf = leafData({ agent: agent.id, challenge, key: vault.keys.publicKey, ops, vault: vault.id });
  const signed = provenChallenge(leaf, proof);
  pass(refuseChallenge(parsed, signed));
  return signed;
}

function findCredential(vault: Vault, id: string): Credential | null {
  const row = vault.db.get("SELECT * FROM credentials WHERE credential_id = ?", id);
  return row === undefined ? null : credentialFrom(row);
}

/** Rung "credential": known, signing for this row, not revoked, counting now. */
function usable(vault: Vault, agent: Agent, credential: Credential | null): Credential {
  if (credential === null || credential.signsFor !== agent.id) refuse("credential_unknown");
  if (credential.revokedAt !== null) refuse("credential_revoked");
  if (credential.countsFrom > vault.now()) refuse("credential_unknown", "does not count yet");
  return credential;
}

function device(parsed: ParsedAssertion, { origin, rpId, backupEligible, hardwareBound }: Credential): void {
  pass(refuseDevice(parsed, { origin, rpId, backupEligible, hardwareBound }));
}

interface Signed {
  parsed: ParsedAssertion;
  credential: Credential;
}

/** Every rung up to, not including, the signature. */
function cosigner(vault: Vault, agent: Agent, ops: readonly Op[], cosign: Cosign, first: Credential): Signed {
  const second = findCredential(vault, cosign.credential_id);
  const same = cosign.credential_id === first.credentialId || second?.publicKey === first.publicKey || second?.person === first.person;
  if (same) refuse("cosign_required", "another person and key");
  const code = refuseDated(cosign.challenge, "cosign", vault.now());
  if (code !== null) refuse(code, "cosign");
  const parsed = parseAssertion(cosign);
  prove(vault, agent, ops, cosign, parsed);
  const credential = usable(vault, agent, second);
  device(parsed, credential);
  return { parsed, credential };
}

/**
 * Judges a submission of `agent`. Throws ProtocolError with the code of the first rung that fails; a failing signature also
 * counts against the agent's submissions.
 */
export function climb(vault: Vault, agent: Agent, submission: Submission): Approval {
  const { ops, assertion } = submission;
  const { standing } = useChallenge(vault, agent, submission);
  const parsed = parseAssertion(assertion);
  const webauthn = prove(vault, agent, ops, assertion, parsed);
  const credential = usable(vault, agent, findCredential(vault, assertion.credential_id));
  device(parsed, credential);
  const signed: Signed[] = [{ parsed, credential }];
  if (assertion.cosign !== undefined) signed.push(cosigner(vault, agent, ops, assertion.cosign, credential));
  else if (agent.grant?.cosign === 2) refuse("cosign_required");
  for (const one of signed) {
    if (isSignedBy(vault.verifiers.of(one.credential.publicKey), one.parsed)) continue;
    vault.failedSignatures.record(agent.id, vault.clock.steadyMs());
    refuse("assertion_invalid", "signature");
  }
  vault.step("verified");
  return {
    webauthn: b64u(webauthn),
    signers: signed.map(({ credential }) => credential),
    counters: signed.map(({ parsed }) => parsed.authenticator!.counter),
    standing,
  };
}
