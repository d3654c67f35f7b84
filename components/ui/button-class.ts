import { cx } from "./class-names.ts";

/** `ink` is the ordinary yes; `sign` only where a key is touched or staged work goes on; `danger` takes something away. */
export type ButtonTone = "ink" | "plain" | "sign" | "danger" | "quiet";
/** 24, 28 and 36 px high; under a thumb 32, 36 and 44. */
export type ButtonSize = "small" | "normal" | "large";

const TONE: Record<ButtonTone, string> = {
  ink: "border-ink bg-ink text-on-ink hover:border-text-2 hover:bg-text-2 data-popup-open:bg-text-2",
  plain: "border-line-strong bg-surface text-text hover:bg-hover active:bg-active data-popup-open:bg-active",
  sign: "border-accent bg-accent text-on-accent hover:border-accent-hover hover:bg-accent-hover",
  danger: "border-danger-line bg-surface text-danger-text hover:bg-danger-soft",
  quiet: "border-transparent bg-transparent text-text-2 hover:bg-hover active:bg-active data-popup-open:bg-active data-popup-open:text-text",
};
const OFF = "border-line bg-sunken text-text-3 cursor-default";
const SIZE: Record<ButtonSize, { box: string; square: string }> = {
  small: { box: "h-6 gap-1.5 px-2 text-12 max-thumb:h-8", square: "size-6 max-thumb:size-8" },
  normal: { box: "h-7 gap-1.5 px-2.5 text-13 max-thumb:h-9 max-thumb:px-3", square: "size-7 max-thumb:size-9" },
  large: { box: "h-9 gap-2 px-4 text-13 max-thumb:h-11 max-thumb:text-14", square: "size-9 max-thumb:size-11" },
};

/** The look of a button as a class, for links that look like one. */
export function buttonClass(options: {
  tone?: ButtonTone | undefined;
  size?: ButtonSize | undefined;
  off?: boolean | undefined;
  square?: boolean | undefined;
  wide?: boolean | undefined;
  className?: string | undefined;
}): string {
  const { tone = "plain", size = "normal", off, square, wide, className } = options;
  return cx(
    "inline-flex shrink-0 items-center justify-center rounded-box border font-medium whitespace-nowrap select-none [&_svg:not(.glyph)]:size-4 [&_svg:not(.glyph)]:stroke-[1.5]",
    square ? SIZE[size].square : cx(SIZE[size].box, "[&>svg:first-child]:-ml-0.5"),
    off ? cx(OFF, tone === "quiet" && "border-transparent bg-transparent") : TONE[tone],
    wide && "w-full",
    className,
  );
}
