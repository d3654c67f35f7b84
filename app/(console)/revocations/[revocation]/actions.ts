"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { askNow } from "#lib/revocation/ask-now.ts";
import { planOpenRows, setApart } from "#lib/revocation/open.ts";

const board = z.object({ revocationId: z.uuid() });
const redrawn = <T>(outcome: Outcome<T>): Outcome<T> => {
  if (outcome.ok) revalidatePath("/revocations", "layout");
  return outcome;
};

export async function ask(_previous: unknown, form: FormData): Promise<Outcome<{ count: number }>> {
  return redrawn(await act({ permission: "revocation.open", input: board, form }, (actor, given) => askNow(actor, given)));
}

export async function plan(_previous: unknown, form: FormData): Promise<Outcome<{ planId: string }>> {
  return redrawn(await act({ permission: "revocation.open", input: board, form }, async (actor, given) => ({ planId: (await planOpenRows(actor, given)).planId })));
}

export async function apart(_previous: unknown, form: FormData): Promise<Outcome<{ client: string }>> {
  const input = board.extend({ vaultRef: z.uuid(), uid: z.string().min(1).max(40), words: z.string().trim().min(3, "Say what is known of it.").max(240) });
  return redrawn(await act({ permission: "revocation.open", input, form }, (actor, given) => setApart(actor, given)));
}
