import type { ReactNode } from "react";
import { cx } from "./class-names.ts";
import { Glyph } from "./glyph.tsx";
import type { State } from "./glyph.tsx";

const GROUND: Record<State, string> = { proven: "bg-ok-soft", moving: "bg-info-soft", attention: "bg-attention-soft", refused: "bg-danger-soft", staged: "bg-accent-soft", none: "bg-sunken" };

/** A remark beside the matter it is about. `title` in bold, then the sentence, then a way out in `action`. */
export function Note({ state = "none", title, children, action, className }: { state?: State; title?: ReactNode; children?: ReactNode; action?: ReactNode; className?: string }) {
  return (
    <div className={cx("grid grid-cols-[14px_minmax(0,1fr)_auto] items-start gap-x-2.5 gap-y-2 rounded-box px-3 py-2.5 max-thumb:grid-cols-[14px_minmax(0,1fr)]", GROUND[state], className)}>
      <Glyph state={state} className="mt-[3px]" />
      <div className="min-w-0 text-pretty">
        {title ? <strong className="font-semibold">{title} </strong> : null}
        <span className="text-text-2">{children}</span>
      </div>
      {action ? <div className="-my-1 flex items-center gap-2 max-thumb:col-start-2 max-thumb:my-0">{action}</div> : null}
    </div>
  );
}

/** A line across the whole page while something holds for all of it: changes stopped, rehearsal data, an incident. */
export function Banner({ state, title, children, action }: { state: State; title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={cx("flex flex-wrap items-center gap-x-2.5 gap-y-1 px-gutter py-2", GROUND[state])}>
      <Glyph state={state} />
      <output className="min-w-0 flex-1 text-pretty">
        <strong className="font-semibold">{title}</strong> {children}
      </output>
      {action}
    </div>
  );
}
