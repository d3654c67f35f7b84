/** An amount in the currency's minor units (cents; for a currency without them, whole units). */
export type Money = { readonly minor: bigint | number; readonly currency: string };
export type MoneyText = { readonly currency: string; readonly amount: string };

/**
 * An amount in words: the ISO code and the figures apart, since the code stands before the amount. Exact for any size: the
 * figures are made from digits, not from a float. `minorUnits: "whenNeeded"` leaves `.00` away. A minus is a real minus.
 * Throws a RangeError on a currency that Intl does not know how to write, or a fraction of a minor unit.
 */
export function moneyText(money: Money, minorUnits: "always" | "whenNeeded" = "always"): MoneyText {
  const format = new Intl.NumberFormat("en", { style: "currency", currency: money.currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
  const minor = BigInt(money.minor);
  const unit = 10n ** BigInt(digits);
  const size = minor < 0n ? -minor : minor;
  const whole = (size / unit).toLocaleString("en");
  const rest = digits === 0 ? "" : `.${(size % unit).toString().padStart(digits, "0")}`;
  const fraction = minorUnits === "whenNeeded" && size % unit === 0n ? "" : rest;
  return { currency: money.currency.toUpperCase(), amount: `${minor < 0n ? "−" : ""}${whole}${fraction}` };
}
