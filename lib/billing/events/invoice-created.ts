/** `invoice.created`: A draft: a renewal is compared with its lock before it is sent. */
export { readSubscription as handle } from "./handler.ts";
