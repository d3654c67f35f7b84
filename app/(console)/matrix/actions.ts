"use server";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { saveDraft, type Saved } from "#lib/matrix/draft.ts";
import { packedField, ruleShape, viewShape } from "#lib/matrix/shape.ts";
import { removeRule, saveRule } from "#lib/matrix/rules.ts";
import { removeView, saveView } from "#lib/matrix/view.ts";

const id = z.object({ id: z.uuid() });

export const saveStaged = async (_previous: unknown, form: FormData): Promise<Outcome<Saved>> =>
  act({ permission: "matrix.stage", input: z.object({ revision: z.coerce.number().int().min(0), cells: packedField }), form }, (actor, given) => saveDraft(actor, given));

export const nameView = async (_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> => act({ permission: "matrix.stage", input: viewShape, form }, (actor, given) => saveView(actor, given));
export const forgetView = async (_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> => act({ permission: "matrix.stage", input: id, form }, (actor, given) => removeView(actor, given));
export const setRule = async (_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> => act({ permission: "matrix.stage", input: ruleShape, form }, (actor, given) => saveRule(actor, given));
export const forgetRule = async (_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> => act({ permission: "matrix.stage", input: id, form }, (actor, given) => removeRule(actor, given));
