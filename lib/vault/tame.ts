/** Words of a vault that no check of the protocol holds to a form (PROTOCOL 14): made fit to be stored and shown as text. Pure. */

// Cc, bidi overrides and isolates, line separators: what would make a text read as another one. NUL is no text to PostgreSQL either.
// eslint-disable-next-line no-control-regex
const deceitful = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g;

/** At most `most` code points, well-formed, without characters that change how the rest reads; "…" where it was cut. */
export function tame(text: string, most = 300): string {
  const fit = text.slice(0, most * 4).toWellFormed().replaceAll(deceitful, "\uFFFD");
  const points = [...fit];
  return points.length <= most ? fit : `${points.slice(0, most - 1).join("")}…`;
}
