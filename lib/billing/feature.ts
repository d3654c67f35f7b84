/** Whether a plan brings a feature, and if not, which plan does. No security feature is ever gated (SPEC section 6). Pure. */
import { features, hasFeature, planOf, plans, type Plan, type PlanId } from "./plan.ts";

export type FeatureId = (typeof features)[number]["id"];

/** `from`: the smallest plan that brings it. */
export type Judgement = { readonly has: true } | { readonly has: false; readonly feature: string; readonly from: Plan };

/** Throws a RangeError for a feature that does not exist. */
export function judgeFeature(plan: PlanId, id: FeatureId): Judgement {
  const feature = features.find((one) => one.id === id);
  if (!feature) throw new RangeError(`there is no feature ${id}`);
  if (hasFeature(planOf(plan), id)) return { has: true };
  return { has: false, feature: feature.name, from: plans.find(({ family }) => feature.families.includes(family))! };
}

/** Over several clients: who has it, and who is left out with the plan that would bring it (an export says so, SPEC section 6). */
export function splitByFeature<C extends { readonly plan: PlanId }>(clients: readonly C[], id: FeatureId): { with: C[]; without: { client: C; from: Plan }[] } {
  const without: { client: C; from: Plan }[] = [];
  const having: C[] = [];
  for (const client of clients) {
    const judged = judgeFeature(client.plan, id);
    if (judged.has) having.push(client);
    else without.push({ client, from: judged.from });
  }
  return { with: having, without };
}
