"use client";
import { Combobox as Base } from "@base-ui/react/combobox";
import { Check, ChevronDown, X } from "lucide-react";
import { useMemo, useState } from "react";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";
import { CONTROL, CONTROL_LINE } from "./control-class.ts";
import { FLOAT, ITEM } from "./menu-class.ts";
import { useField } from "./field.tsx";
import { landmarkOf } from "./landmark.ts";
import type { Choice } from "./select.tsx";

export type ComboboxProps<Value extends string> = {
  choices: readonly (Choice<Value> & { readonly detail?: ReactNode })[];
  value?: Value | null;
  defaultValue?: Value;
  onChange?: (value: Value | null) => void;
  placeholder?: string;
  /** Said when nothing answers what was typed. */
  none?: string;
};

/** One of many, found by typing. Lives in a `Field`. Sends the chosen value, not the words. */
export function Combobox<Value extends string>({ choices, value, defaultValue, onChange, placeholder = "Type to find…", none = "Nothing is called that." }: ComboboxProps<Value>) {
  const field = useField();
  const [group, setGroup] = useState<HTMLElement | null>(null);
  const items = useMemo(() => [...choices], [choices]);
  const find = (wanted: Value | null | undefined) => items.find((choice) => choice.value === wanted) ?? null;
  return (
    <Base.Root
      items={items}
      {...(field ? { name: field.name, disabled: field.disabled } : {})}
      {...(value === undefined ? { defaultValue: find(defaultValue) } : { value: find(value) })}
      itemToStringLabel={(choice) => choice.label}
      itemToStringValue={(choice) => choice.value}
      isItemEqualToValue={(a, b) => a.value === b.value}
      onValueChange={(next) => onChange?.(next?.value ?? null)}
      autoHighlight
    >
      <Base.InputGroup ref={setGroup} className="relative">
        <Base.Input id={field?.id} aria-describedby={field?.["aria-describedby"]} aria-invalid={field?.["aria-invalid"]} placeholder={placeholder} dir="auto" className={cx(CONTROL, CONTROL_LINE, "pr-14")} />
        <span className="absolute inset-y-0 right-1 flex items-center text-text-3">
          <Base.Clear aria-label="Empty it" className="grid size-6 place-items-center rounded-in hover:bg-hover hover:text-text">
            <X className="size-3.5" strokeWidth={1.75} aria-hidden />
          </Base.Clear>
          <Base.Trigger aria-label="Show all" className="grid size-6 place-items-center rounded-in hover:bg-hover hover:text-text">
            <ChevronDown className="size-4" strokeWidth={1.5} aria-hidden />
          </Base.Trigger>
        </span>
      </Base.InputGroup>
      <Base.Portal container={landmarkOf(group)}>
        <Base.Positioner positionMethod="fixed" sideOffset={4} className="z-50 outline-none">
          <Base.Popup className={cx(FLOAT, "w-(--anchor-width) max-w-(--available-width) p-0")}>
            <Base.Empty className="px-3 py-2.5 text-text-2 empty:hidden">{none}</Base.Empty>
            <Base.List className="max-h-[min(320px,var(--available-height))] overflow-y-auto overscroll-contain p-[5px] outline-none data-empty:p-0">
              {(choice: (typeof items)[number]) => (
                <Base.Item key={choice.value} value={choice} className={cx(ITEM, "py-1")}>
                  <span className="grid size-4 shrink-0 place-items-center">
                    <Base.ItemIndicator>
                      <Check className="size-3.5" strokeWidth={2} aria-hidden />
                    </Base.ItemIndicator>
                  </span>
                  <span className="min-w-0 flex-1">
                    <bdi className="block truncate">{choice.label}</bdi>
                    {choice.detail ? <span className="block truncate text-12 text-text-3">{choice.detail}</span> : null}
                  </span>
                </Base.Item>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
