"use server";
import { revalidatePath } from "next/cache";
import { act } from "#lib/action.ts";
import { createClient } from "#lib/client/create.ts";
import { clientShape } from "#lib/client/shape.ts";
import type { Outcome } from "#lib/errors.ts";

export async function create(_previous: unknown, form: FormData): Promise<Outcome<{ clientId: string }>> {
  const outcome = await act({ permission: "client.connect", input: clientShape, form }, (actor, input) => createClient(actor, input));
  if (outcome.ok) revalidatePath("/clients");
  return outcome;
}
