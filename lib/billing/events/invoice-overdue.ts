/** `invoice.overdue`: Its due date passed. */
export { readSubscription as handle } from "./handler.ts";
