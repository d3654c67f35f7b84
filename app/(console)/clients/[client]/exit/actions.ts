"use server";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { planExit } from "#lib/plan/exit.ts";
import { isText } from "#lib/protocol/schema.ts";

const wellFormed: (value: unknown) => boolean = isText;

export async function freezeExit(_previous: unknown, form: FormData): Promise<Outcome<{ planId: string }>> {
  const input = z.object({ clientId: z.uuid(), reason: z.string().trim().transform((text) => (text === "" ? null : text)).refine((text) => text === null || wellFormed(text), "At most 120 characters, on one line.") });
  // Nothing is drawn anew here: the page goes on to the plan, and a form that vanished under its own answer could not.
  return act({ permission: "client.exit", input, form }, async (actor, given) => ({ planId: (await planExit(actor, given)).planId }));
}
