/** `invoice.paid`: The first of them locks the price for life. */
export { readSubscription as handle } from "./handler.ts";
