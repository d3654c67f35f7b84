"use client";
import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

export type CheckboxProps = {
  name?: string;
  /** The value sent when ticked; `on` without it. */
  value?: string;
  /** The words beside the box; pressing them ticks it. */
  children?: ReactNode;
  /** The accessible name where no words stand beside it, as in a table. */
  label?: string;
  checked?: boolean;
  defaultChecked?: boolean;
  /** Some of what this box stands for are ticked. */
  some?: boolean;
  onChange?: (checked: boolean) => void;
  help?: ReactNode;
  disabledReason?: string | null;
};

export function Checkbox({ name, value, children, label, checked, defaultChecked, some, onChange, help, disabledReason }: CheckboxProps) {
  const off = Boolean(disabledReason);
  const box = (
    <Base.Root
      {...(name === undefined ? {} : { name })}
      {...(value === undefined ? {} : { value })}
      {...(checked === undefined ? {} : { checked })}
      {...(defaultChecked === undefined ? {} : { defaultChecked })}
      indeterminate={some ?? false}
      readOnly={off}
      aria-disabled={off || undefined}
      aria-label={label}
      {...(onChange === undefined ? {} : { onCheckedChange: (next: boolean) => onChange(next) })}
      className={cx(
        "grid size-4 shrink-0 place-items-center rounded-in border border-line-control bg-surface text-on-ink data-checked:border-ink data-checked:bg-ink data-indeterminate:border-ink data-indeterminate:bg-ink data-invalid:border-danger-solid max-thumb:size-5",
        off && "border-line-strong bg-sunken data-checked:border-text-3 data-checked:bg-text-3",
      )}
    >
      <Base.Indicator className="data-unchecked:hidden" keepMounted>
        {some ? <Minus className="size-3" strokeWidth={2.25} aria-hidden /> : <Check className="size-3" strokeWidth={2.25} aria-hidden />}
      </Base.Indicator>
    </Base.Root>
  );
  if (children === undefined) return box;
  return (
    <label className={cx("grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-2", off && "text-text-3")}>
      <span className="grid h-5 place-items-center">{box}</span>
      <span>
        {children}
        {(help ?? disabledReason) ? <span className="block text-12 text-pretty text-text-3">{disabledReason ?? help}</span> : null}
      </span>
    </label>
  );
}
