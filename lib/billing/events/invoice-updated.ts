/** `invoice.updated`: A credit lowered what is owed. */
export { readSubscription as handle } from "./handler.ts";
