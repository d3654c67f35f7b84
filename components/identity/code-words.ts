/** The words behind a code, with the whole list of them: for what is fetched when it is needed, and pages that stand alone. */
import { failure, type Failure, type FailureCode } from "#lib/errors.ts";

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
