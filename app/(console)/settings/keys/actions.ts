"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { keyLabel, newKeyShape, proofShape, type KeyQuestion } from "#lib/identity/ceremony.ts";
import { json } from "#lib/identity/form-value.ts";
import { addKey, beginKey, removeKey, renameKey } from "#lib/identity/keys.ts";

const id = z.string().regex(/^[A-Za-z0-9_-]{1,1364}$/);

/** After a tap with a key that is there: the question to the new one. The label is read first, so that a bad one costs no touch. */
export async function begin(_previous: unknown, form: FormData): Promise<Outcome<KeyQuestion>> {
  return act({ permission: "self", input: z.object({ proof: json(proofShape) }), form }, (actor, given) => beginKey(actor, given));
}

export async function add(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const outcome = await act({ permission: "self", input: z.object({ label: keyLabel, key: json(newKeyShape) }), form }, (actor, given) => addKey(actor, given));
  if (outcome.ok) revalidatePath("/settings/keys");
  return outcome;
}

export async function rename(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const outcome = await act({ permission: "self", input: z.object({ id, label: keyLabel }), form }, renameKey);
  if (outcome.ok) revalidatePath("/settings/keys");
  return outcome;
}

export async function remove(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; endedThisSession: boolean }>> {
  const outcome = await act({ permission: "self", input: z.object({ id, proof: json(proofShape) }), form }, (actor, given) => removeKey(actor, given));
  if (outcome.ok) revalidatePath("/settings/keys");
  return outcome;
}
