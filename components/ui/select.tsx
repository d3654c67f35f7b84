"use client";
import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import { useMemo } from "react";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";
import { CONTROL, CONTROL_LINE } from "./control-class.ts";
import { FLOAT, ITEM } from "./menu-class.ts";

export type Choice<Value extends string = string> = { readonly value: Value; readonly label: string; readonly detail?: ReactNode };

export type SelectProps<Value extends string> = {
  choices: readonly Choice<Value>[];
  value?: Value | null;
  defaultValue?: Value | null;
  onChange?: (value: Value) => void;
  /** Shown while nothing is chosen. */
  placeholder?: string;
  /** The accessible name where no `Field` gives one. */
  label?: string;
  className?: string;
};

/** One of a few. Type to find, arrows to move; for more than a dozen choices take `Combobox`. */
export function Select<Value extends string>({ choices, value, defaultValue, onChange, placeholder = "Choose…", label, className }: SelectProps<Value>) {
  const items = useMemo(() => [...choices], [choices]);
  return (
    <Base.Root
      items={items}
      {...(value === undefined ? {} : { value })}
      {...(defaultValue === undefined ? {} : { defaultValue })}
      onValueChange={(next) => {
        if (next !== null) onChange?.(next);
      }}
    >
      <Base.Trigger aria-label={label} className={cx(CONTROL, CONTROL_LINE, "flex items-center justify-between gap-2 text-left data-popup-open:border-accent", className)}>
        <Base.Value placeholder={placeholder} className="min-w-0 truncate data-placeholder:text-text-3" />
        <ChevronDown className="size-4 shrink-0 text-text-3" strokeWidth={1.5} aria-hidden />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup className={cx(FLOAT, "max-h-[min(360px,var(--available-height))] min-w-(--anchor-width) overflow-y-auto")}>
            <Base.List>
              {choices.map((choice) => (
                <Base.Item key={choice.value} value={choice.value} className={cx(ITEM, "min-h-7 py-1")}>
                  <span className="grid size-4 shrink-0 place-items-center">
                    <Base.ItemIndicator>
                      <Check className="size-3.5" strokeWidth={2} aria-hidden />
                    </Base.ItemIndicator>
                  </span>
                  <span className="min-w-0">
                    <Base.ItemText>{choice.label}</Base.ItemText>
                    {choice.detail ? <span className="block text-12 text-text-3">{choice.detail}</span> : null}
                  </span>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
