"use server";
import { revalidatePath } from "next/cache";
import { act } from "#lib/action.ts";
import { startDemo, startShape } from "#lib/demo/start.ts";
import type { Outcome } from "#lib/errors.ts";

export async function start(_previous: unknown, form: FormData): Promise<Outcome<{ started: boolean }>> {
  const outcome = await act({ permission: "client.connect", input: startShape, form }, (actor) => startDemo(actor));
  if (outcome.ok) revalidatePath("/claim/progress");
  return outcome;
}
