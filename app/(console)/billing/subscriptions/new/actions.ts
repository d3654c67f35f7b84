"use server";
import { act } from "#lib/action.ts";
import { begin as begun, beginShape } from "#lib/billing/subscribable.ts";
import { payments } from "#lib/billing/stripe.ts";
import type { Outcome } from "#lib/errors.ts";

/** A client's subscription at today's price. `checkoutUrl`: where to pay, when no card is on file. */
export async function begin(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; state: "done" | "waiting"; checkoutUrl: string | null }>> {
  // No page is drawn anew with the answer: the form, which goes on from it, would be gone with its client.
  return act({ permission: "billing.write", input: beginShape, form }, async (actor, input) => {
    const { subscriptionId: id, state, checkoutUrl } = await begun(actor, input, { payments });
    return { id, state, checkoutUrl };
  });
}
