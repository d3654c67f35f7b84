"use client";
import { useId } from "react";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";
import { useField } from "./field.tsx";

export type RadioChoice<Value extends string> = { readonly value: Value; readonly label: ReactNode; readonly help?: ReactNode; readonly disabledReason?: string | null };

export type RadioGroupProps<Value extends string> = {
  /** The accessible name where no `Field group` gives one. */
  label?: string;
  choices: readonly RadioChoice<Value>[];
  value?: Value;
  defaultValue?: Value;
  onChange?: (value: Value) => void;
  direction?: "column" | "row";
};

/** One of a few, all in sight. Arrows move and choose. Lives in a `Field group`, which names it and what is sent. */
export function RadioGroup<Value extends string>({ label, choices, value, defaultValue, onChange, direction = "column" }: RadioGroupProps<Value>) {
  const field = useField();
  const own = useId();
  return (
    <div role="radiogroup" aria-label={label} className={direction === "row" ? "flex flex-wrap gap-x-4 gap-y-2" : "grid gap-2"}>
      {choices.map((choice) => {
        const off = Boolean(choice.disabledReason) || Boolean(field?.disabled);
        const detail = choice.disabledReason ?? choice.help;
        const detailId = `${own}${choice.value}`;
        return (
          <label key={choice.value} className={cx("grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-2", off && "text-text-3")}>
            <span className="grid h-5 place-items-center">
              <span className="relative grid size-4 max-thumb:size-5">
                <input
                  type="radio"
                  name={field?.name ?? own}
                  value={choice.value}
                  {...(value === undefined ? { defaultChecked: choice.value === defaultValue } : { checked: choice.value === value })}
                  disabled={off}
                  aria-describedby={detail ? detailId : undefined}
                  onChange={() => onChange?.(choice.value)}
                  className="peer size-full appearance-none forced-colors:appearance-auto rounded-full border border-line-control bg-surface checked:border-ink disabled:border-line-strong disabled:bg-sunken"
                />
                <span aria-hidden className="keeps-colour pointer-events-none absolute inset-0 m-auto hidden size-2 rounded-full bg-ink peer-checked:block forced-colors:hidden!" />
              </span>
            </span>
            <span>
              {choice.label}
              {detail ? (
                <span id={detailId} className="block text-12 text-pretty text-text-3">
                  {detail}
                </span>
              ) : null}
            </span>
          </label>
        );
      })}
    </div>
  );
}
