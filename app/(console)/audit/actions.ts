"use server";
import { z } from "zod";
import { act } from "#lib/action.ts";
import { removeAuditView, saveAuditView } from "#lib/audit/view.ts";
import type { Outcome } from "#lib/errors.ts";
import { askExport, cancelExport } from "#lib/export/ask.ts";
import { formats } from "#lib/export/chain.ts";

type Done = Promise<Outcome<{ id: string }>>;
const query = z.string().max(2_000);
const id = z.object({ id: z.uuid() });

export const nameView = async (_previous: unknown, form: FormData): Done =>
  act({ permission: "audit.view", input: z.object({ name: z.string().trim().min(1, "Give it a name.").max(120, "At most 120 letters."), query, shared: z.enum(["yes", "no"]).transform((text) => text === "yes") }), form }, (actor, given) => saveAuditView(actor, given));
export const forgetView = async (_previous: unknown, form: FormData): Done => act({ permission: "audit.view", input: id, form }, (actor, given) => removeAuditView(actor, given));
export const askForExport = async (_previous: unknown, form: FormData): Done => act({ permission: "audit.export", input: z.object({ query, format: z.enum(formats) }), form }, (actor, given) => askExport(actor, given));
export const stopExport = async (_previous: unknown, form: FormData): Done => act({ permission: "audit.export", input: id, form }, (actor, given) => cancelExport(actor, given));
