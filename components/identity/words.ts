/** What a page says by itself, because the server was never asked or never answered. Worded as lib/errors.ts words its own. */
import { failure, type Failure, type FailureCode } from "#lib/errors.ts";

const own = {
  not_touched: { title: "The key was not touched", detail: "The browser's question was closed, ran out, or no fitting key was there. Nothing was done.", remedy: "Try again, and touch the key when the browser asks." },
  no_passkeys: { title: "This browser holds no passkeys", detail: "Without them nobody can sign in here; there is no password.", remedy: "Take a current browser, and open the console at its own address." },
  no_answer: { title: "No answer came", detail: "The connection broke, so we cannot say whether it was done.", remedy: "Look at the page again before you repeat it." },
} as const;

export const ownFailure = (code: keyof typeof own): Failure => ({ code: code as FailureCode, status: 0, ...own[code] });

/** A code that came through next-auth: `key_refused`, or `unexpected err_...`. What we do not know stays neutral. */
export function failureOfCode(text: string | null): Failure {
  const [code = "", id] = (text ?? "").split(" ");
  try {
    const found = failure(code as FailureCode, id ? { id } : {});
    if (found.title) return found;
  } catch {
    // not one of ours
  }
  return failure("unexpected");
}

/** What a server said that was no success: a problem of ours, or something in between us. */
export function failureOfProblem(body: unknown): Failure {
  const given = (body ?? {}) as Partial<Failure>;
  return typeof given.code === "string" && typeof given.title === "string" && typeof given.detail === "string" && typeof given.remedy === "string" ? (given as Failure) : ownFailure("no_answer");
}
