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
