"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { policyShape, setPolicy, type Policy } from "#lib/lease/policy.ts";
import { approveRequest, refuseRequest } from "#lib/request/answer.ts";
import { askAccess, askRenewal, withdrawRequest } from "#lib/request/ask.ts";
import { approveShape, askShape, refuseShape, renewalShape } from "#lib/request/shape.ts";

const redrawn = <Value>(outcome: Outcome<Value>): Outcome<Value> => {
  if (outcome.ok) revalidatePath("/requests");
  return outcome;
};

export async function askForAccess(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "request.make", input: askShape, form }, (actor, input) => askAccess(actor, input)));
}

export async function askForRenewal(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "request.make", input: renewalShape, form }, (actor, input) => askRenewal(actor, input)));
}

export async function withdraw(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "request.make", input: z.object({ id: z.uuid() }), form }, (actor, input) => withdrawRequest(actor, input)));
}

export async function approve(_previous: unknown, form: FormData): Promise<Outcome<{ planId: string; leftOut: number }>> {
  return redrawn(await act({ permission: "request.answer", input: approveShape, form }, async (actor, input) => {
    const { planId, leftOut } = await approveRequest(actor, input);
    return { planId, leftOut: leftOut.length };
  }));
}

export async function refuse(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "request.answer", input: refuseShape, form }, (actor, input) => refuseRequest(actor, input)));
}

export async function changePolicy(_previous: unknown, form: FormData): Promise<Outcome<Policy>> {
  return redrawn(await act({ permission: "policy.change", input: policyShape, form }, (actor, input) => setPolicy(actor, input)));
}
