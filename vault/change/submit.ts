// The door of every change: form, then one submission at a time under the vault's lock (PROTOCOL 6, 7).
import { verifyEnrol, type Enrolled } from "#lib/protocol/connect.ts";
import type { Refusal } from "#lib/protocol/assertion.ts";
import { b64u, hex, utf8 } from "#lib/protocol/bytes.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import { sha256 } from "#lib/protocol/hash.ts";
import type { Connect, CredentialCreate, Op, SignedReceipt } from "#lib/protocol/messages.ts";
import { opsDigest } from "#lib/protocol/op.ts";
import { connectTokenInfo, seal, tokenInfo, tokenPlaintext } from "#lib/protocol/seal.ts";
import { record } from "../audit/write.ts";
import { ok, type Reply } from "../http/answer.ts";
import type { BearerCall } from "../http/doors.ts";
import { assertTakesChange } from "../lapse.ts";
import { carryOutDue } from "../lease.ts";
import { RECEIPT_SECONDS } from "../limits.ts";
import { authenticate, isUseNews, noteUse } from "../read/authenticate.ts";
import { agentFrom, isOwner, type Agent } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { applyBatch, type BatchIdentity } from "./apply.ts";
import { ChangeContext, NeedsSeals, type Draft, type SealRequest } from "./context.ts";
import { parseSubmission, type Submission } from "./form.ts";
import { climb } from "./ladder.ts";

/** Every `POST`, `PUT`, `DELETE` of PROTOCOL 4 and `/batch`: answers 200 with the signed receipt. */
export async function submit(call: BearerCall): Promise<Reply> {
  const { vault, method, path, ip } = call;
  if (!call.agent.admin) {
    refused(vault, call.agent, new ProtocolError("not_admin"), ip);
    throw new ProtocolError("not_admin");
  }
  const submission = parseSubmission({ method, path, body: await call.body(), header: call.header });
  return vault.serialised(async () => {
    vault.step("locked");
    carryOutDue(vault);
    // Judged again: while this one waited, another may have ended or renewed the token.
    const caller = authenticate(vault, call.header("authorization"));
    if (caller === null) throw new ProtocolError("unknown_token");
    try {
      if (!caller.admin) throw new ProtocolError("not_admin");
      return ok(await execute(vault, caller, submission, ip));
    } catch (error) {
      if (error instanceof ProtocolError) refused(vault, caller, error, ip);
      throw error;
    }
  });
}

/** A refusal's event commits on its own, after the rollback of what it refused (PROTOCOL 9). */
function refused(vault: Vault, caller: Agent, error: ProtocolError, ip: string): void {
  const { code, reason, operation, status } = error;
  vault.write(false, () =>
    record(vault, {
      actor: caller,
      action: "change.refused",
      outcome: status === 403 || status === 410 ? "denied" : "failure",
      reason: code,
      ip,
      meta: { ...(reason === undefined ? {} : { reason }), ...(operation === undefined ? {} : { operation }) },
    }),
  );
}

/** The stored receipt of the same submission, or null when it is new. */
function replay(vault: Vault, caller: Agent, batch: string, headerHash: string, ops: readonly Op[]): SignedReceipt | null {
  const since = vault.now() - RECEIPT_SECONDS;
  const stored = vault.db.get("SELECT header_hash, answer FROM receipts WHERE agent_id = ? AND batch = ? AND applied_at > ?", caller.id, batch, since);
  if (stored !== undefined) {
    if (stored.header_hash !== headerHash) throw new ProtocolError("operation_replayed");
    return JSON.parse(stored.answer as string) as SignedReceipt;
  }
  for (const { id } of ops) {
    const known = vault.db.get("SELECT 1 FROM operations WHERE id = ? AND applied_at > ?", id, since);
    if (known !== undefined) throw new ProtocolError("operation_replayed", { operation: id });
  }
  return null;
}

async function execute(vault: Vault, caller: Agent, submission: Submission, ip: string): Promise<SignedReceipt> {
  const { ops, header, assertion } = submission;
  const batch = b64u(opsDigest(ops));
  const headerHash = hex(sha256(utf8(header)));
  const before = replay(vault, caller, batch, headerHash, ops);
  if (before !== null) return before;
  assertTakesChange(vault, caller, ops);
  const wait = vault.failedSignatures.waitSeconds(caller.id, vault.clock.steadyMs());
  if (wait > 0) throw new ProtocolError("slow_down", { extra: { retry_after: wait } });
  const approval = climb(vault, caller, submission);
  const drafts = new Map<string, Draft>();
  const enrolments = await judgeEnrolments(vault, ops);
  const identity: BatchIdentity = { caller, ops, batch, headerHash, challenge: assertion.challenge, ip };
  // Sealing takes promises and a transaction must not wait for one, since reads write to the same file meanwhile. So the
  // batch is applied, and where tokens must be sealed to ids it just drew, undone, sealed and applied again.
  for (;;) {
    carryOutDue(vault);
    if (!stillThere(vault, caller)) throw new ProtocolError("unknown_token");
    try {
      const answer = vault.write(true, () => {
        const context = new ChangeContext({ vault, caller, approval, batch: submission.batch, drafts, enrolments });
        const now = vault.now();
        if (isUseNews(caller, now)) noteUse(vault, caller, now);
        const applied = applyBatch(vault, context, identity);
        return Object.keys(context.tokens).length > 0 ? { ...applied, tokens: context.tokens } : applied;
      });
      vault.step("committed");
      return answer;
    } catch (error) {
      if (!(error instanceof NeedsSeals)) throw error;
      for (const [op, request] of error.requests) await sealDraft(vault, drafts.get(op)!, request);
    }
  }
}

function stillThere(vault: Vault, { uid }: Agent): boolean {
  return vault.db.get("SELECT 1 FROM agents WHERE uid = ?", uid) !== undefined;
}

async function sealDraft(vault: Vault, draft: Draft, request: SealRequest): Promise<void> {
  const { publicKey: key } = vault.keys;
  const { to, purpose, agentId: agent, uid } = request;
  const plaintext = tokenPlaintext({ agent, key, token: draft.token, uid, vault: vault.id, vault_url: vault.url });
  const info = purpose.kind === "token" ? tokenInfo({ vault: vault.id, key, uid }) : connectTokenInfo({ vault: vault.id, key, request: purpose.request });
  draft.sealed = { for: request, token: await seal(to, info, plaintext) };
}

/** Proofs of possession of every new credential in the batch, by operation and credential. */
async function judgeEnrolments(vault: Vault, ops: readonly Op[]): Promise<Map<string, Enrolled | Refusal>> {
  const judged = new Map<string, Enrolled | Refusal>();
  for (const { id, method, path, body } of ops) {
    if (method !== "POST") continue;
    const given: unknown = body;
    if (path === "/credential") {
      const credential = given as CredentialCreate;
      const row = vault.db.get("SELECT * FROM agents WHERE id = ?", credential.signs_for);
      const signsFor = row === undefined ? null : agentFrom(row);
      // For an owner's device the vault's own origin, for a manager's the one of its connect (PROTOCOL 4).
      const msp = signsFor === null || isOwner(signsFor) ? vault.origin : (signsFor.connect?.msp_origin ?? vault.origin);
      judged.set(`${id}/${credential.credential_id}`, await verifyEnrol(credential, msp, credential.hardware_bound));
    } else if (path === "/connect") {
      const { request } = given as Connect;
      for (const signer of request.signers) judged.set(`${id}/${signer.credential_id}`, await verifyEnrol(signer, request.msp.origin));
    }
  }
  return judged;
}
