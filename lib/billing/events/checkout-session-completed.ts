/** `checkout.session.completed`: somebody paid by card for the first time. */
export { readSubscription as handle } from "./handler.ts";
