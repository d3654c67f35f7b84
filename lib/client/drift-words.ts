/** A drift in one sentence: what is different, for whom, since when. Pure, and for the browser too. */
import { inWords, type RoleScopes } from "../role/letters.ts";
import { lettersOf } from "./rows.ts";

/** What a row was or is. `expires_at` in Unix seconds, as the vault says it. */
export type DriftSide = { readonly name: string; readonly scopes: string; readonly all_access: boolean; readonly expires_at: number | null; /** The row stands, but the client took it into their own hands. */ readonly own: boolean; /** Its token was known to its person alone, and is known to the client now. */ readonly tokenKnown: boolean };
export type DriftKind = "removed" | "appeared" | "altered";

/** The columns `before` and `after`; null where there was or is no row, or where it cannot be read. */
export function driftSide(value: unknown): DriftSide | null {
  if (typeof value !== "object" || value === null) return null;
  const { name, scopes, all_access: full, expires_at: end, own, token_known: tokenKnown } = value as Record<string, unknown>;
  if (typeof name !== "string" || typeof scopes !== "string" || typeof full !== "boolean" || !(end === null || end === undefined || typeof end === "number")) return null;
  return { name, scopes, all_access: full, expires_at: end ?? null, own: own === true, tokenKnown: tokenKnown === true };
}

/** The sign of the alphabet of change (DESIGN 5.3) and the sentence after the name: "John Meier" "is gone; had Networking". */
export type DriftWords = { readonly sign: "grant" | "revoke" | "alter"; readonly name: string; readonly words: string };

/** "23 Nov 2026", of Unix seconds. */
export const day = (seconds: number): string => {
  const parts = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).formatToParts(seconds * 1000);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("day")} ${part("month").slice(0, 3)} ${part("year")}`;
};
export const endWords = (end: number | null): string => (end === null ? "no end" : `until ${day(end)}`);

/** Said to the MSP ("our", "here") or about them ("their", "there"). */
export type Voice = { readonly whose: "our" | "their"; readonly where: "here" | "there" };
const toThem: Voice = { whose: "our", where: "here" };

export function driftWords(kind: DriftKind, before: DriftSide | null, after: DriftSide | null, roles: RoleScopes, { whose, where }: Voice = toThem): DriftWords {
  const has = (side: DriftSide) => inWords(lettersOf(side.scopes, side.all_access, roles));
  const name = after?.name ?? before?.name ?? "A row";
  if (kind === "removed") return { sign: "revoke", name, words: before ? `is gone. It had ${has(before)}.` : "is gone." };
  if (kind === "appeared") return { sign: "grant", name, words: `is new under ${whose} name, and nobody ${where} made it.${after ? ` It has ${has(after)}, ${endWords(after.expires_at)}.` : ""}` };
  if (!before || !after) return { sign: "alter", name, words: "was changed." };
  const parts: string[] = [];
  if (after.own) parts.push(`is the client’s own now: it stands in their vault, and ${whose === "our" ? "we" : "they"} can no longer change or end it`);
  if (after.tokenKnown) parts.push(`has a new token that was not sealed to its person: the client knows it too`);
  if (before.name !== after.name) parts.push(`was called ${before.name}`);
  if (before.scopes !== after.scopes || before.all_access !== after.all_access) parts.push(`went from ${has(before)} to ${has(after)}`);
  if (before.expires_at !== after.expires_at) parts.push(`its end went from ${endWords(before.expires_at)} to ${endWords(after.expires_at)}`);
  return { sign: "alter", name, words: parts.length === 0 ? "was changed." : `${parts.join("; ")}.` };
}
