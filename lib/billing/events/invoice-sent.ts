/** `invoice.sent`: It went to the payer by mail. */
export { readSubscription as handle } from "./handler.ts";
