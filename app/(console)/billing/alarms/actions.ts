"use server";
import { revalidatePath } from "next/cache";
import { act } from "#lib/action.ts";
import { clearAlarm, clearShape } from "#lib/billing/alarms.ts";
import type { Outcome } from "#lib/errors.ts";

export async function clear(_previous: unknown, form: FormData): Promise<Outcome<void>> {
  const outcome = await act({ permission: "billing.write", input: clearShape, form }, (actor, input) => clearAlarm(actor, input));
  revalidatePath("/billing/alarms");
  return outcome;
}
