/** What a form may say of roles. Pure, for page and server. */
import { z } from "zod";
import { clean } from "../identity/ceremony.ts";
import { limits } from "../limits.ts";
import { isScope } from "../protocol/scopes.ts";

export const roleName = clean(60, "Type a name for the role.");
export const roleLetter = z.string().trim().toUpperCase().regex(/^[A-EG-Z]$/, "One letter from A to Z; F is full access.");
/** A number of a vault, four hexadecimal digits; `""` takes it away. */
export const scopeText = z.string().trim().toLowerCase().refine((text) => text === "" || isScope(text), "Four digits from 0 to 9 and a to f, and not 0000.");

const listOf = <Item>(item: z.ZodType<Item, string>, most: number) => z.string().max(262_144).transform((text) => text.split(",").filter(Boolean)).pipe(z.array(item).min(1).max(most));

/** Ids as a button sends them, separated by commas. */
export const idsText = listOf(z.uuid(), 100);

/** `vault:number` pairs, separated by commas. */
export const pairsText = listOf(z.string().regex(/^[0-9a-f-]{36}:[0-9a-f]{4}$/).transform((text, context) => {
  const [vaultRef = "", scope = ""] = text.split(":");
  if (z.uuid().safeParse(vaultRef).success && isScope(scope)) return { vaultRef, scope };
  context.addIssue({ code: "custom", message: "This is no vault and number." });
  return z.NEVER;
}), limits.suggestionsAtOnce);
