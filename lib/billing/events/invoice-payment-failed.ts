/** `invoice.payment_failed`: Day 0 of a failed card, or one of its later tries. */
export { readSubscription as handle } from "./handler.ts";
