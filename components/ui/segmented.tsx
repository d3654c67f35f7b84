"use client";
import { Toggle } from "@base-ui/react/toggle";
import { ToggleGroup } from "@base-ui/react/toggle-group";
import type { ReactNode } from "react";

/** Two to four ways to see one thing, exactly one in force. Arrows move between them. */
export function Segmented<Value extends string>({ label, choices, value, onChange }: { label: string; choices: readonly { value: Value; label: ReactNode }[]; value: Value; onChange: (value: Value) => void }) {
  return (
    <ToggleGroup<Value>
      aria-label={label}
      value={[value]}
      onValueChange={(next) => {
        // Pressing the one in force would leave none; then nothing changes.
        const chosen = next[0];
        if (chosen !== undefined) onChange(chosen);
      }}
      className="inline-flex h-7 rounded-box border border-line-strong max-thumb:h-9"
    >
      {choices.map((choice) => (
        <Toggle
          key={choice.value}
          value={choice.value}
          className="inline-flex items-center gap-1.5 border-r border-line px-2.5 font-medium text-text-2 first:rounded-l-[5px] last:rounded-r-[5px] last:border-r-0 hover:bg-hover focus-visible:z-10 data-pressed:bg-active data-pressed:text-text [&>svg]:size-4 [&>svg]:stroke-[1.5]"
        >
          {choice.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
