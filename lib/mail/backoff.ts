import { limits } from "../limits.ts";

const steps = [10, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400];

/**
 * Seconds until the next try after `attempts` failed ones, or null when it is given up. A tenth of jitter, so that mails
 * that failed together do not come back together.
 */
export function pauseAfter(attempts: number, random: () => number = Math.random): number | null {
  if (attempts >= limits.mailAttempts) return null;
  const base = steps[Math.min(attempts, steps.length) - 1] ?? steps[0]!;
  return Math.round(base * (1 + random() * 0.1));
}

/** An answer 5xx to the recipient or the mail itself is final; everything else may pass. */
export const isFinal = (error: unknown): boolean => {
  const { responseCode, command } = (error ?? {}) as { responseCode?: unknown; command?: unknown };
  return typeof responseCode === "number" && responseCode >= 500 && responseCode < 600 && command !== "CONN" && command !== "AUTH PLAIN" && command !== "AUTH LOGIN";
};
