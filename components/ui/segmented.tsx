"use client";
import { useId } from "react";
import type { ReactNode } from "react";

/** Two to four ways to see one thing, exactly one in force. One tab stop; arrows move and choose. */
export function Segmented<Value extends string>({ label, choices, value, onChange }: { label: string; choices: readonly { value: Value; label: ReactNode }[]; value: Value; onChange: (value: Value) => void }) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className="inline-flex h-7 rounded-box border border-line-strong max-thumb:h-9">
      {choices.map((choice) => (
        <label
          key={choice.value}
          className="relative inline-flex cursor-pointer items-center gap-1.5 border-r border-line px-2.5 font-medium text-text-2 first:rounded-l-[5px] last:rounded-r-[5px] last:border-r-0 hover:bg-hover has-checked:bg-active has-checked:text-text has-focus-visible:z-10 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent [&>svg]:size-4 [&>svg]:stroke-[1.5]"
        >
          <input type="radio" name={name} value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} className="absolute inset-0 cursor-pointer appearance-none rounded-[inherit] outline-none" />
          {choice.label}
        </label>
      ))}
    </div>
  );
}
