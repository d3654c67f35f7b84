/** `invoice.voided`: Nobody owes it any more. */
export { readSubscription as handle } from "./handler.ts";
