import { hoursWords } from "#lib/role/lengths.ts";

/** Lengths that are offered; what is longer than the organisation allows is not. Pure. */
const offered = [1, 2, 4, 8, 12, 24, 48, 72, 168, 336, 720, 2_160] as const;

/** With `longest` itself as the last, where it is none of the usual ones. */
export function lengths(longest: number): { value: string; label: string }[] {
  const within = offered.filter((hours) => hours < longest);
  return [...within, longest].map((hours) => ({ value: String(hours), label: hoursWords(hours) }));
}
