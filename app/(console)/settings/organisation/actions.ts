"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { organisationName } from "#lib/identity/ceremony.ts";
import { renameOrganisation } from "#lib/identity/organisation.ts";

export async function rename(_previous: unknown, form: FormData): Promise<Outcome<{ name: string }>> {
  const outcome = await act({ permission: "organisation.rename", input: z.object({ name: organisationName }), form }, renameOrganisation);
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}
