"use client";
import { Segmented } from "#components/ui/segmented.tsx";
import { Select } from "#components/ui/select.tsx";

/** Which rows are shown: side by side, and under a thumb, where five do not fit side by side, as a list. */
export function Shows<Value extends string>({ label, choices, value, onChange }: { label: string; choices: readonly { value: Value; label: string }[]; value: Value; onChange: (value: Value) => void }) {
  return (
    <>
      <span className="max-thumb:hidden"><Segmented label={label} value={value} onChange={onChange} choices={choices} /></span>
      <span className="hidden w-full max-thumb:block"><Select aria-label={label} value={value} onChange={onChange} choices={choices} /></span>
    </>
  );
}
