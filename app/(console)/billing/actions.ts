"use server";
import { act } from "#lib/action.ts";
import { openPortal, portalShape } from "#lib/billing/portal.ts";
import { payments } from "#lib/billing/stripe.ts";
import type { Outcome } from "#lib/errors.ts";

/** Where the payment provider's page is; it ends by itself soon. */
export async function paymentDetails(_previous: unknown, form: FormData): Promise<Outcome<{ url: string }>> {
  return act({ permission: "billing.write", input: portalShape, form }, (actor, input) => openPortal(actor, input, { payments }));
}
