import { isPlan, planOf } from "#lib/billing/plan.ts";
import type { ClientHealth, ClientProbe } from "#lib/client/filter.ts";
import type { ClientState } from "#lib/client/list.ts";

export const STATE_WORDS: Record<ClientState, string> = { new: "Not asked yet", asking: "Asked", unconfirmed: "Unconfirmed", connected: "Connected", stopped: "Stopped", leaving: "Leaving", ended: "Ended" };
export const HEALTH_WORDS: Record<ClientHealth, string> = {
  ok: "Takes changes", unread: "Not read yet", failover: "Failover, reads only", silent: "Silent", stuck: "Takes no changes now", lapsed: "Subscription over", lying: "Answers do not hold", unconfirmed: "Codes not compared", asking: "Not connected", ended: "Ended",
};
export const PROBE_WORDS: Record<ClientProbe, string> = { blind: "We read 0 entries", "not-blind": "Not blind", unproven: "Unproven", untried: "Not tried yet" };

/** A plan by its name, a narrow one by its code; what is no plan of the list is shown as it is. */
export const planName = (id: string): string => (isPlan(id) ? planOf(id).name : id);
export const planCode = (id: string): string => (isPlan(id) ? planOf(id).code : id);
