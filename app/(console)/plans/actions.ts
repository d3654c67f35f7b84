"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { importPlan, unpackFile } from "#lib/plan/file.ts";

export async function bring(_previous: unknown, form: FormData): Promise<Outcome<{ planId: string; known: boolean }>> {
  const input = z.object({ packed: z.string().min(1, "Choose a file first.").regex(/^[A-Za-z0-9+/]+=*$/, "Choose a file first.") });
  const outcome = await act({ permission: "plan.make", input, form }, async (actor, { packed }) => {
    const { planId, known } = await importPlan(actor, unpackFile(packed));
    return { planId, known };
  });
  if (outcome.ok) revalidatePath("/plans", "layout");
  return outcome;
}
