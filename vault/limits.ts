// Every cap of the vault in one place, with the abuse that it prevents. Those the wire fixes name their section.

/** All headers of a request together. Well above one assertion, so that a long one is answered, not cut off by the parser. */
export const MAX_HEADER_BYTES = 32_768;
/** A request must have arrived whole by then: a slow sender must not hold a connection for ever. Milliseconds. */
export const REQUEST_TIMEOUT_MS = 20_000;
/** PROTOCOL 12: submissions per agent and minute that fail at a signature, because each costs a public-key operation. */
export const FAILED_SIGNATURES_PER_MINUTE = 20;
/** PROTOCOL 7: how long a receipt and the ids of its operations are known. Seconds. */
export const RECEIPT_SECONDS = 86_400;
/** PROTOCOL 13: life of a token from /session. Seconds. */
export const SESSION_SECONDS = 900;
/** PROTOCOL 13: names of open challenges for sign-in, unlocking and registration kept at once, two per `/session/begin`. Strangers may ask
 * for them, so memory is bounded (some 200 bytes each); a full store refuses new ones rather than push out a person's. */
export const MAX_OPEN_CHALLENGES = 200_000;
/** PROTOCOL 12: default read limits of `kind: "agent"`; a program that is turned against its owner reads slowly. */
export const DEFAULT_AGENT_LIMITS = { per_minute: 3, per_hour: 10 } as const;
/** PROTOCOL 12: the second violation inside this window locks the row. Seconds. */
export const VIOLATION_WINDOW_SECONDS = 7_200;
/** PROTOCOL 9: lease removals follow within 60 s; the sweep leaves room for a slow one. Milliseconds. */
export const SWEEP_MS = 20_000;
/** A handle unused for so long is closed, so that an idle vault costs no memory and no file descriptors. Milliseconds. */
export const IDLE_CLOSE_MS = 120_000;
/** Open handles at once; each holds up to three file descriptors. The least recently used idle one is closed. */
export const MAX_OPEN_VAULTS = 256;
/** PROTOCOL 3. */
export const MAX_ENTRIES_PAGE = 500;
export const MAX_AGENTS_PAGE = 1_000;
export const MAX_AUDIT_PAGE = 1_000;
/** PROTOCOL 3: a page of agents is cut at this size. Bytes. */
export const MAX_PAGE_BYTES = 1_048_576;
/** Characters of a search query: each term is looked for in every visible entry. */
export const MAX_QUERY_CHARS = 200;
/** Registrations per minute and process: each makes a file for ever. */
export const REGISTRATIONS_PER_MINUTE = 600;
/** How often a backup asks its primary what changed: what a failover loses at the most. Milliseconds. */
export const FOLLOW_MS = 1_000;
