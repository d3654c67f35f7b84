/** `customer.subscription.updated`: Its plan, period, state or collection moved. */
export { readSubscription as handle } from "./handler.ts";
