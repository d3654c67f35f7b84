/** Who made a drift, and when, from the vault's own log, where the client lets us read it: one bounded look, no pull (PROTOCOL 9). */
import { limits } from "../limits.ts";
import type { AuditEvent } from "../protocol/messages.ts";
import type { VaultClient } from "../vault/client.ts";
import { tame } from "../vault/tame.ts";

export type Doing = { at: Date; by: string | null };

const deeds = new Set(["agent.create", "agent.update", "agent.delete", "agent.expire", "agent.token", "agent.unlock", "agent.lock"]);

/** Pure: the latest deed on each of these rows. Masked details name no row, so those events say nothing. */
export function whoDid(events: readonly AuditEvent[], uids: readonly string[]): Map<string, Doing> {
  const found = new Map<string, Doing>();
  const asked = new Set(uids);
  for (const { action, outcome, at, detail } of events) {
    const uid = detail?.target?.id;
    if (typeof uid !== "string" || !asked.has(uid) || outcome !== "success" || !deeds.has(action)) continue;
    found.set(uid, { at: new Date(Math.min(at, 8_640_000_000_000_000)), by: detail!.name === "" ? null : tame(detail!.name, 120) });
  }
  return found;
}

/** Asks for the newest events. Empty where the log is not ours to read, or does not come: that a row changed is known without it. */
export async function lookWho(client: VaultClient, uids: readonly string[]): Promise<Map<string, Doing>> {
  const head = await client.audit({ limit: 1 });
  if (head.kind !== "answered" || head.value.head === null) return new Map();
  const after = Math.max(head.value.head.seq - limits.driftLookEvents, head.value.first_seq - 1, 0);
  const recent = await client.audit({ after, limit: limits.driftLookEvents });
  return recent.kind === "answered" ? whoDid(recent.value.events, uids) : new Map();
}
