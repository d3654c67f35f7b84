"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act, onceKey } from "#lib/action.ts";
import { clientDetails } from "#lib/client/details.ts";
import { editClient } from "#lib/client/edit.ts";
import type { Outcome } from "#lib/errors.ts";
import { glassDays, makeGlassLink, revokeGlassLink } from "#lib/glass/links.ts";
import { readNow } from "#lib/known/schedule.ts";
import { acceptDrift } from "#lib/known/settle-drift.ts";
import { tidy } from "#lib/client/shape.ts";

const page = "/clients/[client]";

export async function read(_previous: unknown, form: FormData): Promise<Outcome<{ count: number }>> {
  return act({ permission: "client.read", input: z.object({ vaultRef: z.uuid() }), form }, (actor, { vaultRef }) => readNow(actor, [vaultRef]));
}

export async function accept(_previous: unknown, form: FormData): Promise<Outcome<{ count: number }>> {
  const outcome = await act({ permission: "drift.settle", input: z.object({ driftId: z.uuid() }), form }, (actor, { driftId }) => acceptDrift(actor, [driftId]));
  revalidatePath(page, "layout");
  return outcome;
}

export async function edit(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; name: string }>> {
  const input = clientDetails.extend({ clientId: z.uuid(), mark: z.string().length(22) });
  const outcome = await act({ permission: "client.connect", input, form }, (actor, { clientId, mark, ...details }) => editClient(actor, { clientId, mark, details }));
  if (outcome.ok) revalidatePath(page, "layout");
  return outcome;
}

const days = z.enum(["30", "90", "365"], "Choose how long.").transform((text) => glassDays.find((one) => String(one) === text)!);
const label = z.string().transform(tidy).refine((text) => text.length >= 1 && text.length <= 120, "Write whom it is for, in at most 120 letters.");

export async function makeLink(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; link: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ clientId: z.uuid(), label, days, key: onceKey }), form }, (actor, given) => makeGlassLink(actor, given));
  if (outcome.ok) revalidatePath(page, "layout");
  return outcome;
}

export async function revokeLink(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ id: z.uuid() }), form }, (actor, given) => revokeGlassLink(actor, given));
  revalidatePath(page, "layout");
  return outcome;
}
