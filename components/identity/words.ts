/**
 * What a page says by itself, because the server was never asked or never answered. Worded as lib/errors.ts words its own, without its
 * list: that is 20 kB of words, and every page of the console has this.
 */
import type { Failure, FailureCode } from "#lib/errors.ts";

const own = {
  not_touched: { title: "The key was not touched", detail: "The browser's question was closed, ran out, or no fitting key was there. Nothing was done.", remedy: "Try again, and touch the key when the browser asks." },
  no_passkeys: { title: "This browser holds no passkeys", detail: "Without them nobody can sign in here; there is no password.", remedy: "Take a current browser, and open the console at its own address." },
  no_answer: { title: "No answer came", detail: "The connection broke, so we cannot say whether it was done.", remedy: "Look at the page again before you repeat it." },
} as const;

export const ownFailure = (code: keyof typeof own): Failure => ({ code: code as FailureCode, status: 0, ...own[code] });

/** What a server said that was no success: a problem of ours, or something in between us. */
export function failureOfProblem(body: unknown): Failure {
  const given = (body ?? {}) as Partial<Failure>;
  return typeof given.code === "string" && typeof given.title === "string" && typeof given.detail === "string" && typeof given.remedy === "string" ? (given as Failure) : ownFailure("no_answer");
}
