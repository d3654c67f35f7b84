/** What would undo a drift: the wish for its cell, or why nobody can stage it. Pure. */
import type { DriftKind, DriftSide } from "../client/drift-words.ts";
import type { Wish } from "./pack.ts";

export type Back = { readonly wish: Wish } | { readonly why: string };

/**
 * @param roles number of this vault → role id
 * @param rows how many rows of ours the person has there now
 * @param now Unix seconds
 */
export function backOf({ kind, before, after }: { kind: DriftKind; before: DriftSide | null; after: DriftSide | null }, { roles, rows, now }: { roles: ReadonlyMap<string, string>; rows: number; now: number }): Back {
  if (rows > 1) return { why: "They have more than one row there. Stage it in the cell by hand." };
  if (after?.own) return { why: "The client took this row into their own hands: only they can change or end it." };
  if (kind === "appeared") return { wish: { none: true, reason: "put back: nobody here made it" } };
  if (after?.tokenKnown) return { why: "The client knows the new token. Remove it and give a new one." };
  if (!before) return { why: "What was wanted is not known any more." };
  if (before.expires_at !== null && before.expires_at <= now) return { why: "It would have ended by now." };
  if (kind === "altered" && before.expires_at === null && after !== null && after.expires_at !== null) return { why: "Only the client can take the end of a token away. Remove it and give a new one." };
  const numbers = before.scopes === "" ? [] : before.scopes.split(",");
  const missing = numbers.filter((number) => !roles.has(number));
  // A row that stays keeps its numbers without a role; a new one cannot be given them.
  if (kind === "removed" && missing.length > 0) return { why: `It had ${missing.join(", ")}, and no role has ${missing.length === 1 ? "that number" : "those numbers"} there. Give a role its number first.` };
  return { wish: { held: true, full: before.all_access, roles: numbers.flatMap((number) => roles.get(number) ?? []), end: before.expires_at === null ? 0 : Math.ceil(before.expires_at / 60), lease: null, reason: "put back" } };
}
