"use client";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

/** One condition of a filter: `qualifier:` in a quieter tone, the value, and a way to take it off. `onRemove` absent: it stays. */
export function Chip({ qualifier, children, onRemove, removeLabel, blamed }: { qualifier?: string; children: ReactNode; onRemove?: () => void; removeLabel?: string; blamed?: boolean }) {
  return (
    <span
      className={cx(
        "inline-flex h-[22px] max-w-full items-center gap-1.5 rounded-in border bg-surface px-1.5 text-12 whitespace-nowrap",
        blamed ? "border-attention-line bg-attention-soft" : "border-line-strong",
      )}
    >
      <span className="min-w-0 truncate">
        {qualifier ? <span className="text-text-3">{qualifier}:</span> : null}
        {children}
      </span>
      {onRemove ? (
        <button type="button" aria-label={removeLabel ?? "Remove this condition"} className="-mr-1 grid size-4 place-items-center rounded-in text-text-3 hover:bg-hover hover:text-text" onClick={onRemove}>
          <X className="size-3" strokeWidth={1.75} aria-hidden />
        </button>
      ) : null}
    </span>
  );
}
