import { Fragment } from "react";
import { cx } from "./class-names.ts";

/** Keys as they are printed on a keyboard. `of` is one key or several pressed in turn or together; `on="fill"` for coloured ground. */
export function Keys({ of, on = "ground", className }: { of: string | readonly string[]; on?: "ground" | "fill"; className?: string }) {
  const keys = typeof of === "string" ? [of] : of;
  return (
    <span className={cx("inline-flex gap-[3px]", on === "fill" && "-mr-1", className)}>
      {keys.map((key, index) => (
        // The same key may stand twice in a chord, so its place is its identity.
        // eslint-disable-next-line react/no-array-index-key
        <Fragment key={index}>
          <kbd
            className={cx(
              "inline-flex min-w-[18px] items-center justify-center rounded-in border px-1 font-sans text-11 font-medium tracking-normal",
              on === "fill" ? "h-4 border-current text-inherit" : "h-[18px] border-line border-b-line-strong bg-surface text-text-2",
            )}
          >
            {SPOKEN[key] ? (
              <>
                <span aria-hidden>{key}</span>
                <span className="sr-only">{SPOKEN[key]}</span>
              </>
            ) : (
              key
            )}
          </kbd>
        </Fragment>
      ))}
    </span>
  );
}

/** Signs that a screen reader would skip or misread. */
const SPOKEN: Readonly<Record<string, string>> = {
  "⌘": "Command",
  "⌫": "Backspace",
  "↵": "Enter",
  "␣": "Space",
  "↑": "Up",
  "↓": "Down",
  "←": "Left",
  "→": "Right",
  "?": "Question mark",
  "/": "Slash",
  "[": "Left bracket",
  "]": "Right bracket",
  ">": "Greater than",
};
