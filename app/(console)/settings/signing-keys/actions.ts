"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { keyLabel } from "#lib/identity/ceremony.ts";
import { planRenewal } from "#lib/plan/renewal.ts";
import { planSigners } from "#lib/plan/signers.ts";
import { setTwoPolicy, type TwoPolicy } from "#lib/plan/two.ts";
import { askEnrol, type AskedWindow } from "#lib/signing/ask.ts";
import { userAgentNow } from "#lib/signing/browser.ts";
import { removeSigningKey, setHardwareBound } from "#lib/signing/keys.ts";

const page = "/settings/signing-keys";

export async function openEnrol(_previous: unknown, form: FormData): Promise<Outcome<AskedWindow>> {
  const outcome = await act({ permission: "signing_key.enrol", input: z.object({ label: keyLabel }), form }, async (actor, input) => askEnrol(actor, input, await userAgentNow()));
  if (outcome.ok) revalidatePath(page);
  return outcome;
}

export async function remove(_previous: unknown, form: FormData): Promise<Outcome<{ label: string }>> {
  const outcome = await act({ permission: "signing_key.remove", input: z.object({ id: z.string().max(1_364) }), form }, (actor, input) => removeSigningKey(actor, input));
  if (outcome.ok) revalidatePath(page);
  return outcome;
}

export async function setPolicy(_previous: unknown, form: FormData): Promise<Outcome<{ hardwareBound: boolean }>> {
  const input = z.object({ hardwareBound: z.enum(["yes", "no"]) });
  const outcome = await act({ permission: "signing_policy.change", input, form }, (actor, given) => setHardwareBound(actor, { hardwareBound: given.hardwareBound === "yes" }));
  if (outcome.ok) revalidatePath(page);
  return outcome;
}

export async function setTwo(_previous: unknown, form: FormData): Promise<Outcome<TwoPolicy>> {
  const tick = z.literal("yes").optional().transform((value) => value === "yes");
  const input = z.object({ fullAccess: tick, whole: tick, vaults: z.string().trim().regex(/^([1-9]\d{0,4})?$/, "A whole number from 1, or nothing.").transform((text) => (text === "" ? null : Number(text))) });
  const outcome = await act({ permission: "signing_policy.change", input, form }, (actor, given) => setTwoPolicy(actor, given));
  if (outcome.ok) revalidatePath(page);
  return outcome;
}

/** A plan over all vaults: this key added to them, or struck in them. */
export async function spread(_previous: unknown, form: FormData): Promise<Outcome<{ planId: string }>> {
  const input = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,1364}$/), label: keyLabel, how: z.enum(["add", "strike"]) });
  const outcome = await act({ permission: "signing_key.remove", input, form }, async (actor, { id, label, how }) => {
    const title = how === "add" ? `Roll out “${label}”` : `Strike “${label}”`;
    const { planId } = await planSigners(actor, { title, reason: null, ticket: null, add: how === "add" ? [id] : [], strike: how === "strike" ? [id] : [] });
    return { planId };
  });
  if (outcome.ok) revalidatePath("/plans", "layout");
  return outcome;
}

/** A plan that renews the console's own token in every vault. */
export async function renew(_previous: unknown, form: FormData): Promise<Outcome<{ planId: string }>> {
  const outcome = await act({ permission: "client.connect", input: z.object({}), form }, async (actor) => ({ planId: (await planRenewal(actor, { title: "Renew our own tokens", reason: null, ticket: null })).planId }));
  if (outcome.ok) revalidatePath("/plans", "layout");
  return outcome;
}
