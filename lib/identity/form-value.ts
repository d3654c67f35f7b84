/** Values of forms that are more than a line of text. Pure. */
import { z } from "zod";
import { inOrder, isPersonRight, type PersonRight } from "./permission.ts";

/** A field that holds JSON of the given shape: a ceremony's answer. */
export const json = <Shape extends z.ZodType>(shape: Shape) =>
  z.string().max(65_536).transform((text, context): unknown => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: "This is no answer of a key." });
      return z.NEVER;
    }
  }).pipe(shape);

/** A set of rights, as "owner,finance". At least one. */
export const rightsField = z.string().max(60).transform((text, context): PersonRight[] => {
  const words = text.split(",").filter(Boolean);
  if (!words.every(isPersonRight)) {
    context.addIssue({ code: "custom", message: "There is no such right." });
    return z.NEVER;
  }
  if (words.length === 0) {
    context.addIssue({ code: "custom", message: "Choose at least one right." });
    return z.NEVER;
  }
  return inOrder(words);
});
