"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { haltShape, liftHalt, setHalt, type Halt } from "#lib/plan/halt.ts";

export async function set(_previous: unknown, form: FormData): Promise<Outcome<Halt>> {
  const outcome = await act({ permission: "work.halt", input: haltShape, form }, (actor, input) => setHalt(actor, input));
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}

export async function lift(_previous: unknown, form: FormData): Promise<Outcome<{ what: string }>> {
  const outcome = await act({ permission: "work.halt", input: z.object({ id: z.uuid() }), form }, (actor, input) => liftHalt(actor, input));
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}
