"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { askConfirm, type AskedWindow } from "#lib/signing/ask.ts";
import { userAgentNow } from "#lib/signing/browser.ts";

/** Some, named, or all that wait. */
const input = z.object({ vaultRefs: z.string().transform((text) => text.split(",")).pipe(z.array(z.uuid()).min(1).max(1_000)).optional() });

export async function openConfirm(_previous: unknown, form: FormData): Promise<Outcome<AskedWindow>> {
  const outcome = await act({ permission: "client.connect", input, form }, async (actor, { vaultRefs }) => askConfirm(actor, vaultRefs === undefined ? {} : { vaultRefs }, await userAgentNow()));
  if (outcome.ok) revalidatePath("/clients/confirm");
  return outcome;
}
