/** Amounts: whole minor units of a currency, net unless said otherwise. Never floats. Pure. */
import type { Currency } from "./price-list.ts";

export type Money = { readonly minor: number; readonly currency: Currency };

/** A bigint of the database as a number. Throws a RangeError beyond 2^53: no amount is ever rounded. */
export function minor(amount: bigint): number {
  const value = Number(amount);
  if (!Number.isSafeInteger(value)) throw new RangeError("an amount beyond what is exact");
  return value;
}

/** As bookkeeping writes it, for CSV and comparison: "22450.00". All four currencies have two decimals. */
export const decimal = (amount: number): string => `${amount < 0 ? "-" : ""}${Math.trunc(Math.abs(amount) / 100)}.${String(Math.abs(amount) % 100).padStart(2, "0")}`;
