"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import { askConnect } from "#lib/client/ask.ts";
import { cancelConnect, giveUpClient } from "#lib/client/cancel.ts";
import { mailLink } from "#lib/client/mail-link.ts";
import { checkAgain, pasteReply } from "#lib/client/reply.ts";
import { askShape } from "#lib/client/request-forms.ts";
import { grantFrom } from "#lib/client/request.ts";
import type { Outcome } from "#lib/errors.ts";
import { askConfirm, type AskedWindow } from "#lib/signing/ask.ts";
import { userAgentNow } from "#lib/signing/browser.ts";

const pages = () => revalidatePath("/clients", "layout");
const vaultRef = z.uuid();

export async function ask(_previous: unknown, form: FormData): Promise<Outcome<{ vaultRef: string }>> {
  const outcome = await act({ permission: "client.connect", input: askShape, form }, async (actor, { clientId, address, roles, oneSigner, anew, ...want }) => {
    const asked = await askConnect(actor, { clientId, address, roles, oneSigner, anew, want: grantFrom(want) });
    return { vaultRef: asked.vaultRef };
  });
  if (outcome.ok) pages();
  return outcome;
}

export async function mail(_previous: unknown, form: FormData): Promise<Outcome<{ to: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ requestId: z.uuid() }), form }, (actor, input) => mailLink(actor, input));
  if (outcome.ok) pages();
  return outcome;
}

export async function cancel(_previous: unknown, form: FormData): Promise<Outcome<{ clientId: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ vaultRef }), form }, (actor, input) => cancelConnect(actor, input));
  pages();
  return outcome;
}

export async function giveUp(_previous: unknown, form: FormData): Promise<Outcome<{ name: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ clientId: z.uuid() }), form }, (actor, input) => giveUpClient(actor, input));
  if (outcome.ok) pages();
  return outcome;
}

export async function paste(_previous: unknown, form: FormData): Promise<Outcome<{ state: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ vaultRef, reply: z.string().min(1, "Paste the answer first.") }), form }, (actor, { vaultRef: at, reply }) => pasteReply(actor, { vaultRef: at, text: reply }));
  pages();
  return outcome;
}

export async function again(_previous: unknown, form: FormData): Promise<Outcome<{ state: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ vaultRef }), form }, (actor, input) => checkAgain(actor, input));
  pages();
  return outcome;
}

export async function confirm(_previous: unknown, form: FormData): Promise<Outcome<AskedWindow>> {
  const outcome = await act({ permission: "client.connect", input: z.object({ vaultRef }), form }, async (actor, input) => askConfirm(actor, { vaultRefs: [input.vaultRef] }, await userAgentNow()));
  if (outcome.ok) pages();
  return outcome;
}
