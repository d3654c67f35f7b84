/**
 * The closed list of failures, worded once: what happened, what it means for the person, what to do.
 * Unknown errors become `unexpected` with an id that is in the log; nothing from outside is shown raw (DESIGN section 4).
 */

type Words = { status: number; title: string; detail: string; remedy: string };

const words = {
  invalid: { status: 422, title: "Some fields need another look", detail: "Nothing was changed.", remedy: "Mend the marked fields and send again." },
  forbidden: { status: 403, title: "This is not yours to open", detail: "Your rights do not include it. Nothing was changed.", remedy: "Ask an owner of your organisation if you need it." },
  foreign_origin: { status: 403, title: "The request came from another page", detail: "Only this console's own pages may change things. Nothing was changed.", remedy: "Open the console itself and try there." },
  not_found: { status: 404, title: "There is nothing here", detail: "It may have been removed, or the address is mistyped.", remedy: "Go back, or search with Ctrl K." },
  moved_on: { status: 409, title: "It changed meanwhile", detail: "Somebody else, or another tab, changed it first. Nothing was changed now.", remedy: "Load the page again and look before you repeat it." },
  already_sent: { status: 409, title: "This form was sent before", detail: "It was carried out with the words it had then. The words it has now were not.", remedy: "Load the page again and fill in a fresh form." },
  not_allowed: { status: 405, title: "This door does not take that", detail: "Nothing was changed.", remedy: "Go back to the page that you came from." },
  too_large: { status: 413, title: "That is too large", detail: "The request was larger than this door takes. Nothing was changed.", remedy: "Send less at once." },
  too_many: { status: 429, title: "Too many requests", detail: "This address asked more often than a person can. Nothing was changed.", remedy: "Wait a minute, then go on." },
  unexpected: { status: 500, title: "Something went wrong on our side", detail: "It was written down under the number below. What was not confirmed did not happen.", remedy: "Try again; if it stays, send us the number." },
  database_unavailable: { status: 503, title: "The database does not answer", detail: "Nothing can be read or changed right now. Nothing is lost.", remedy: "This page works again by itself as soon as it is back." },
  record_unwritable: { status: 503, title: "Changes are stopped", detail: "What you do could not be written down, so it was not done. You can read.", remedy: "An operator has to look; your work is safe meanwhile." },
} as const satisfies Record<string, Words>;

export type FailureCode = keyof typeof words;

/** What a person is shown. `fields`: one message per form field; `id` is found in the log. */
export type Failure = Words & { code: FailureCode; id?: string; fields?: Record<string, string> };

/** What a verb answers to a form or a button. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export function failure(code: FailureCode, more: { id?: string; fields?: Record<string, string>; detail?: string } = {}): Failure {
  return { code, ...words[code], ...more };
}

/** Thrown by verbs; every door turns it into its one wording. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly failure: Failure;
  constructor(code: FailureCode, more: Parameters<typeof failure>[1] & { cause?: unknown } = {}) {
    const { cause, ...rest } = more;
    super(code, { cause });
    this.failure = failure(code, rest);
  }
}

/** RFC 9457 body for doors that machines call. */
export function problem(given: Failure): { status: number; code: string; title: string; detail: string; remedy: string; id?: string; fields?: Record<string, string> } {
  const { status, code, title, detail, remedy, id, fields } = given;
  return { status, code, title, detail, remedy, ...(id && { id }), ...(fields && { fields }) };
}
