"use client";
import { useId } from "react";
import type { ComponentProps, MouseEvent, ReactNode } from "react";
import { buttonClass } from "./button-class.ts";
import type { ButtonSize, ButtonTone } from "./button-class.ts";

type Shared = Omit<ComponentProps<"button">, "disabled" | "className" | "aria-disabled"> & {
  tone?: ButtonTone;
  size?: ButtonSize;
  /**
   * Why the button cannot be pressed now, as a sentence. Being off and the reason are one value, so neither exists without
   * the other. The button stays in the tab order: the reason is shown on hover and focus, and read out.
   */
  disabledReason?: string | null | undefined;
  /** While set, a press is under way: presses are ignored and these words replace the label. */
  pending?: string | null | undefined;
  className?: string;
};

export type ButtonProps = Shared & {
  icon?: ReactNode;
  /** Key hints beside the word, from `Keys`. */
  keys?: ReactNode;
  /** Fills the width it is given. */
  wide?: boolean;
};

export function Button({ tone = "plain", size = "normal", disabledReason, pending, icon, keys, wide, className, children, onClick, type = "button", ...rest }: ButtonProps) {
  const reasonId = useId();
  const off = Boolean(disabledReason) || Boolean(pending);
  return (
    <>
      <button
        {...rest}
        // eslint-disable-next-line react/button-has-type -- the type is one of the three, given by the caller
        type={type}
        className={buttonClass({ tone, size, off, wide, className })}
        aria-disabled={off || undefined}
        aria-busy={pending ? true : undefined}
        aria-describedby={disabledReason ? reasonId : rest["aria-describedby"]}
        data-hint={disabledReason ?? undefined}
        onClick={off ? stop : onClick}
      >
        {icon}
        <span className={size === "large" ? "min-w-0 truncate" : undefined}>{pending ?? children}</span>
        {keys}
      </button>
      {disabledReason ? (
        <span id={reasonId} hidden>
          {disabledReason}
        </span>
      ) : null}
    </>
  );
}

export type IconButtonProps = Omit<Shared, "pending" | "children" | "aria-label"> & {
  /** The accessible name, also shown as a hint on hover and focus. */
  label: string;
  icon: ReactNode;
  /** The key that does the same, shown in the hint. */
  hintKeys?: string;
};

export function IconButton({ label, icon, hintKeys, tone = "quiet", size = "normal", disabledReason, className, onClick, type = "button", ...rest }: IconButtonProps) {
  const reasonId = useId();
  const off = Boolean(disabledReason);
  return (
    <>
      <button
        {...rest}
        // eslint-disable-next-line react/button-has-type -- the type is one of the three, given by the caller
        type={type}
        className={buttonClass({ tone, size, off, square: true, className })}
        aria-label={label}
        aria-disabled={off || undefined}
        aria-describedby={off ? reasonId : rest["aria-describedby"]}
        data-hint={disabledReason ? `${label}. ${disabledReason}` : label}
        data-hint-keys={off ? undefined : hintKeys}
        onClick={off ? stop : onClick}
      >
        {icon}
      </button>
      {disabledReason ? (
        <span id={reasonId} hidden>
          {disabledReason}
        </span>
      ) : null}
    </>
  );
}

function stop(event: MouseEvent): void {
  event.preventDefault();
}
