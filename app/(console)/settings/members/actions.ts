"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { emailAddress, proofShape } from "#lib/identity/ceremony.ts";
import { inviteAgain } from "#lib/identity/come-back.ts";
import { json, rightsField } from "#lib/identity/form-value.ts";
import { invite, revokeInvitation } from "#lib/identity/invitations.ts";
import { freeze, setRights, thaw } from "#lib/identity/members.ts";
import { stopRecovery } from "#lib/identity/recovery.ts";

const page = "/settings/members";
const personId = z.uuid();
const proof = json(proofShape);

export async function inviteMember(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; link: string }>> {
  const outcome = await act({ permission: "member.invite", input: z.object({ email: emailAddress, rights: rightsField, proof }), form }, (actor, given) => invite(actor, given));
  if (outcome.ok) revalidatePath(page);
  return outcome;
}

export async function inviteMemberAgain(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; email: string }>> {
  const outcome = await act({ permission: "member.invite", input: z.object({ personId, proof }), form }, (actor, given) => inviteAgain(actor, given));
  if (outcome.ok) revalidatePath(page);
  return outcome;
}

export async function revoke(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const outcome = await act({ permission: "member.invite", input: z.object({ id: z.uuid() }), form }, revokeInvitation);
  revalidatePath(page);
  return outcome;
}

export async function setMemberRights(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const outcome = await act({ permission: "member.rights", input: z.object({ personId, rights: rightsField, proof }), form }, (actor, given) => setRights(actor, given));
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}

export async function freezeMember(_previous: unknown, form: FormData): Promise<Outcome<{ id: string; sessions: number }>> {
  const outcome = await act({ permission: "member.freeze", input: z.object({ personId }), form }, (actor, given) => freeze(actor, given));
  if (outcome.ok) revalidatePath(page);
  return outcome;
}

export async function thawMember(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const outcome = await act({ permission: "member.freeze", input: z.object({ personId, proof }), form }, (actor, given) => thaw(actor, given));
  if (outcome.ok) revalidatePath(page);
  return outcome;
}

export async function stop(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  const outcome = await act({ permission: "recovery.stop", input: z.object({ id: z.uuid() }), form }, stopRecovery);
  revalidatePath(page);
  return outcome;
}
