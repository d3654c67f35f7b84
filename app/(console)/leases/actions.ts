"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { extendLeases, extendShape } from "#lib/lease/extend.ts";
import { giveSlotBack, lendShape, lendSlot } from "#lib/lease/lend.ts";
import type { MadePlan } from "#lib/plan/create.ts";
import { planRenewal } from "#lib/token/renew.ts";

type Planned = { planId: string; leftOut: number };
const planned = ({ planId, leftOut }: MadePlan): Planned => ({ planId, leftOut: leftOut.length });
const redrawn = (outcome: Outcome<Planned>): Outcome<Planned> => {
  if (outcome.ok) revalidatePath("/leases");
  return outcome;
};

export async function extend(_previous: unknown, form: FormData): Promise<Outcome<Planned>> {
  return redrawn(await act({ permission: "lease.extend", input: extendShape, form }, async (actor, input) => planned(await extendLeases(actor, input))));
}

export async function renew(_previous: unknown, form: FormData): Promise<Outcome<Planned>> {
  return redrawn(await act({ permission: "token.renew", input: z.object({}), form }, async (actor) => planned(await planRenewal(actor))));
}

export async function lend(_previous: unknown, form: FormData): Promise<Outcome<Planned>> {
  return redrawn(await act({ permission: "lease.extend", input: lendShape, form }, async (actor, input) => planned(await lendSlot(actor, input))));
}

export async function giveBack(_previous: unknown, form: FormData): Promise<Outcome<Planned>> {
  return redrawn(await act({ permission: "lease.extend", input: z.object({ id: z.uuid() }), form }, async (actor, input) => planned(await giveSlotBack(actor, input))));
}
