"use client";
import { Check, Minus } from "lucide-react";
import { useId } from "react";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./class-names.ts";

export type CheckboxProps = Omit<ComponentProps<"input">, "type" | "className" | "children" | "disabled" | "onChange" | "ref" | "role"> & {
  /** The words beside the box; pressing them ticks it. */
  children?: ReactNode;
  /** The accessible name where no words stand beside it, as in a table. */
  label?: string;
  /** Some of what this box stands for are ticked. */
  some?: boolean;
  onChange?: (checked: boolean) => void;
  help?: ReactNode;
  /** Why it cannot be changed. It stays in the tab order, so that the reason is found. */
  disabledReason?: string | null;
};

/** Sent with a form. For what takes effect at once take `Switch`. */
export function Checkbox({ children, label, some, onChange, help, disabledReason, ...rest }: CheckboxProps) {
  const detailId = useId();
  const detail = disabledReason ?? help;
  const off = Boolean(disabledReason);
  const box = (
    <span className="relative grid size-4 shrink-0 max-thumb:size-5">
      <input
        {...rest}
        type="checkbox"
        ref={(element) => {
          if (element) element.indeterminate = some ?? false;
        }}
        aria-label={label}
        aria-disabled={off || undefined}
        aria-describedby={detail ? detailId : undefined}
        onClick={off ? (event) => event.preventDefault() : undefined}
        onChange={(event) => onChange?.(event.target.checked)}
        className={cx(
          "peer size-full appearance-none forced-colors:appearance-auto rounded-in border",
          off ? "border-line-strong bg-sunken checked:border-text-3 checked:bg-text-3" : "border-line-control bg-surface checked:border-ink checked:bg-ink indeterminate:border-ink indeterminate:bg-ink aria-invalid:border-danger-solid",
        )}
      />
      <Check className="pointer-events-none absolute inset-0 m-auto hidden size-3 text-on-ink forced-colors:hidden! peer-checked:peer-not-indeterminate:block" strokeWidth={2.25} aria-hidden />
      <Minus className="pointer-events-none absolute inset-0 m-auto hidden size-3 text-on-ink forced-colors:hidden! peer-indeterminate:block" strokeWidth={2.25} aria-hidden />
    </span>
  );
  if (children === undefined) return box;
  return (
    <label className={cx("grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-2", off && "text-text-3")}>
      <span className="grid h-5 place-items-center">{box}</span>
      <span>
        {children}
        {detail ? (
          <span id={detailId} className="block text-12 text-pretty text-text-3">
            {detail}
          </span>
        ) : null}
      </span>
    </label>
  );
}
