/** What a call to a vault comes to: a closed union, so that nothing can be taken for done by forgetting a catch. */
import { isCode, statusOf, titleOf, type Code } from "../protocol/errors.ts";
import { isRecord } from "../protocol/check.ts";
import type { Mode } from "../protocol/messages.ts";
import { tame } from "./tame.ts";
import { troubleWords, type Trouble } from "./trouble.ts";

/** Who signed, and when by the vault's clock (`at`: milliseconds). */
export type Signed = { mode: Mode; epoch: number; at: number };

/** Signed by the vault, checked: `value` has the form of the protocol. */
export type Answered<T> = Signed & { kind: "answered"; status: number; value: T; etag: string | null };
/** Signed by the vault: it says no. `code` null: one of a later version. Times in seconds; `words` fit to be shown. */
export type Refused = Signed & { kind: "refused"; status: number; code: Code | null; words: string; retryAfter: number | null; primaryLocation: string | null };
/** Silence, or an answer that is not provably the vault's: nothing is known about the request, whatever its status. */
export type Unknown = { kind: "unknown"; trouble: Trouble; words: string; retryAfter: number | null };

export type Result<T> = Answered<T> | Refused | Unknown;

export const unknown = (trouble: Trouble, more: { where?: string; retryAfter?: number | null } = {}): Unknown => ({
  kind: "unknown", trouble, words: troubleWords(trouble, more.where), retryAfter: more.retryAfter ?? null,
});

/** The refusal in a signed problem document. A body that is none still is a refusal by its status. */
export function refusal(status: number, body: unknown, signed: Signed, { retryAfter, primaryLocation }: { retryAfter: number | null; primaryLocation: string | undefined }): Refused {
  const { code: given, detail } = isRecord(body) ? body : {};
  const code = isCode(given) && statusOf(given) === status ? given : null;
  const said = typeof detail === "string" && detail !== "" ? `: ${tame(detail)}` : "";
  return {
    ...signed, kind: "refused", status, code, retryAfter,
    words: `${code === null ? `The vault refused with ${status}` : titleOf(code)}${said}.`,
    primaryLocation: primaryLocation === undefined ? null : tame(primaryLocation),
  };
}

/** The same result with another value; refusals and unknowns stay as they are. */
export const mapResult = <T, U>(result: Result<T>, work: (value: T) => U): Result<U> => (result.kind === "answered" ? { ...result, value: work(result.value) } : result);
