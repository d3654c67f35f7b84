"use server";
import { revalidatePath } from "next/cache";
import { act } from "#lib/action.ts";
import { detailsShape, saveDetails } from "#lib/billing/details.ts";
import { payments } from "#lib/billing/stripe.ts";
import type { Outcome } from "#lib/errors.ts";

/** Who pays, as it stands on the next invoice. */
export async function save(_previous: unknown, form: FormData): Promise<Outcome<void>> {
  const outcome = await act({ permission: "billing.write", input: detailsShape, form }, (actor, input) => saveDetails(actor, input, { payments }));
  revalidatePath("/billing", "layout");
  return outcome;
}
