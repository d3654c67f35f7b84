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

/** What a page showed, so that a change over it is noticed. */
export const seenOf = (line: { readonly podId: string | null; readonly tags: readonly string[]; readonly leave: { readonly from: string; readonly until: string | null } | null }): string =>
  JSON.stringify([line.podId, line.tags, line.leave?.from ?? null, line.leave?.until ?? null]);
