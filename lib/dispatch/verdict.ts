/**
 * What an answer of a vault means for the share that was sent (PROTOCOL 7, 12, 14). Pure. Silence is unknown, never done and never
 * refused: the same bytes are asked again.
 */
import type { Result } from "../vault/result.ts";
import type { SignedReceipt } from "../protocol/messages.ts";

export type Verdict =
  | { kind: "receipt"; answer: SignedReceipt }
  /** It certainly was not applied, and may be sent again later under the same signature. */
  | { kind: "wait"; words: string; seconds: number | null; code: string }
  /** It certainly was not applied, and needs another tap. */
  | { kind: "late"; words: string; code: string }
  /** The vault refused for good; nothing changed. */
  | { kind: "refused"; words: string; code: string }
  /** A primary knows our token no more. */
  | { kind: "gone"; words: string }
  /** Nothing can prove or disprove it any more but reading. */
  | { kind: "lost"; words: string }
  | { kind: "over"; words: string }
  | { kind: "incident"; words: string }
  | { kind: "unknown"; words: string; seconds: number | null };

export type Sent = {
  kind: "fresh" | "standing";
  /** Epoch of the vault when the share was first sent, as far as it was known. */
  epoch: number | null;
  /** Since the first submission, milliseconds. */
  ageMs: number;
  /** How long a vault keeps receipts, milliseconds (lib/limits.ts). */
  keptMs: number;
  /** Of a standing share: whether its thirty days still run by our clock. */
  stands: boolean;
};

/** Seconds between two questions to a vault in failover (mockup: asked every 20 s). */
export const FAILOVER_SECONDS = 20;

export function verdictOf(result: Result<SignedReceipt>, sent: Sent): Verdict {
  if (result.kind === "unknown") return { kind: "unknown", words: result.words, seconds: result.retryAfter };
  if (result.kind === "answered") {
    // Only a primary applies anything; a backup that answers a batch says what cannot be.
    return result.mode === "primary" ? { kind: "receipt", answer: result.value } : { kind: "incident", words: "A backup answered a change." };
  }
  const { code, status, words, mode, retryAfter } = result;
  const name = code ?? String(status);
  if (code === "read_only" || mode === "backup") return { kind: "wait", words: "In failover: it takes no changes now.", seconds: FAILOVER_SECONDS, code: name };
  if (code === "slow_down") return { kind: "wait", words, seconds: retryAfter, code: name };
  if (status >= 500) return { kind: "unknown", words, seconds: retryAfter };
  if (code === "unknown_token") return { kind: "gone", words: "It knows our token no more: the connection has ended." };
  if (code === "challenge_expired" || code === "challenge_unknown") return challengeVerdict(result.epoch, name, sent);
  // Its operations are known there in another batch, or under another signature: they were applied before, and not by this share.
  if (code === "operation_replayed") return { kind: "incident", words: "It says that these operations were applied before." };
  return { kind: "refused", words, code: name };
}

/** Within a day and one epoch a `challenge_*` refusal of resent bytes proves that they were not applied, and only that does (PROTOCOL 7). */
function challengeVerdict(epochNow: number, code: string, { kind, epoch, ageMs, keptMs, stands }: Sent): Verdict {
  if (kind === "standing") {
    if (code !== "challenge_expired") return { kind: "refused", words: "The vault does not take its window.", code };
    // Its clock is wrong by more than it forgives (PROTOCOL 6): a removal is not lost over that.
    return stands ? { kind: "wait", words: "The vault’s clock is wrong: by it, the removal was not signed in the last thirty days.", seconds: null, code } : { kind: "over", words: "Its thirty days are over." };
  }
  if (ageMs > keptMs) return { kind: "lost", words: "The vault keeps receipts for a day, and it was asked later." };
  if (epoch !== null && epochNow !== epoch) return { kind: "lost", words: "The vault was restored or promoted meanwhile, and dropped its receipts." };
  return { kind: "late", words: "It missed its minute and was not applied.", code };
}

/** Seconds until a vault is asked again after so many failures in a row, with a tenth of jitter; `most` caps it. */
export function pauseSeconds(failures: number, most: number, random: () => number = Math.random): number {
  const base = Math.min(most, 2 ** Math.min(failures, 12) / 2);
  return base * (1 + random() * 0.1);
}
