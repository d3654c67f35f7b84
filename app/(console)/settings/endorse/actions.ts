"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { askEndorse, type AskedWindow } from "#lib/signing/ask.ts";
import { userAgentNow } from "#lib/signing/browser.ts";

/** One key, named, or all that wait. */
const input = z.object({ id: z.uuid().optional() });

export async function openEndorse(_previous: unknown, form: FormData): Promise<Outcome<AskedWindow>> {
  const outcome = await act({ permission: "inbox_key.endorse", input, form }, async (actor, { id }) => askEndorse(actor, id === undefined ? {} : { ids: [id] }, await userAgentNow()));
  if (outcome.ok) revalidatePath("/settings/endorse");
  return outcome;
}
