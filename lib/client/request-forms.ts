/** The forms in which a request is put together, as the doors parse them. */
import { z } from "zod";
import { ONE_KEY } from "./request.ts";

const days = (least: number, most: number) => z.coerce.number({ error: "Write a number." }).int("Write a whole number.").min(least, `At least ${least}.`).max(most, `At most ${most}.`);

/** The grant as the form asks it. */
export const wantShape = z.object({
  fullAccess: z.enum(["never", "leased", "yes"]),
  leaseDays: days(1, 3_650),
  people: days(1, 10_000),
  cosign: z.enum(["1", "2"]),
  log: z.enum(["own", "all"]),
  entries: z.enum(["yes", "no"]).default("no"),
});

const names = z.string().transform((text, context): string[] => {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.length <= 64 && value.every((one) => typeof one === "string")) return value;
  } catch {
    // said below
  }
  context.addIssue({ code: "custom", message: "Load the page again." });
  return z.NEVER;
});

const oneSigner = z.string().default("").transform((text) => text.trim().toLowerCase() === ONE_KEY);
const anew = z.string().default("").transform((text) => text === "yes");
/** The form of the second step. */
export const askShape = wantShape.extend({ clientId: z.uuid(), address: z.string().trim().min(1, "Write the address of the vault.").max(2_000), roles: names, oneSigner, anew });
/** Of a sheet of clients: the same is asked of all. */
export const importShape = wantShape.extend({ importId: z.uuid(), roles: names, oneSigner });
