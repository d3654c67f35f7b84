/**
 * Another plan or another number of users. Larger: at once, prorated, same anniversary, and the new price locks with that charge.
 * Smaller: at the renewal, refused while more is used than it allows. The price that was shown is the one that is charged.
 */
import { systemClock } from "../clock.ts";
import type { Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { recomputeCollection } from "./collection.ts";
import { keyOf, specOf, unitsOf } from "./catalogue.ts";
import { ask, carriesOut, type Asking, type Outcome, type SubscriptionRow } from "./intent.ts";
import { holds } from "./limits.ts";
import type { Deps } from "./mirror.ts";
import { minor } from "./money.ts";
import { PaymentRefused, type PriceSpec } from "./payments.ts";
import { isPlan, planOf, plans, type PlanId } from "./plan.ts";
import { priceListAt, priceLists, type Currency } from "./price-list.ts";
import type { Lists } from "./subscribe.ts";
import type { Interval } from "./types.ts";
import { usageOf } from "./usage.ts";

export type ChangeInput = Asking & { readonly plan: PlanId; readonly users?: number };

const size = (plan: PlanId): number => plans.findIndex(({ id }) => id === plan);
const planIn = ({ plan }: { plan: string }): PlanId => (isPlan(plan) ? plan : (() => { throw new RangeError(`no plan is called ${plan}`); })());

/**
 * What the change would be bought at. More or fewer users of the same plan keep the locked price of one: the lock is of plan and
 * currency, not of a head count.
 */
async function priced(tx: Write, row: SubscriptionRow, { plan, users = row.quantity }: ChangeInput, { clock = systemClock, lists = priceLists }: Deps & Lists): Promise<{ spec: PriceSpec; quantity: number; larger: boolean }> {
  const quantity = unitsOf(plan, users);
  const now = planIn(row);
  if (plan === now) return { spec: await heldSpec(tx, row), quantity, larger: quantity > row.quantity };
  const spec = specOf(priceListAt(clock.now(), lists), plan, row.currency as Currency, row.interval as Interval);
  if (!spec) throw new Refusal("price_unpublished");
  return { spec, quantity, larger: size(plan) > size(now) };
}

/** The price that the subscription has, as it was bought. */
async function heldSpec(tx: Write, row: SubscriptionRow): Promise<PriceSpec> {
  const lock = await tx.db.priceLock.findFirst({ where: { mspId: row.mspId, subscriptionId: row.subscriptionId, endedAt: null } });
  const list = lock?.listId ?? (await boughtFrom(tx, row));
  return { plan: planIn(row), list, currency: row.currency as Currency, interval: row.interval as Interval, amount: minor(row.amount) };
}

async function boughtFrom(tx: Write, row: SubscriptionRow): Promise<string> {
  const intent = await tx.db.billingIntent.findFirst({ where: { mspId: row.mspId, subscriptionId: row.subscriptionId, kind: { in: ["subscribe", "upgrade", "downgrade"] }, state: "done" }, orderBy: { begunAt: "desc" } });
  const spec = (intent?.input as { spec?: PriceSpec } | undefined)?.spec;
  if (spec?.plan !== row.plan) throw new Refusal("price_unpublished");
  return spec.list;
}

/** Throws Refusal `not_larger`, `change_waits`, `price_unpublished`, `payment_refused`, and what `ask` throws. */
export async function upgrade(actor: Actor, input: ChangeInput, deps: Deps & Lists): Promise<Outcome> {
  const outcome = await ask(actor, input, "upgrade", async (row, tx) => {
    const { spec, quantity, larger } = await priced(tx, row, input, deps);
    if (!larger || row.state === "opening") throw new Refusal("not_larger");
    // The provider holds the smaller one already, and would charge the difference from there: what was paid for once would be paid for again.
    if (row.nextPlan !== null) throw new Refusal("change_waits");
    return { input: { spec, quantity }, words: spec.plan === row.plan ? `${planOf(spec.plan).name} for ${quantity} users in place of ${row.quantity}` : `an upgrade to ${planOf(input.plan).name}${quantity > 1 ? ` for ${quantity}` : ""}` };
  }, deps);
  if (outcome.state === "done") await recomputeCollection(actor, deps);
  return outcome;
}

/** Throws Refusal `not_larger`, `usage_over`, `price_unpublished`, and what `ask` throws. */
export async function downgrade(actor: Actor, input: ChangeInput, deps: Deps & Lists): Promise<Outcome> {
  const now = (deps.clock ?? systemClock).now();
  return ask(actor, input, "downgrade", async (row, tx) => {
    const { spec, quantity, larger } = await priced(tx, row, input, deps);
    if (larger || (spec.plan === row.plan && quantity === row.quantity)) throw new Refusal("not_larger");
    const usage = await usageOf(tx, row);
    if (!holds(input.plan, { ...usage, users: quantity })) {
      // The shared vault of all stands beside the users' own.
      const used = usage.vaults - 1;
      throw new Refusal("usage_over", spec.plan === row.plan ? { detail: `${used.toLocaleString("en")} users have a vault, and limits are hard. Nothing was changed.`, fields: { users: `At least ${used.toLocaleString("en")}, as long as so many have a vault.` } } : {});
    }
    return { input: { spec, quantity, plan: spec.plan, amount: spec.amount, at: now.toISOString() }, words: `${planOf(input.plan).name}${spec.plan === row.plan ? ` for ${quantity} users in place of ${row.quantity}` : ""} from the next renewal on` };
  }, deps);
}

/** Takes a downgrade back that has not come yet: the lock stays as it was. */
export async function keepPlan(actor: Actor, input: Asking, deps: Deps): Promise<Outcome> {
  return ask(actor, input, "keep_plan", async (row, tx) => {
    if (row.nextPlan === null) throw new Refusal("moved_on");
    return { input: { spec: await heldSpec(tx, row), quantity: row.quantity }, words: `${planOf(planIn(row)).name} to stay as it is` };
  }, deps);
}

for (const kind of ["upgrade", "downgrade", "keep_plan"] as const) {
  carriesOut(kind, async ({ intent, facts, doing, deps: { payments } }) => {
    const { spec, quantity } = intent.input as unknown as { spec: PriceSpec; quantity: number };
    if (!facts) throw new PaymentRefused("the payment provider knows nothing of this subscription");
    if (facts.status === "ended") return [facts.id];
    const there = facts.price !== null && keyOf(facts.price) === keyOf(spec) && facts.quantity === quantity;
    if (!there) await payments.changePrice(facts, { price: (await payments.price(spec)).id, quantity, now: kind === "upgrade" }, doing);
    return [facts.id];
  });
}
