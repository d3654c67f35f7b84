import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { limits } from "../limits.ts";
import type { Write } from "../db/tenant.ts";
import { isUnavailable } from "../db/trouble.ts";
import type { RecordAction, RecordActions } from "./action.ts";

export type Entry<A extends RecordAction> = {
  action: A;
  target?: { kind: "mail" | "organisation" | "person" | "invitation" | "passkey" | "session" | "recovery" | "ticket" | "signing_key" | "inbox_key" | "endorsement" | "confirmation" | "client" | "vault" | "client_import" | "drift" | "glass_link" | "checkpoint_key" | "role" | "pod" | "view" | "rule" | "plan" | "approval" | "dispatch" | "revocation" | "subscription" | "contract" | "billing_alarm" | "billing_account" | "stripe_event" | "hosted_vault"; id: string };
  fields: RecordActions[A];
};

/**
 * Writes our own audit entry into the caller's transaction: the change and its record commit together or not at all.
 * Throws Refusal `record_unwritable` when it cannot be written; the whole change is then undone (fail closed).
 */
export async function record<A extends RecordAction>(tx: Write, { action, target, fields }: Entry<A>): Promise<void> {
  const { actor } = tx;
  if (JSON.stringify(fields).length > limits.recordFieldsBytes) throw new Error(`A record of ${action} keeps more than ${limits.recordFieldsBytes} bytes; name fewer fields.`);
  try {
    // Plain SQL: the client would send a time of its own, and the time of an entry is the database's (0001).
    await tx.db.$executeRaw`insert into record (msp_id, id, actor_kind, actor_id, actor_name, action, target_kind, target_id, fields, request_id)
      values (${actor.mspId}::uuid, ${uuid7()}::uuid, ${actor.kind}, ${actor.id}, ${actor.name}, ${action}, ${target?.kind ?? null}, ${target?.id ?? null}, ${JSON.stringify(fields)}::jsonb, ${actor.requestId ?? null})`;
  } catch (error) {
    throw isUnavailable(error) ? error : new Refusal("record_unwritable", { cause: error });
  }
  tx.recorded += 1;
}

/** As {@link record}, for many of one action at once: one statement, all or none. */
export async function recordAll<A extends RecordAction>(tx: Write, action: A, entries: readonly Omit<Entry<A>, "action">[]): Promise<void> {
  const { actor } = tx;
  for (const { fields } of entries) if (JSON.stringify(fields).length > limits.recordFieldsBytes) throw new Error(`A record of ${action} keeps more than ${limits.recordFieldsBytes} bytes; name fewer fields.`);
  const given = entries.map(({ target, fields }) => ({ id: uuid7(), kind: target?.kind ?? null, target: target?.id ?? null, fields }));
  try {
    await tx.db.$executeRaw`insert into record (msp_id, id, actor_kind, actor_id, actor_name, action, target_kind, target_id, fields, request_id)
      select ${actor.mspId}::uuid, g.id, ${actor.kind}, ${actor.id}, ${actor.name}, ${action}, g.kind, g.target, g.fields, ${actor.requestId ?? null} from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g(id uuid, kind text, target text, fields jsonb)`;
  } catch (error) {
    throw isUnavailable(error) ? error : new Refusal("record_unwritable", { cause: error });
  }
  tx.recorded += entries.length;
}
