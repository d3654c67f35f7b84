/** `credit_note.created`: money went back, or less is owed. The event names the invoice only; its subscription is asked for. */
import { mirrorSubscription } from "../mirror.ts";
import type { Handler } from "./handler.ts";

export const handle: Handler = async (actor, event, deps, told) => {
  const subscription = event.invoice === null ? null : ((await deps.payments.invoice(event.invoice))?.subscription ?? null);
  return subscription === null ? "none" : mirrorSubscription(actor, subscription, deps, told);
};
