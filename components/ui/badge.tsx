import type { ReactNode } from "react";
import { cx } from "./class-names.ts";
import { Glyph } from "./glyph.tsx";
import type { State } from "./glyph.tsx";

const GROUND: Record<State, string> = {
  proven: "bg-ok-soft text-ok-text",
  moving: "bg-info-soft text-info-text",
  attention: "bg-attention-soft text-attention-text",
  refused: "bg-danger-soft text-danger-text",
  staged: "bg-surface text-accent-text shadow-[inset_0_0_0_1px_var(--accent-line)]",
  none: "bg-active text-text-2",
};

/** A state in a word. With a state it carries that state's glyph, so that the colour says nothing alone. */
export function Badge({ state, children, className }: { state?: State; children: ReactNode; className?: string }) {
  return (
    <span className={cx("inline-flex h-5 items-center gap-[5px] rounded-in px-1.5 text-12 font-medium whitespace-nowrap", GROUND[state ?? "none"], className)}>
      {state && state !== "none" ? <Glyph state={state} /> : null}
      {children}
    </span>
  );
}

/** A short fixed code in a hairline, such as a plan (`T25`). */
export function Code({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <span data-hint={title} className="inline-block min-w-[30px] rounded-in border border-line px-1 text-center text-11 font-medium text-text-2">
      {children}
    </span>
  );
}
