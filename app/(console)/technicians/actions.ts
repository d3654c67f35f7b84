"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { causeShape, openRevocation } from "#lib/revocation/open.ts";
import { changeTechnician, linkRows } from "#lib/technician/change.ts";
import { createPod, orderPods as orderAll, removePod as remove, renamePod as rename } from "#lib/technician/pods.ts";
import { leaveShape, personIdText, podIdText, podIdsText, podName, rowsText, tagsText } from "#lib/technician/shape.ts";

const redrawn = <Value>(outcome: Outcome<Value>): Outcome<Value> => {
  revalidatePath("/technicians", "layout");
  return outcome;
};

export async function change(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const input = z.object({ personId: z.uuid(), podId: podIdText, tags: tagsText, seen: z.string().max(2_000) }).and(leaveShape);
  return redrawn(await act({ permission: "technician.write", input, form }, (actor, { leaveFrom, leaveUntil, ...given }) => changeTechnician(actor, { ...given, leave: leaveFrom === "" ? null : { from: leaveFrom, until: leaveUntil || null } })));
}

export async function link(_previous: unknown, form: FormData): Promise<Outcome<{ count: number; moved: number }>> {
  return redrawn(await act({ permission: "technician.write", input: z.object({ rows: rowsText, personId: personIdText, before: personIdText }), form }, (actor, given) => linkRows(actor, given)));
}

export async function makePod(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "technician.write", input: z.object({ name: podName }), form }, (actor, given) => createPod(actor, given)));
}

export async function renamePod(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "technician.write", input: z.object({ podId: z.uuid(), name: podName }), form }, (actor, given) => rename(actor, given)));
}

export async function orderPods(_previous: unknown, form: FormData): Promise<Outcome<{ count: number }>> {
  return redrawn(await act({ permission: "technician.write", input: z.object({ podIds: podIdsText }), form }, (actor, given) => orderAll(actor, given)));
}

export async function removePod(_previous: unknown, form: FormData): Promise<Outcome<{ name: string; people: number }>> {
  return redrawn(await act({ permission: "technician.write", input: z.object({ podId: z.uuid() }), form }, (actor, given) => remove(actor, given)));
}

/** `all`, or `vaultRef/uid` each, with spaces between. */
const tokensText = z.string().max(120_000).transform((text, context) => {
  if (text === "all") return null;
  const found = text.split(" ").map((one) => /^([0-9a-f-]{36})\/([A-Za-z0-9_-]{1,40})$/.exec(one));
  if (found.some((one) => one === null)) {
    context.addIssue({ code: "custom", message: "Choose at least one token." });
    return z.NEVER;
  }
  return found.map((one) => ({ vaultRef: one![1]!, uid: one![2]! }));
});

export async function takeAway(_previous: unknown, form: FormData): Promise<Outcome<{ revocationId: string }>> {
  const input = z.object({ personId: z.uuid(), cause: causeShape, tokens: tokensText, reason: z.string().trim().max(120).transform((text) => text || null) });
  return redrawn(await act({ permission: "revocation.open", input, form }, (actor, given) => openRevocation(actor, given)));
}
