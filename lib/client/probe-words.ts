/** The blind probe in words (PROTOCOL 11): what it showed and how long ago, and no more than that. Pure, and for the browser too. */
import type { Shape } from "./condition.ts";

export type ProbeResult = "blind" | "not_blind" | "unproven";
/** Times in epoch milliseconds. `unprovenSince`: since when nothing proves that we are blind. */
export type ProbeState = { readonly result: ProbeResult | null; readonly at: number | null; readonly words: string | null; readonly unprovenSince: number | null };
export type Probed = { readonly at: number; readonly result: ProbeResult };

/** Nothing proven for this long is an alarm (PROTOCOL 11). */
export const unprovenAlarmMs = 3 * 3_600_000;

export type ProbeWords = { readonly shape: Shape; readonly word: string; readonly alarm: boolean };

export function probeWords({ result, unprovenSince }: ProbeState, now: number): ProbeWords {
  if (result === "blind") return { shape: "proven", word: "We read 0 entries", alarm: false };
  if (result === "not_blind") return { shape: "refused", word: "Not blind", alarm: true };
  if (result === null) return { shape: "none", word: "Not tried yet", alarm: false };
  const alarm = unprovenSince !== null && now - unprovenSince >= unprovenAlarmMs;
  return { shape: alarm ? "attention" : "none", word: "Unproven", alarm };
}

/** One piece of the strip. `none`: nothing was tried in that hour. */
export type StripHour = { readonly from: number; readonly result: ProbeResult | "none" };

const hour = 3_600_000;
const rank = { not_blind: 3, unproven: 2, blind: 1 } as const;

/** The last 24 hours, oldest first, the worst result of each; the last piece ends with `now`. */
export function probeStrip(probes: readonly Probed[], now: number): StripHour[] {
  return Array.from({ length: 24 }, (_, index) => {
    const from = now - (24 - index) * hour;
    const inside = probes.filter(({ at }) => at > from && at <= from + hour).map(({ result }) => result);
    return { from, result: inside.toSorted((a, b) => rank[b] - rank[a])[0] ?? "none" };
  });
}

/** "24 of 24 in the last day": how many of the probes of the strip showed nothing to read. */
export function stripCounts(probes: readonly Probed[], now: number): { readonly blind: number; readonly tried: number } {
  const inside = probes.filter(({ at }) => at > now - 24 * hour && at <= now);
  return { blind: inside.filter(({ result }) => result === "blind").length, tried: inside.length };
}
