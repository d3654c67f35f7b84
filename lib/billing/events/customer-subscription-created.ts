/** `customer.subscription.created`: A subscription was opened, by us or by Checkout. */
export { readSubscription as handle } from "./handler.ts";
