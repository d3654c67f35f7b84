import { moneyText } from "./money-text.ts";
import type { Money as MoneyValue } from "./money-text.ts";

/** An amount with its currency before it, in the third text colour, never broken over two lines. */
export function Money({ of, minorUnits }: { of: MoneyValue; minorUnits?: "always" | "whenNeeded" }) {
  const text = moneyText(of, minorUnits);
  return (
    <span className="whitespace-nowrap">
      <span className="mr-[0.3em] font-normal text-text-3 in-[.bg-ink]:text-inherit in-[.bg-accent]:text-inherit">{text.currency}</span>
      {text.amount}
    </span>
  );
}
