"use server";
import { revalidatePath } from "next/cache";
import { act } from "#lib/action.ts";
import { begin as begun, beginShape } from "#lib/billing/subscribable.ts";
import { payments } from "#lib/billing/stripe.ts";
import type { Outcome } from "#lib/errors.ts";

/** A client's subscription at today's price. `checkoutUrl`: where to pay, when no card is on file. */
export async function begin(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; state: "done" | "waiting"; checkoutUrl: string | null }>> {
  const outcome = await act({ permission: "billing.write", input: beginShape, form }, async (actor, input) => {
    const { subscriptionId: id, state, checkoutUrl } = await begun(actor, input, { payments });
    return { id, state, checkoutUrl };
  });
  revalidatePath("/billing", "layout");
  return outcome;
}
