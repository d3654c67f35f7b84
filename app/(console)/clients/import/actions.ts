"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import { bringSheet, makeRequests, noteCalled, putAway, type Made } from "#lib/client/import.ts";
import { mailLink } from "#lib/client/mail-link.ts";
import { grantFrom, importShape } from "#lib/client/request.ts";
import { tidy } from "#lib/client/shape.ts";
import type { Outcome } from "#lib/errors.ts";

const importId = z.uuid();
const pages = () => revalidatePath("/clients", "layout");

export async function bring(_previous: unknown, form: FormData): Promise<Outcome<{ importId: string }>> {
  const input = z.object({ fileName: z.string().transform((name) => tidy(name).slice(0, 120) || "sheet.csv"), text: z.string().min(1, "Choose a file first.") });
  const outcome = await act({ permission: "client.connect", input, form }, (actor, given) => bringSheet(actor, given));
  if (outcome.ok) pages();
  return outcome;
}

export async function make(_previous: unknown, form: FormData): Promise<Outcome<Made>> {
  const outcome = await act({ permission: "client.connect", input: importShape, form }, (actor, { importId: id, roles, oneSigner, ...want }) => makeRequests(actor, { importId: id, roles, oneSigner, want: grantFrom(want) }));
  pages();
  return outcome;
}

export async function call(_previous: unknown, form: FormData): Promise<Outcome<{ called: boolean }>> {
  const input = z.object({ importId, position: z.coerce.number().int().min(2), called: z.enum(["yes", "no"]) });
  const outcome = await act({ permission: "client.connect", input, form }, (actor, given) => noteCalled(actor, { ...given, called: given.called === "yes" }));
  if (outcome.ok) pages();
  return outcome;
}

export async function mail(_previous: unknown, form: FormData): Promise<Outcome<{ to: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ requestId: z.uuid() }), form }, (actor, given) => mailLink(actor, given));
  if (outcome.ok) pages();
  return outcome;
}

export async function away(_previous: unknown, form: FormData): Promise<Outcome<{ importId: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ importId }), form }, (actor, given) => putAway(actor, given));
  pages();
  return outcome;
}
