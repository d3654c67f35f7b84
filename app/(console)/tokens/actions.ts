"use server";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { handOverIds, noteOpened, reportStrange, strangeShape, takeSealed, type SealedLine } from "#lib/token/take.ts";

const ids = z.object({ ids: handOverIds });

export async function take(_previous: unknown, form: FormData): Promise<Outcome<SealedLine[]>> {
  return act({ permission: "token.own", input: ids, form }, (actor, input) => takeSealed(actor, input));
}

export async function opened(_previous: unknown, form: FormData): Promise<Outcome<{ count: number }>> {
  return act({ permission: "token.own", input: ids, form }, (actor, input) => noteOpened(actor, input));
}

export async function strange(_previous: unknown, form: FormData): Promise<Outcome<{ client: string }>> {
  return act({ permission: "token.own", input: strangeShape, form }, (actor, input) => reportStrange(actor, input));
}
