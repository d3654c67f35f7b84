"use server";
import { revalidatePath } from "next/cache";
import { act } from "#lib/action.ts";
import { previewRetention, retentionInput, setRetention, type Preview } from "#lib/audit/retention.ts";
import type { Outcome } from "#lib/errors.ts";

/** The dry run. Nothing is changed. */
export async function preview(_previous: unknown, form: FormData): Promise<Outcome<Preview>> {
  return act({ permission: "audit.retain", input: retentionInput, form }, (actor, { months }) => previewRetention(actor, months));
}

export async function setMonths(_previous: unknown, form: FormData): Promise<Outcome<{ months: number | null }>> {
  const outcome = await act({ permission: "audit.retain", input: retentionInput, form }, setRetention);
  if (outcome.ok) revalidatePath("/settings/audit");
  return outcome;
}
