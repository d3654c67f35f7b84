"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import type { Question } from "#lib/identity/ceremony.ts";
import { addInboxCopy, beginInboxCopy, copyShape } from "#lib/inbox/copy.ts";
import { stateInboxKey, stateShape } from "#lib/inbox/state.ts";

/** A form field that holds JSON of the given shape. An X-Wing statement takes under 2 kB, an assertion under 10. */
const json = <Shape extends z.ZodType>(shape: Shape) =>
  z.string().max(24_000).transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "This is no JSON." });
      return z.NEVER;
    }
  }).pipe(shape);

export async function stateKey(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; fingerprint: string }>> {
  const outcome = await act({ permission: "inbox_key.own", input: z.object({ given: json(stateShape) }), form }, (actor, { given }) => stateInboxKey(actor, given));
  if (outcome.ok) revalidatePath("/settings/inbox-key");
  return outcome;
}

export async function beginCopy(_previous: unknown, form: FormData): Promise<Outcome<Question>> {
  return act({ permission: "inbox_key.own", input: z.object({ inbox_key_id: z.uuid() }), form }, (actor, input) => beginInboxCopy(actor, input));
}

export async function addCopy(_previous: unknown, form: FormData): Promise<Outcome<{ copies: number }>> {
  const outcome = await act({ permission: "inbox_key.own", input: z.object({ given: json(copyShape) }), form }, (actor, { given }) => addInboxCopy(actor, given));
  if (outcome.ok) revalidatePath("/settings/inbox-key");
  return outcome;
}
