/** Where a need is answered, by what this person may do. Pure. */
import { isPlan, planOf, plans, tokenLimit, type PlanId } from "../billing/plan.ts";
import type { Permission } from "../identity/permission.ts";

export type Lead = { readonly href: string; readonly deed: string };
export type Holds = (permission: Permission) => boolean;

/** Endings stand in their calendar, where whoever may extends them. */
export function endingLead(may: Holds): Lead {
  if (may("lease.read")) return { href: "/leases", deed: may("lease.extend") ? "Extend" : "Look" };
  return may("matrix.read") ? { href: `/matrix?q=${encodeURIComponent("state:ending")}`, deed: "Look" } : { href: "/clients", deed: "Look" };
}

type FullVault = { readonly plan: string; readonly tokensUsed: number | null; readonly billed: boolean };

/** The next plan, larger than that of any of them, into which one token more would fit in each; null: there is none. */
function roomier(full: readonly FullVault[]): PlanId | null {
  const places = full.map(({ plan }) => (isPlan(plan) ? plans.indexOf(planOf(plan)) : -1));
  if (places.length === 0 || places.includes(-1)) return null;
  const most = Math.max(...full.map(({ tokensUsed }) => tokensUsed ?? 0));
  const fits = (limit: ReturnType<typeof tokenLimit>) => limit === "unlimited" || (typeof limit === "number" && limit > most);
  return plans.slice(Math.max(...places) + 1).find((plan) => plan.family !== "self-hosted" && fits(tokenLimit(plan)))?.id ?? null;
}

/**
 * Priced, for whoever sees money and where each is a subscription of ours, the only ones that are weighed there (`free`: fewer free
 * tokens than this). Else their rows in the matrix, where a blocked cell says its ways out.
 */
export function fullLead(full: readonly FullVault[], may: Holds): Lead {
  const to = roomier(full);
  if (may("billing.read") && to !== null && full.every(({ billed }) => billed)) return { href: `/billing/what-if?free=1&to=${to}`, deed: "Ways out" };
  return may("matrix.read") ? { href: `/matrix?q=${encodeURIComponent("free:0")}`, deed: may("matrix.stage") ? "Make room" : "Look" } : { href: "/clients?free=0", deed: "Look" };
}
