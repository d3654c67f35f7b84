"use client";
import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { cx } from "./class-names.ts";
import { CONTROL, CONTROL_LINE } from "./control-class.ts";
import { useField } from "./field.tsx";

export type Choice<Value extends string = string> = { readonly value: Value; readonly label: string };

export type SelectProps<Value extends string> = Omit<ComponentProps<"select">, "className" | "disabled" | "name" | "value" | "defaultValue" | "onChange" | "children" | "multiple" | "size"> & {
  choices: readonly Choice<Value>[];
  value?: Value;
  defaultValue?: Value;
  onChange?: (value: Value) => void;
  /** Shown while nothing is chosen; it cannot be chosen again. */
  placeholder?: string;
  className?: string;
};

/**
 * One of a few; for more than a dozen take `Combobox`. The platform's own control: it is known to every screen reader and phone,
 * works before any script has come, and where the browser lets us (`appearance: base-select`) its list takes on our look.
 */
export function Select<Value extends string>({ choices, value, defaultValue, onChange, placeholder, className, ...rest }: SelectProps<Value>) {
  const held = value === undefined ? { defaultValue: defaultValue ?? (placeholder === undefined ? undefined : "") } : { value };
  return (
    <span className={cx("relative grid", className)}>
      <select
        {...useField()}
        {...rest}
        {...held}
        onChange={(event) => {
          const chosen = choices.find((choice) => choice.value === event.target.value);
          if (chosen) onChange?.(chosen.value);
        }}
        className={cx(CONTROL, CONTROL_LINE, "drawn-select pr-8 text-ellipsis")}
      >
        {placeholder === undefined ? null : (
          <option value="" disabled hidden>
            {placeholder}
          </option>
        )}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <ChevronDown className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-text-3" strokeWidth={1.5} aria-hidden />
    </span>
  );
}
