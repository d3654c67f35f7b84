"use server";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import { acceptDrift } from "#lib/known/settle-drift.ts";
import { saveDraft, type Saved } from "#lib/matrix/draft.ts";
import { packedField, ruleShape, viewShape } from "#lib/matrix/shape.ts";
import { removeRule, saveRule } from "#lib/matrix/rules.ts";
import { putBack } from "#lib/matrix/put-back.ts";
import { removeView, saveView } from "#lib/matrix/view.ts";
import { planHeadingShape, type MadePlan } from "#lib/plan/create.ts";
import { planStaged } from "#lib/plan/staged.ts";

const id = z.object({ id: z.uuid() });

export const saveStaged = async (_previous: unknown, form: FormData): Promise<Outcome<Saved>> =>
  act({ permission: "matrix.stage", input: z.object({ revision: z.coerce.number().int().min(0), cells: packedField }), form }, (actor, given) => saveDraft(actor, given));

export const nameView = async (_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> => act({ permission: "matrix.stage", input: viewShape, form }, (actor, given) => saveView(actor, given));
export const forgetView = async (_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> => act({ permission: "matrix.stage", input: id, form }, (actor, given) => removeView(actor, given));
export const setRule = async (_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> => act({ permission: "matrix.stage", input: ruleShape, form }, (actor, given) => saveRule(actor, given));
export const forgetRule = async (_previous: unknown, form: FormData): Promise<Outcome<{ id: string }>> => act({ permission: "matrix.stage", input: id, form }, (actor, given) => removeRule(actor, given));

const drift = z.object({ driftId: z.uuid() });
export const acceptChange = async (_previous: unknown, form: FormData): Promise<Outcome<{ count: number }>> => act({ permission: "drift.settle", input: drift, form }, (actor, { driftId }) => acceptDrift(actor, [driftId]));
/** For the pages where a drift is shown outside of the matrix; inside it is staged in the browser, like every other cell. */
export const stageBack = async (_previous: unknown, form: FormData): Promise<Outcome<{ client: string }>> => act({ permission: "matrix.stage", input: drift, form }, (actor, given) => putBack(actor, given));

/** Freezes one's own draft as it was at `revision`. */
export const makePlan = async (_previous: unknown, form: FormData): Promise<Outcome<MadePlan>> =>
  act({ permission: "plan.make", input: planHeadingShape.extend({ revision: z.coerce.number().int().min(0) }), form }, (actor, given) => planStaged(actor, given));
