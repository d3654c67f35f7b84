/** Every change of a subscription that finance asks for, as one form sends it. */
import { z } from "zod";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { downgrade, keepPlan, upgrade } from "./change-plan.ts";
import type { Outcome } from "./intent.ts";
import type { Deps } from "./mirror.ts";
import { changeCurrency, changeInterval, changePayer, payerShape } from "./move.ts";
import { plans, type PlanId } from "./plan.ts";
import { currencies } from "./price-list.ts";
import { creditInvoice, creditShape, regret } from "./refund.ts";
import { renewAgain, stop } from "./stop.ts";
import { planShape, type Lists } from "./subscribe.ts";
import { usersFrom } from "./typed.ts";
import { intervals } from "./types.ts";

/** `version`: of the subscription as the page was drawn, so that of two people at once the second is told. */
export const changeShape = z.discriminatedUnion("deed", [
  z.object({ deed: z.literal("plan"), subscription: z.uuid(), version: z.coerce.number().int(), plan: planShape }),
  z.object({ deed: z.literal("currency"), subscription: z.uuid(), version: z.coerce.number().int(), currency: z.enum(currencies) }),
  z.object({ deed: z.literal("interval"), subscription: z.uuid(), version: z.coerce.number().int(), interval: z.enum(intervals) }),
  // As it is typed: what it may be depends on the plan.
  z.object({ deed: z.literal("users"), subscription: z.uuid(), version: z.coerce.number().int(), users: z.string().max(20) }),
  creditShape.extend({ deed: z.literal("credit"), subscription: z.uuid(), version: z.coerce.number().int() }),
  payerShape.extend({ deed: z.literal("payer"), subscription: z.uuid(), version: z.coerce.number().int() }),
  z.object({ deed: z.enum(["cancel", "switch_off", "renew", "keep_plan", "regret"]), subscription: z.uuid(), version: z.coerce.number().int() }),
]);
export type ChangeAsked = z.output<typeof changeShape>;

/** @param from as it is now. Throws Refusal as the verb does: `moved_on`, `billing_busy`, `usage_over`, `payments_away`, `payment_refused`, ... */
export async function change(actor: Actor, asked: ChangeAsked, from: { readonly plan: PlanId; readonly users: number }, deps: Deps & Lists): Promise<Outcome> {
  const asking = { subscriptionId: asked.subscription, version: asked.version };
  switch (asked.deed) {
    case "plan": {
      const size = (plan: string) => plans.findIndex(({ id }) => id === plan);
      return (size(asked.plan) > size(from.plan) ? upgrade : downgrade)(actor, { ...asking, plan: asked.plan }, deps);
    }
    case "users": {
      const found = usersFrom(asked.users, from, limits.subscriptionUsers);
      if (!found.ok) throw new Refusal("invalid", { fields: { users: found.words } });
      return (found.users > from.users ? upgrade : downgrade)(actor, { ...asking, plan: from.plan, users: found.users }, deps);
    }
    case "credit": return creditInvoice(actor, { ...asking, invoice: asked.invoice, amount: asked.amount, words: asked.words }, deps);
    case "currency": return changeCurrency(actor, { ...asking, currency: asked.currency }, deps);
    case "interval": return changeInterval(actor, { ...asking, interval: asked.interval }, deps);
    case "payer": return changePayer(actor, { ...asking, name: asked.name, email: asked.email, country: asked.country }, deps);
    case "cancel": return stop(actor, { ...asking, because: "cancelled" }, deps);
    case "switch_off": return stop(actor, { ...asking, because: "switched_off" }, deps);
    case "renew": return renewAgain(actor, asking, deps);
    case "keep_plan": return keepPlan(actor, asking, deps);
    case "regret": return regret(actor, asking, deps);
  }
}
