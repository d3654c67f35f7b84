"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import { askApprove } from "#lib/approval/ask.ts";
import type { Outcome } from "#lib/errors.ts";
import { handPlan, replan, stopPlan, withdrawPlan } from "#lib/plan/steer.ts";
import type { AskedWindow } from "#lib/signing/ask.ts";
import { userAgentNow } from "#lib/signing/browser.ts";

const planId = z.uuid();
const done = <T>(outcome: Outcome<T>): Outcome<T> => {
  if (outcome.ok) revalidatePath("/plans", "layout");
  return outcome;
};

export async function open(_previous: unknown, form: FormData): Promise<Outcome<AskedWindow>> {
  const input = z.object({ planId, digest: z.string().regex(/^[0-9a-f]{64}$/), part: z.enum(["release", "cosign"]).default("release"), canary: z.enum(["", "1", "3", "10"]).default("").transform((text) => (text === "" ? null : Number(text))) });
  return done(await act({ permission: "plan.release", input, form }, async (actor, given) => askApprove(actor, given, await userAgentNow())));
}

export async function stop(_previous: unknown, form: FormData): Promise<Outcome<{ stopped: number }>> {
  return done(await act({ permission: "plan.release", input: z.object({ planId }), form }, (actor, given) => stopPlan(actor, given)));
}

export async function again(_previous: unknown, form: FormData): Promise<Outcome<{ planId: string }>> {
  return done(await act({ permission: "plan.make", input: z.object({ planId }), form }, async (actor, given) => ({ planId: (await replan(actor, given)).planId })));
}

export async function withdraw(_previous: unknown, form: FormData): Promise<Outcome<{ title: string }>> {
  return done(await act({ permission: "plan.make", input: z.object({ planId }), form }, (actor, given) => withdrawPlan(actor, given)));
}

export async function hand(_previous: unknown, form: FormData): Promise<Outcome<{ to: string }>> {
  return done(await act({ permission: "plan.make", input: z.object({ planId, personId: z.uuid() }), form }, (actor, given) => handPlan(actor, given)));
}
