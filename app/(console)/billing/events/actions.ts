"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import { replayEvent, replayFailed, replayShape } from "#lib/billing/webhook.ts";
import type { Outcome } from "#lib/errors.ts";

export async function again(_previous: unknown, form: FormData): Promise<Outcome<void>> {
  const outcome = await act({ permission: "billing.write", input: replayShape, form }, (actor, { event }) => replayEvent(actor, event));
  revalidatePath("/billing/events");
  return outcome;
}

export async function allAgain(_previous: unknown, form: FormData): Promise<Outcome<{ events: number }>> {
  const outcome = await act({ permission: "billing.write", input: z.object({}), form }, (actor) => replayFailed(actor));
  revalidatePath("/billing/events");
  return outcome;
}
