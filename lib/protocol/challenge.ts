// Challenges: the vault's own 32 bytes (PROTOCOL 5), the two dated kinds (6), and those of every other ceremony (6, "One
// credential, one purpose"). A page never signs bytes it was handed, so each kind is a hash under its own label.
import { b64u, concat, tryB64u, uint32be, type Bytes } from "./bytes.ts";
import type { Code } from "./errors.ts";
import { labelBytes, labelledHash } from "./hash.ts";

export const CHALLENGE_BYTES = 32;
/** Life of a vault's challenge, seconds. */
export const CHALLENGE_SECONDS = 60;
/** A client starts no submission later than this before the end, seconds. */
export const CHALLENGE_MARGIN_SECONDS = 5;
/** Longest standing revocation: 30 days, seconds. */
export const STANDING_SECONDS = 2_592_000;
/** Longest cosign window, seconds. */
export const COSIGN_SECONDS = 3_600;
/** How far a signer's clock may run ahead of the vault's, seconds. */
export const CLOCK_SKEW_SECONDS = 300;

/** `r(12) || uint32be(expiry) || mac(16)`. `expiry` counts seconds of the vault's own monotonic clock. */
export interface VaultChallenge {
  r: Bytes;
  expiry: number;
  mac: Bytes;
}

/** What the vault puts under HMAC-SHA256; the mac is the first 16 bytes of the result. `r` is 12 bytes. */
export function challengeMacInput(r: Uint8Array, expiry: number, agent: number): Bytes {
  if (r.length !== 12) throw new RangeError("r has 12 bytes");
  return concat(labelBytes("challenge"), r, uint32be(expiry), uint32be(agent));
}

/** A vault's challenge as it travels: 43 characters. */
export function formatVaultChallenge({ r, expiry, mac }: VaultChallenge): string {
  if (r.length !== 12 || mac.length !== 16) throw new RangeError("r has 12 bytes, mac 16");
  return b64u(concat(r, uint32be(expiry), mac));
}

/** The parts of a vault's challenge, or null when it is not base64url of 32 bytes. */
export function parseVaultChallenge(text: string): VaultChallenge | null {
  const bytes = tryB64u(text, CHALLENGE_BYTES);
  if (bytes === null) return null;
  return { r: bytes.slice(0, 12), expiry: new DataView(bytes.buffer).getUint32(12), mac: bytes.slice(16) };
}

export type DatedKind = "standing" | "cosign";

/** A challenge that carries its own window; times in Unix seconds. */
export interface DatedChallenge {
  kind: DatedKind;
  issuedAt: number;
  notAfter: number;
}

const LONGEST: Readonly<Record<DatedKind, number>> = { standing: STANDING_SECONDS, cosign: COSIGN_SECONDS };
const DATED = /^(standing|cosign)\/(0|[1-9][0-9]{0,15})\/(0|[1-9][0-9]{0,15})$/;

/** `standing/<issued_at>/<not_after>` or `cosign/...`. Throws a RangeError for a window that may not be. */
export function formatDatedChallenge({ kind, issuedAt, notAfter }: DatedChallenge): string {
  const text = `${kind}/${issuedAt}/${notAfter}`;
  if (parseDatedChallenge(text) === null) throw new RangeError(`not a ${kind} window`);
  return text;
}

/**
 * The parts of a dated challenge; null when it is malformed, which includes `issued_at >= not_after` and a window longer
 * than its kind allows (30 days, one hour).
 */
export function parseDatedChallenge(text: string): DatedChallenge | null {
  const match = DATED.exec(text);
  if (match === null) return null;
  const kind: DatedKind = match[1] === "standing" ? "standing" : "cosign";
  const issuedAt = Number(match[2]);
  const notAfter = Number(match[3]);
  if (!Number.isSafeInteger(issuedAt) || !Number.isSafeInteger(notAfter)) return null;
  return issuedAt < notAfter && notAfter <= issuedAt + LONGEST[kind] ? { kind, issuedAt, notAfter } : null;
}

/** Whether `now` (Unix seconds) lies in the window: `issued_at - 300 <= now <= not_after`. */
export function isInWindow({ issuedAt, notAfter }: DatedChallenge, now: number): boolean {
  return issuedAt - CLOCK_SKEW_SECONDS <= now && now <= notAfter;
}

/** The refusal of a dated challenge of the wanted kind at `now`, or null when it stands. */
export function refuseDated(text: string, kind: DatedKind, now: number): Code | null {
  const dated = parseDatedChallenge(text);
  if (dated === null || dated.kind !== kind) return "challenge_unknown";
  return isInWindow(dated, now) ? null : "challenge_expired";
}

export type Ceremony = "signin" | "stepup" | "inbox" | "unlock";

/** The WebAuthn challenge of a ceremony: `H("clavitor/<purpose>/v1\n" || server bytes)`, 32 bytes. */
export function ceremonyChallenge(purpose: Ceremony, serverBytes: Uint8Array): Bytes {
  return labelledHash(purpose, serverBytes);
}
