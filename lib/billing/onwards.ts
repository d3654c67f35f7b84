/** How a subscription goes on from its end: "by the month", or "in EUR" (lib/billing/move.ts). Pure, for the browser too. */
import type { Currency } from "./price-list.ts";
import type { Interval } from "./types.ts";

export const onwards = (to: { readonly currency: Currency; readonly interval: Interval }, from: Currency): string => (to.currency === from ? `by the ${to.interval}` : `in ${to.currency}`);
