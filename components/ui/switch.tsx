"use client";
import { useId } from "react";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

export type SwitchProps = {
  children: ReactNode;
  help?: ReactNode;
  checked?: boolean;
  defaultChecked?: boolean;
  onChange?: (on: boolean) => void;
  /** Why it cannot be switched. It stays in the tab order, so that the reason is found. */
  disabledReason?: string | null;
};

/** On or off, at once; for what is sent with a form take `Checkbox`. The knob's place says the state, the ground repeats it. */
export function Switch({ children, help, checked, defaultChecked, onChange, disabledReason }: SwitchProps) {
  const detailId = useId();
  const detail = disabledReason ?? help;
  const off = Boolean(disabledReason);
  return (
    <label className={cx("grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4", off && "text-text-3")}>
      <span>
        {children}
        {detail ? (
          <span id={detailId} className="block text-12 text-pretty text-text-3">
            {detail}
          </span>
        ) : null}
      </span>
      <span className="relative mt-0.5 grid h-4 w-7 shrink-0 max-thumb:h-5 max-thumb:w-9">
        <input
          type="checkbox"
          // eslint-disable-next-line jsx-a11y/role-has-required-aria-props -- a native checkbox says its own state
          role="switch"
          {...(checked === undefined ? { defaultChecked } : { checked })}
          aria-disabled={off || undefined}
          aria-describedby={detail ? detailId : undefined}
          onClick={off ? (event) => event.preventDefault() : undefined}
          onChange={(event) => onChange?.(event.target.checked)}
          className={cx("peer size-full appearance-none forced-colors:appearance-auto rounded-full border", off ? "border-line-strong bg-sunken" : "border-line-control bg-surface checked:border-ink checked:bg-ink")}
        />
        <span
          aria-hidden
          className={cx("pointer-events-none absolute forced-colors:hidden inset-y-0 left-[3px] my-auto size-2.5 rounded-full peer-checked:right-[3px] peer-checked:left-auto", off ? "bg-line-control" : "bg-text-3 peer-checked:bg-on-ink")}
        />
      </span>
    </label>
  );
}
