/** What a form may say of technicians and pods. Pure, for page and server. */
import { z } from "zod";
import { clean } from "../identity/ceremony.ts";
import { limits } from "../limits.ts";
import { isDay } from "./leave.ts";

export const podName = clean(40, "Type a name for the pod.");

/** Tags as typed, separated by commas: letters of one kind of case, no repeats, in the order of the alphabet. */
export const tagsText = z.string().max(600, "That is too much for tags.").transform((text, context): string[] => {
  const tags = [...new Set(text.split(",").map((tag) => tag.trim().toLowerCase()).filter(Boolean))].toSorted((a, b) => (a < b ? -1 : 1));
  const bad = tags.find((tag) => !/^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}._-]{0,29}$/u.test(tag));
  if (bad !== undefined) context.addIssue({ code: "custom", message: `“${bad}” is no tag: letters, digits, dots and dashes, at most 30.` });
  else if (tags.length > limits.tagsPerTechnician) context.addIssue({ code: "custom", message: `At most ${limits.tagsPerTechnician} tags.` });
  else return tags;
  return z.NEVER;
});

const day = z.string().trim().refine((text) => text === "" || isDay(text), "Type a day that exists, as 2026-11-21.");

/** Both days of a leave; an end needs a beginning before it. */
export const leaveShape = z.object({ leaveFrom: day, leaveUntil: day })
  .refine(({ leaveFrom, leaveUntil }) => leaveUntil === "" || leaveFrom !== "", { path: ["leaveFrom"], message: "Say from when, too." })
  .refine(({ leaveFrom, leaveUntil }) => leaveUntil === "" || leaveFrom === "" || leaveUntil >= leaveFrom, { path: ["leaveUntil"], message: "It ends before it begins." });

/** An id, or `""` for none. */
const idOrNone = z.union([z.literal("").transform(() => null), z.uuid()]);
export const podIdText = idOrNone;
export const personIdText = idOrNone;

/** Ids as a button sends them, separated by commas. */
export const podIdsText = z.string().max(4_096).transform((text) => text.split(",").filter(Boolean)).pipe(z.array(z.uuid()).min(1).max(limits.podsPerOrganisation));

/** Rows of vaults as a button sends them: JSON of `[{vaultRef, uid}]`. */
export const rowsText = z.string().max(262_144).transform((text, context): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: "custom", message: "This is no list of rows." });
    return z.NEVER;
  }
}).pipe(z.array(z.strictObject({ vaultRef: z.uuid(), uid: z.string().min(1).max(200) })).min(1).max(limits.rowsLinkedAtOnce));
