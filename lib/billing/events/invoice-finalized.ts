/** `invoice.finalized`: It has its number, its due date and its pages now. */
export { readSubscription as handle } from "./handler.ts";
