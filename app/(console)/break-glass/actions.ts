"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import { askOpening, askShape, closeOpening, noteGlassOpened, releaseGlassShare, releaseShape, takeMyShare, takeOpening, type ToOpen, type ToRelease } from "#lib/breakglass/opening.ts";
import { planBreakGlass } from "#lib/breakglass/plan.ts";
import { setUpBreakGlass, setupShape } from "#lib/breakglass/setup.ts";
import type { Outcome } from "#lib/errors.ts";

const one = z.object({ id: z.uuid() });
/** A form field that holds JSON of the given shape: a dozen sealed shares take some 30 kB. */
const json = <Shape extends z.ZodType>(shape: Shape) =>
  z.string().max(60_000).transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "This is no JSON." });
      return z.NEVER;
    }
  }).pipe(shape);

const redrawn = <Value>(outcome: Outcome<Value>): Outcome<Value> => {
  if (outcome.ok) revalidatePath("/break-glass");
  return outcome;
};

export async function setUp(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; fingerprint: string }>> {
  return redrawn(await act({ permission: "break_glass.set", input: z.object({ given: json(setupShape) }), form }, (actor, { given }) => setUpBreakGlass(actor, given)));
}

export async function plan(_previous: unknown, form: FormData): Promise<Outcome<{ planId: string; leftOut: number }>> {
  return redrawn(await act({ permission: "break_glass.set", input: z.object({}), form }, async (actor) => {
    const { planId, leftOut } = await planBreakGlass(actor);
    return { planId, leftOut: leftOut.length };
  }));
}

export async function ask(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "break_glass.open", input: askShape, form }, (actor, input) => askOpening(actor, input)));
}

export async function takeShare(_previous: unknown, form: FormData): Promise<Outcome<ToRelease>> {
  return act({ permission: "break_glass.open", input: one, form }, (actor, input) => takeMyShare(actor, input));
}

export async function release(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "break_glass.open", input: z.object({ given: json(releaseShape) }), form }, (actor, { given }) => releaseGlassShare(actor, given)));
}

export async function takeBoth(_previous: unknown, form: FormData): Promise<Outcome<ToOpen>> {
  return act({ permission: "break_glass.open", input: one, form }, (actor, input) => takeOpening(actor, input));
}

export async function opened(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return act({ permission: "break_glass.open", input: one, form }, (actor, input) => noteGlassOpened(actor, input));
}

export async function close(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "break_glass.open", input: one, form }, (actor, input) => closeOpening(actor, input)));
}
