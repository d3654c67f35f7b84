/** What a form may say of roles. Pure, for page and server. */
import { z } from "zod";
import { clean } from "../identity/ceremony.ts";
import { isScope } from "../protocol/scopes.ts";

export const roleName = clean(60, "Type a name for the role.");
export const roleLetter = z.string().trim().toUpperCase().regex(/^[A-EG-Z]$/, "One letter from A to Z; F is full access.");
/** A number of a vault, four hexadecimal digits; `""` takes it away. */
export const scopeText = z.string().trim().toLowerCase().refine((text) => text === "" || isScope(text), "Four digits from 0 to 9 and a to f, and not 0000.");
