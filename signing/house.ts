// Where this page stands, and for which console it signs. The console's origin is part of the page as it was delivered, never
// of an answer: it goes into what is signed.
import { hostOf, isOrigin } from "#lib/protocol/address.ts";

export interface House {
  /** This origin. */
  origin: string;
  /** Its host: the RP id of every signing key. */
  rpId: string;
  /** Origin of the console. */
  console: string;
}

/** Null when the page was delivered wrongly: no console, or the console's own host (one credential, one purpose). */
export function readHouse(origin: string, console: string | null): House | null {
  const rpId = isOrigin(origin) ? hostOf(origin) : null;
  if (rpId === null || console === null || !isOrigin(console) || hostOf(console) === rpId) return null;
  return { origin, rpId, console };
}
