/** What a request is made of, as a form sends it. */
import { z } from "zod";
import { limits } from "../limits.ts";
import { isText } from "../protocol/schema.ts";

const words = (empty: string) => z.string().trim().min(1, empty).max(120, "Keep it under 120 letters.").refine((value) => (isText as (value: unknown) => boolean)(value), "Write it in plain letters.");
const listOf = (most: number, empty: string) => z.string().max(40 * most).transform((text) => [...new Set(text.split(",").filter(Boolean))]).pipe(z.array(z.uuid()).min(1, empty).max(most, `At most ${most} at once.`));

/** Hours that can be asked for; the organisation's longest bounds them (lib/lease/policy.ts). */
const hours = z.coerce.number<string>({ error: "Choose how long." }).int().min(1, "An hour at least.").max(2_160, "Ninety days at most.");
const ticket = z.string().trim().max(120, "Keep it under 120 letters.").transform((text) => text || null).refine((value) => value === null || (isText as (value: unknown) => boolean)(value), "Write it in plain letters.");

export const askShape = z.object({
  vaults: listOf(limits.requestVaults, "Choose a client."), hours, reason: words("Say what it is for."), ticket,
  /** `full`, or ids of roles. */
  roles: z.string().max(2_000).transform((text) => text.split(",").filter(Boolean)).refine((list) => list.length > 0, "Choose a role.")
    .refine((list) => list.every((one) => one === "full" || z.uuid().safeParse(one).success) && list.length <= 32, "Choose a role."),
});
export const renewalShape = z.object({ vaults: listOf(limits.requestVaults, "Choose a client."), reason: words("Say what happened to it.") });
export const approveShape = z.object({ id: z.uuid(), hours: z.coerce.number<string>().int().min(1, "An hour at least.").max(2_160, "Ninety days at most.").optional() });
export const refuseShape = z.object({ id: z.uuid(), words: words("Say why, in a sentence.") });
