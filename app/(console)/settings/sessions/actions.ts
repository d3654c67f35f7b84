"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { endOtherSessions, endSession } from "#lib/identity/sessions.ts";

export async function end(_previous: unknown, form: FormData): Promise<Outcome<{ ended: number }>> {
  const outcome = await act({ permission: "self", input: z.object({ id: z.uuid() }), form }, endSession);
  revalidatePath("/settings/sessions");
  return outcome;
}

export async function endOthers(_previous: unknown, form: FormData): Promise<Outcome<{ ended: number }>> {
  const outcome = await act({ permission: "self", input: z.object({}), form }, endOtherSessions);
  revalidatePath("/settings/sessions");
  return outcome;
}
