// What the window was opened with: the subject in the path, the ticket in the fragment, which no server and no log sees.
import { tryB64u } from "#lib/protocol/bytes.ts";

export interface Opened {
  /** UUID of what is to be signed. */
  subject: string;
  /** b64u of 32 bytes; null when the page was loaded again, since the fragment is taken away at once. */
  ticket: string | null;
}

/** Reads the address; null when it is none of this page's. */
export function readAddress(path: string, fragment: string): Opened | null {
  const subject = /^\/approve\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(path)?.[1];
  if (subject === undefined) return null;
  if (fragment === "" || fragment === "#") return { subject, ticket: null };
  const ticket = fragment.slice(1);
  return tryB64u(ticket, 32) === null ? null : { subject, ticket };
}
