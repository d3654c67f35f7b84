// The batch inside its transaction: operations in order, each with its event, then the receipt (PROTOCOL 7). All or none.
import { ProtocolError } from "#lib/protocol/errors.ts";
import type { AgentCreate, AgentToken, AgentUpdate, Connect, CredentialCreate, EntryCreate, EntryUpdate, Op, Receipt, Result } from "#lib/protocol/messages.ts";
import { record } from "../audit/write.ts";
import { RECEIPT_SECONDS } from "../limits.ts";
import type { Agent } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { createAgent, deleteAgent, renewToken, updateAgent } from "./agent.ts";
import { connect } from "./connect.ts";
import type { Applied, ChangeContext } from "./context.ts";
import { createCredential, deleteCredential } from "./credential.ts";
import { createEntry, deleteEntry, updateEntry } from "./entry.ts";

/** One operation by its door. Bodies were checked against that door before (form.ts), hence the assertions of type. */
function applyOne(context: ChangeContext, { method, path, body }: Op): Applied {
  const [, noun, id, sub] = path.split("/");
  const given: unknown = body;
  const door = `${method} ${noun}${id === undefined ? "" : "/:id"}${sub === undefined ? "" : `/${sub}`}`;
  switch (door) {
    case "POST agent":
      return createAgent(context, given as AgentCreate);
    case "PUT agent/:id":
      return updateAgent(context, Number(id), given as AgentUpdate);
    case "DELETE agent/:id":
      return deleteAgent(context, Number(id));
    case "POST agent/:id/token":
      return renewToken(context, Number(id), given as AgentToken);
    case "POST entry":
      return createEntry(context, given as EntryCreate);
    case "PUT entry/:id":
      return updateEntry(context, Number(id), given as EntryUpdate);
    case "DELETE entry/:id":
      return deleteEntry(context, Number(id));
    case "POST credential":
      return createCredential(context, given as CredentialCreate);
    case "DELETE credential/:id":
      return deleteCredential(context, id!);
    case "POST connect":
      return connect(context, given as Connect);
    default:
      throw new ProtocolError("not_found");
  }
}

/** The counter is a signal, not a defence: one assertion reaches many vaults and retries interleave (PROTOCOL 6). */
function noteCounters(vault: Vault, context: ChangeContext, caller: Agent, ip: string): void {
  context.approval.signers.forEach((signer, i) => {
    const counter = context.approval.counters[i]!;
    if (counter <= signer.counter && (counter > 0 || signer.counter > 0)) {
      record(vault, {
        actor: caller,
        action: "counter_regressed",
        outcome: "failure",
        target: { kind: "credential", id: signer.credentialId },
        ip,
        meta: { stored: signer.counter, reported: counter },
      });
    }
    vault.db.run("UPDATE credentials SET counter = max(counter, ?) WHERE credential_id = ?", counter, signer.credentialId);
  });
}

export interface BatchIdentity {
  caller: Agent;
  ops: readonly Op[];
  /** b64u of opsDigest. */
  batch: string;
  /** Hex SHA-256 of the assertion header. */
  headerHash: string;
  /** The challenge as sent. */
  challenge: string;
  ip: string;
}

/**
 * Applies every operation and stores the receipt. Runs inside the transaction; throws ProtocolError naming the operation, or
 * NeedsSeals, and the caller rolls back. The answer holds no token.
 */
export function applyBatch(vault: Vault, context: ChangeContext, { caller, ops, batch, headerHash, challenge, ip }: BatchIdentity): { receipt: Receipt; signature: string } {
  const { db } = vault;
  vault.step("transaction begun");
  const horizon = context.now - RECEIPT_SECONDS;
  db.run("DELETE FROM receipts WHERE applied_at <= ?", horizon);
  db.run("DELETE FROM operations WHERE applied_at <= ?", horizon);
  noteCounters(vault, context, caller, ip);
  let last = { seq: 0, hash: "" };
  const results: Result[] = ops.map((op, index) => {
    context.at(op, index);
    try {
      const { result, event } = applyOne(context, op);
      vault.step("operation applied");
      last = record(vault, { actor: caller, ip, ...event });
      vault.step("audited");
      return { id: op.id, ...result };
    } catch (error) {
      throw error instanceof ProtocolError ? error.inOperation(op.id) : error;
    }
  });
  context.assertSealed();
  const receipt: Receipt = {
    v: 1,
    vault: vault.id,
    epoch: vault.state.epoch,
    agent: caller.id,
    batch,
    challenge,
    webauthn: context.approval.webauthn,
    signers: context.approval.signers.map(({ credentialId }) => credentialId),
    applied_at: context.now,
    revision: vault.state.revision,
    results,
    audit: { stream: vault.stream, seq: last.seq, hash: last.hash },
  };
  const answer = { receipt, signature: vault.sign("receipt", receipt) };
  db.run(
    "INSERT INTO receipts (agent_id, batch, header_hash, applied_at, answer) VALUES (?, ?, ?, ?, ?)",
    caller.id,
    batch,
    headerHash,
    context.now,
    JSON.stringify(answer),
  );
  for (const { id } of ops) db.run("INSERT INTO operations (id, applied_at) VALUES (?, ?)", id, context.now);
  vault.step("receipt stored");
  return answer;
}
