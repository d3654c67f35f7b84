import { randomUUID } from "node:crypto";
import type { Write } from "../db/tenant.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import type { Browser } from "./browser.ts";

/** What the cookie will name. */
export type Opened = { mspId: string; personId: string; sessionId: string };

/** A new session of the actor, who just proved to hold this key; in the transaction of that proof. */
export async function startSession(tx: Write, key: { credentialId: Uint8Array; label: string }, { agent, address }: Pick<Browser, "agent" | "address">): Promise<Opened> {
  const { mspId, id: personId } = tx.actor;
  const sessionId = randomUUID();
  // The database's clock makes and judges every time of a session.
  await tx.db.$executeRaw`
    insert into session (msp_id, session_id, person_id, credential_id, expires_at, agent, address)
    values (${mspId}::uuid, ${sessionId}::uuid, ${personId}::uuid, ${Uint8Array.from(key.credentialId)}, now() + make_interval(secs => ${limits.sessionSeconds}::int), ${agent}, ${address})`;
  await tx.db.$executeRaw`update passkey set last_used_at = now() where msp_id = ${mspId}::uuid and credential_id = ${Uint8Array.from(key.credentialId)}`;
  await record(tx, { action: "session.started", target: { kind: "session", id: sessionId }, fields: { key: key.label, agent, address } });
  return { mspId, personId, sessionId };
}
