"use server";
import { revalidatePath } from "next/cache";
import { act } from "#lib/action.ts";
import { openPortal, portalShape } from "#lib/billing/portal.ts";
import { payments } from "#lib/billing/stripe.ts";
import { tellClient, tellShape } from "#lib/billing/tell-client.ts";
import type { Outcome } from "#lib/errors.ts";

/** Where the payment provider's page is; it ends by itself soon. */
export async function paymentDetails(_previous: unknown, form: FormData): Promise<Outcome<{ url: string }>> {
  return act({ permission: "billing.write", input: portalShape, form }, (actor, input) => openPortal(actor, input, { payments }));
}

/** Writes to the client whose deletion clock runs. */
export async function tell(_previous: unknown, form: FormData): Promise<Outcome<{ to: string }>> {
  const outcome = await act({ permission: "billing.write", input: tellShape, form }, (actor, input) => tellClient(actor, input));
  revalidatePath("/billing", "layout");
  return outcome;
}
