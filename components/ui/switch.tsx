"use client";
import { Switch as Base } from "@base-ui/react/switch";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

export type SwitchProps = {
  name?: string;
  children: ReactNode;
  help?: ReactNode;
  checked?: boolean;
  defaultChecked?: boolean;
  onChange?: (on: boolean) => void;
  disabledReason?: string | null;
};

/** On or off, at once; for what is sent with a form take `Checkbox`. The knob's place says the state, the ground repeats it. */
export function Switch({ name, children, help, checked, defaultChecked, onChange, disabledReason }: SwitchProps) {
  return (
    <label className={cx("grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4", disabledReason && "text-text-3")}>
      <span>
        {children}
        {(disabledReason ?? help) ? <span className="block text-12 text-pretty text-text-3">{disabledReason ?? help}</span> : null}
      </span>
      <Base.Root
        {...(name === undefined ? {} : { name })}
        {...(checked === undefined ? {} : { checked })}
        {...(defaultChecked === undefined ? {} : { defaultChecked })}
        {...(onChange === undefined ? {} : { onCheckedChange: (next: boolean) => onChange(next) })}
        disabled={Boolean(disabledReason)}
        className="mt-0.5 flex h-4 w-7 shrink-0 items-center rounded-full border border-line-control bg-surface p-[2px] data-checked:border-ink data-checked:bg-ink data-disabled:border-line-strong data-disabled:bg-sunken"
      >
        <Base.Thumb className="size-2.5 rounded-full bg-text-3 data-checked:translate-x-3 data-checked:bg-on-ink data-disabled:bg-line-control" />
      </Base.Root>
    </label>
  );
}
