/**
 * What an MSP is owed out of what it paid: a share of each net amount, by the terms of its contract (SPEC section 7). The terms are
 * confidential; nothing here, and nothing in the tests, holds one. Pure.
 */
import type { Day } from "../billing/days.ts";

/** `basisPoints`: hundredths of a percent of the net amount. `from`: the first day on which a payment counts. */
export type Terms = { readonly basisPoints: number; readonly from: Day };

/** A net amount that was paid on a day, in minor units; negative for what was paid back. */
export type Payment = { readonly on: Day; readonly minor: bigint; readonly currency: string };

/** Whole minor units: each payment's share is cut towards zero by itself, so that any list of payments adds up the same. */
export const shareOf = (minor: bigint, { basisPoints }: Terms): bigint => (minor * BigInt(basisPoints)) / 10_000n;

export type ShareLine = { readonly month: string; readonly currency: string; readonly paid: bigint; readonly share: bigint };

/** By month (`2026-11`) and currency, newest month first; currencies are never added to each other. */
export function sharesByMonth(payments: readonly Payment[], terms: Terms): ShareLine[] {
  const lines = new Map<string, ShareLine>();
  for (const { on, minor, currency } of payments) {
    if (on < terms.from) continue;
    const key = `${on.slice(0, 7)} ${currency}`;
    const line = lines.get(key) ?? { month: on.slice(0, 7), currency, paid: 0n, share: 0n };
    lines.set(key, { ...line, paid: line.paid + minor, share: line.share + shareOf(minor, terms) });
  }
  return [...lines.values()].toSorted((a, b) => (a.month < b.month ? 1 : a.month > b.month ? -1 : a.currency < b.currency ? -1 : 1));
}

/**
 * What an operator typed, as terms. The share is a percentage with at most two decimals, above none and not above the whole.
 * Throws a RangeError that does not repeat what was typed.
 */
export function termsOf(share: string, from: Day): Terms {
  const found = /^(\d{1,3})(?:[.,](\d{1,2}))?\s*%?$/.exec(share.trim());
  const basisPoints = found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : 0;
  if (basisPoints < 1 || basisPoints > 10_000) throw new RangeError("The share is a percentage above nothing, at most the whole, with at most two decimals.");
  if (!/^\d{4}-\d{2}-\d{2}$/.test(from) || new Date(`${from}T00:00:00Z`).toJSON()?.slice(0, 10) !== from) throw new RangeError("The day is written like 2026-11-21.");
  return { basisPoints, from };
}
