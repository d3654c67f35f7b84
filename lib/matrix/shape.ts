/** What comes from the browser, judged before anything is made of it. */
import { z } from "zod";
import { maxRoles } from "./facts.ts";

const roles = z.array(z.uuid()).max(maxRoles);
/** Minutes since 1970, up to the year 9999; 0: none. */
const end = z.number().int().min(0).max(4_223_371_679);
const reason = z.string().max(240);
const key = z.string().regex(/^[\w-]{11}$|^[\w-]{22}$/);

const wish = z.union([
  z.strictObject({ clear: z.literal(true) }),
  z.strictObject({ none: z.literal(true), reason }),
  z.strictObject({ held: z.boolean(), full: z.boolean(), roles, end, lease: z.strictObject({ roles: roles.min(1), end: end.min(1) }).nullable(), reason })
    .refine((given) => given.held || (!given.full && given.roles.length === 0 && given.end === 0 && given.lease !== null), "nothing is wanted here, and it is not said so"),
]);

/** As JSON in a field: the door takes no larger body (lib/limits.ts). */
export const packedField = z.string().max(250_000).transform((text, context): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: "custom", message: "This is no draft." });
    return z.NEVER;
  }
}).pipe(z.strictObject({ rows: z.array(key).max(20_000), people: z.array(z.uuid()).max(5_000), wishes: z.array(wish).max(5_000), runs: z.string().max(240_000) }));

const name = z.string().trim().min(1, "Give it a name.").max(80, "Keep it under 80 letters.");
const ticked = z.enum(["on", "off"]).optional().transform((value) => value === "on");
export const viewShape = z.object({ name, search: z.string().max(2_000), shared: ticked });

const listed = (text: string) => text.split(",").filter(Boolean);
export const ruleShape = z.object({
  id: z.uuid().optional(), name, tag: z.string().max(80), podId: z.string().transform((text) => text || null).pipe(z.uuid().nullable()),
  roles: z.string().transform(listed).pipe(roles.min(1, "Choose a role.")), without: z.string().default("").transform(listed).pipe(z.array(z.union([key, z.uuid()])).max(2_000)),
});
