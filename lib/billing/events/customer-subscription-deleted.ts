/** `customer.subscription.deleted`: It ended: its lock ends with it. */
export { readSubscription as handle } from "./handler.ts";
