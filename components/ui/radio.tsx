"use client";
import { Radio as BaseRadio } from "@base-ui/react/radio";
import { RadioGroup as BaseGroup } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

export type RadioChoice<Value extends string> = { readonly value: Value; readonly label: ReactNode; readonly help?: ReactNode; readonly disabledReason?: string | null };

export type RadioGroupProps<Value extends string> = {
  /** The accessible name where no `Field` gives one. */
  label?: string;
  name?: string;
  choices: readonly RadioChoice<Value>[];
  value?: Value;
  defaultValue?: Value;
  onChange?: (value: Value) => void;
  direction?: "column" | "row";
};

/** One of a few, all in sight. Arrows move and choose. */
export function RadioGroup<Value extends string>({ label, name, choices, value, defaultValue, onChange, direction = "column" }: RadioGroupProps<Value>) {
  return (
    <BaseGroup<Value>
      {...(name === undefined ? {} : { name })}
      {...(value === undefined ? {} : { value })}
      {...(defaultValue === undefined ? {} : { defaultValue })}
      {...(onChange === undefined ? {} : { onValueChange: (next: Value) => onChange(next) })}
      aria-label={label}
      className={direction === "row" ? "flex flex-wrap gap-x-4 gap-y-2" : "grid gap-2"}
    >
      {choices.map((choice) => (
        <label key={choice.value} className={cx("grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-2", choice.disabledReason && "text-text-3")}>
          <span className="grid h-5 place-items-center">
            <BaseRadio.Root
              value={choice.value}
              disabled={Boolean(choice.disabledReason)}
              className="grid size-4 place-items-center rounded-full border border-line-control bg-surface data-checked:border-ink data-disabled:border-line-strong data-disabled:bg-sunken max-thumb:size-5"
            >
              <BaseRadio.Indicator className="size-2 rounded-full bg-ink" />
            </BaseRadio.Root>
          </span>
          <span>
            {choice.label}
            {(choice.disabledReason ?? choice.help) ? <span className="block text-12 text-pretty text-text-3">{choice.disabledReason ?? choice.help}</span> : null}
          </span>
        </label>
      ))}
    </BaseGroup>
  );
}
