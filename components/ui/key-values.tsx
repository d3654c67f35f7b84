import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

/** Facts as label and value. `lined` puts a hairline between them and the values to the right. */
export function KeyValues({ of, lined, className }: { of: readonly { key: string; label: ReactNode; value: ReactNode }[]; lined?: boolean; className?: string }) {
  return (
    <dl className={cx("grid", lined ? "grid-cols-[minmax(0,1fr)_auto]" : "grid-cols-[112px_minmax(0,1fr)] max-thumb:grid-cols-[92px_minmax(0,1fr)]", className)}>
      {of.map((fact) => (
        <div key={fact.key} className="contents">
          <dt className={lined ? "border-t border-line py-[5px] pr-4 text-text-2" : "py-1 text-text-3"}>{fact.label}</dt>
          <dd className={cx("min-w-0", lined ? "border-t border-line py-[5px] text-right font-medium" : "py-1")}>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
