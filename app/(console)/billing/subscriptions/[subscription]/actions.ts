"use server";
import { revalidatePath } from "next/cache";
import { act } from "#lib/action.ts";
import { change as changed, changeShape } from "#lib/billing/change.ts";
import { payments } from "#lib/billing/stripe.ts";
import { readSubscription } from "#lib/billing/subscription.ts";
import type { Outcome } from "#lib/errors.ts";

/** One change of one subscription. What the page warned of is judged again in the verb. */
export async function change(_previous: unknown, form: FormData): Promise<Outcome<{ state: "done" | "waiting" }>> {
  const outcome = await act({ permission: "billing.write", input: changeShape, form }, async (actor, input) => {
    const { line } = await readSubscription(actor, input.subscription);
    const { state } = await changed(actor, input, line, { payments: payments() });
    return { state };
  });
  revalidatePath("/billing", "layout");
  return outcome;
}
