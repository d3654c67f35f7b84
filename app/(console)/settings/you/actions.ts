"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { askAddressChange, askAddressProof } from "#lib/identity/address.ts";
import { emailAddress, personName, proofShape } from "#lib/identity/ceremony.ts";
import { json } from "#lib/identity/form-value.ts";
import { renameYou } from "#lib/identity/you.ts";

const page = "/settings/you";

export async function rename(_previous: unknown, form: FormData): Promise<Outcome<{ name: string; inboxKey: boolean }>> {
  const outcome = await act({ permission: "self", input: z.object({ name: personName }), form }, (actor, given) => renameYou(actor, given));
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}

export async function askProof(_previous: unknown, form: FormData): Promise<Outcome<{ email: string }>> {
  const outcome = await act({ permission: "self", input: z.object({}), form }, (actor) => askAddressProof(actor));
  revalidatePath(page);
  return outcome;
}

export async function askChange(_previous: unknown, form: FormData): Promise<Outcome<{ email: string }>> {
  const outcome = await act({ permission: "self", input: z.object({ email: emailAddress, proof: json(proofShape) }), form }, (actor, given) => askAddressChange(actor, given));
  if (outcome.ok) revalidatePath(page);
  return outcome;
}
