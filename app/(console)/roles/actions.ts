"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { acceptSuggestions, agreeName, setNumber } from "#lib/role/numbers.ts";
import { addUsualRoles, changeRole, createRole, orderRoles, retireRole } from "#lib/role/roles.ts";
import { idsText, pairsText, roleLetter, roleName, scopeText } from "#lib/role/shape.ts";

const roleId = z.uuid();
const vaultRef = z.uuid();
/** Letters and numbers of roles stand in many places. */
const redrawn = <Value>(outcome: Outcome<Value>): Outcome<Value> => {
  revalidatePath("/", "layout");
  return outcome;
};

export async function create(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "role.write", input: z.object({ name: roleName, letter: roleLetter }), form }, (actor, given) => createRole(actor, given)));
}

export async function addUsual(_previous: unknown, form: FormData): Promise<Outcome<{ count: number }>> {
  return redrawn(await act({ permission: "role.write", input: z.object({}), form }, (actor) => addUsualRoles(actor)));
}

export async function change(_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> {
  return redrawn(await act({ permission: "role.write", input: z.object({ roleId, name: roleName, letter: roleLetter }), form }, (actor, given) => changeRole(actor, given)));
}

export async function order(_previous: unknown, form: FormData): Promise<Outcome<{ count: number }>> {
  return redrawn(await act({ permission: "role.write", input: z.object({ roleIds: idsText }), form }, (actor, given) => orderRoles(actor, given)));
}

export async function retire(_previous: unknown, form: FormData): Promise<Outcome<{ name: string; numbers: number }>> {
  return redrawn(await act({ permission: "role.write", input: z.object({ roleId }), form }, (actor, given) => retireRole(actor, given)));
}

export async function set(_previous: unknown, form: FormData): Promise<Outcome<{ scope: string; held: number }>> {
  return redrawn(await act({ permission: "role.write", input: z.object({ roleId, vaultRef, scope: scopeText, before: scopeText }), form }, (actor, given) => setNumber(actor, given)));
}

export async function accept(_previous: unknown, form: FormData): Promise<Outcome<{ count: number; moved: number }>> {
  return redrawn(await act({ permission: "role.write", input: z.object({ roleId, pairs: pairsText }), form }, (actor, given) => acceptSuggestions(actor, given)));
}

export async function agree(_previous: unknown, form: FormData): Promise<Outcome<{ name: string }>> {
  return redrawn(await act({ permission: "role.write", input: z.object({ roleId, vaultRef, name: z.string().max(1_000) }), form }, (actor, given) => agreeName(actor, given)));
}
