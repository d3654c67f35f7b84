/**
 * The plans and what each allows (SPEC section 6). Prices stand in price-list.ts: a plan's limits belong to the plan, its
 * price to the list of a day. Pure, for the browser too.
 */
export const planIds = ["self-hosted", "personal", "family", "pro", "team-10", "team-25", "team-100", "team-250", "team-500", "mme", "enterprise"] as const;
export type PlanId = (typeof planIds)[number];

export const isPlan = (text: string): text is PlanId => (planIds as readonly string[]).includes(text);

/** By which features, payment and the management plane go. */
export type Family = "self-hosted" | "individual" | "team" | "mme" | "enterprise";

/** A hard limit; none at all; or one that the price list does not name, which is not the same as none. */
export type Limit = number | "unlimited" | "unnamed";

export type Plan = {
  readonly id: PlanId;
  readonly name: string;
  /** What stands in a narrow column. */
  readonly code: string;
  readonly family: Family;
  /** Bought per user, from this many on. null: bought as it is. */
  readonly usersFrom: number | null;
  /** Of one subscription. "per user": each user is a personal vault, and all share the company vault. */
  readonly vaults: Limit | "per user";
  /** Of one vault, in the sense of `counts`. */
  readonly tokens: Limit;
  /** "agents": the owner stands beside them; "all": agents and people, the manager's row and leased rows included. */
  readonly counts: "agents" | "all";
  /** Hardware keys of one subscription, signers included; which vault may hold how many is set at HQ. */
  readonly devices: Limit;
  readonly trialDays: number | null;
};

const individual = (id: PlanId, name: string, agents: number, devices: Limit): Plan => ({ id, name, code: name, family: "individual", usersFrom: null, vaults: 1, tokens: agents, counts: "agents", devices, trialDays: 7 });
// Employees and the company vault: 11 of everything that a Team 10 counts by heads (SPEC section 13).
const team = (id: PlanId, size: number): Plan => ({ id, name: `Team ${size}`, code: `T${size}`, family: "team", usersFrom: null, vaults: size + 1, tokens: size + 1, counts: "all", devices: size * 10, trialDays: null });
const perUser = (id: PlanId, name: string, code: string, family: Family, usersFrom: number): Plan => ({ id, name, code, family, usersFrom, vaults: "per user", tokens: "unlimited", counts: "all", devices: "unnamed", trialDays: null });

/** From the smallest to the largest. */
export const plans: readonly Plan[] = [
  { id: "self-hosted", name: "Self-hosted", code: "Self", family: "self-hosted", usersFrom: null, vaults: "unlimited", tokens: "unlimited", counts: "all", devices: "unlimited", trialDays: null },
  individual("personal", "Personal", 5, 2),
  individual("family", "Family", 15, "unnamed"),
  individual("pro", "Pro", 50, "unnamed"),
  team("team-10", 10),
  team("team-25", 25),
  team("team-100", 100),
  team("team-250", 250),
  team("team-500", 500),
  perUser("mme", "MME", "MME", "mme", 500),
  perUser("enterprise", "Enterprise", "Ent", "enterprise", 1_000),
];

const byId = new Map(plans.map((plan) => [plan.id, plan]));

export const planOf = (id: PlanId): Plan => byId.get(id)!;

/** Vaults of one subscription. `users`: of a plan bought per user; below its minimum the minimum counts. */
export function vaultLimit(plan: Plan, users = 0): Limit {
  return plan.vaults === "per user" ? Math.max(users, plan.usersFrom ?? 0) + 1 : plan.vaults;
}

/** Tokens that fit into one vault, its owner's row included, as the vault itself counts them. */
export function tokenLimit(plan: Plan): Limit {
  return typeof plan.tokens === "number" && plan.counts === "agents" ? plan.tokens + 1 : plan.tokens;
}

export type Feature = { readonly id: string; readonly name: string; readonly families: readonly Family[] };

const everyFamily: readonly Family[] = ["self-hosted", "individual", "team", "mme", "enterprise"];
const hosted: readonly Family[] = ["individual", "team", "mme", "enterprise"];
const teamAndUp: readonly Family[] = ["team", "mme", "enterprise"];
const mmeAndUp: readonly Family[] = ["mme", "enterprise"];

/** Which plan brings what. No security feature is ever gated; what ours to run needs a vault that we run. */
export const features: readonly Feature[] = [
  { id: "security", name: "Every security feature", families: everyFamily },
  { id: "entries", name: "Unlimited entries", families: everyFamily },
  { id: "regions", name: "All regions", families: hosted },
  { id: "backup", name: "Daily backup on the other hemisphere", families: hosted },
  { id: "sla", name: "99.999 % for reads and one-time codes", families: hosted },
  { id: "plane", name: "Management plane", families: teamAndUp },
  { id: "scim", name: "SCIM directory", families: mmeAndUp },
  { id: "audit-export", name: "Centralised audit export", families: mmeAndUp },
  { id: "priority", name: "Priority support", families: mmeAndUp },
  { id: "siem", name: "SIEM", families: ["enterprise"] },
  { id: "compliance", name: "Compliance documents", families: ["enterprise"] },
  { id: "account-manager", name: "Account manager", families: ["enterprise"] },
  { id: "custom-region", name: "Custom region", families: ["enterprise"] },
];

export const hasFeature = (plan: Plan, feature: string): boolean => features.some(({ id, families }) => id === feature && families.includes(plan.family));
