"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act, onceKey } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { retryMail } from "#lib/mail/retry.ts";
import { sendTestMail } from "#lib/mail/send-test.ts";

const address = z.string().trim().min(1, "Type an address.").max(254, "An address has at most 254 letters.").pipe(z.email("This is no mail address. It looks like name@example.com."))
  .refine((text) => text.lastIndexOf("@") <= 64, "The part before the @ has at most 64 letters.");

export async function sendTest(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const outcome = await act({ permission: "mail.test", input: z.object({ to: address, key: onceKey }), form }, sendTestMail);
  if (outcome.ok) revalidatePath("/settings/mail");
  return outcome;
}

export async function retry(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const outcome = await act({ permission: "mail.retry", input: z.object({ id: z.uuid() }), form }, (actor, { id }) => retryMail(actor, id));
  if (outcome.ok) revalidatePath("/settings/mail");
  return outcome;
}
