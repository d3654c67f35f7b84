import { cx } from "./class-names.ts";

/** One grey bar in the place of a word or a figure. Decorative: whoever draws the skeleton says "Loading" once. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("block h-3 animate-breathe rounded-in bg-active", className)} />;
}
