import { pointer } from "#lib/protocol/check.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import type { AuthBegin } from "#lib/protocol/messages.ts";
import { markCall } from "../audit/mark.ts";
import { ok, type Reply } from "../http/answer.ts";
import { looseObject } from "../http/body.ts";
import type { BearerCall } from "../http/doors.ts";
import { credentialFrom } from "../store/rows.ts";

/** `POST /auth/begin`: a challenge for this row and the signers that count now (PROTOCOL 5). */
export async function beginChange(call: BearerCall): Promise<Reply> {
  const { vault, agent, ip } = call;
  markCall(vault, agent, ip);
  if (!agent.admin) throw new ProtocolError("not_admin");
  const members = Object.keys(looseObject(await call.body()));
  if (members.length > 0) throw new ProtocolError("invalid", { path: pointer("", members[0]!), detail: "unknown member" });
  const { challenge, expiresAt } = vault.challenges.issue(vault.id, agent.id);
  const rows = vault.db.all(
    "SELECT * FROM credentials WHERE signs_for = ? AND revoked_at IS NULL AND counts_from <= ? ORDER BY created_at, credential_id",
    agent.id,
    vault.now(),
  );
  const answer: AuthBegin = {
    challenge,
    expires_at: expiresAt,
    name: vault.state.name,
    credentials: rows.map(credentialFrom).map(({ credentialId, publicKey, rpId, origin, label }) => ({
      id: credentialId,
      public_key: publicKey,
      rp_id: rpId,
      origin,
      label,
    })),
  };
  return ok(answer, 201);
}
