import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

/** A bordered part of a page with a head. `flush` lets what is inside run to the edges, as tables do. */
export function Box({ title, why, aside, flush, as: Heading = "h2", className, children }: { title?: ReactNode; why?: ReactNode; aside?: ReactNode; flush?: boolean; as?: "h2" | "h3"; className?: string; children: ReactNode }) {
  return (
    <section className={cx("min-w-0 overflow-clip rounded-box border border-line bg-surface", className)}>
      {title ? (
        <header className="flex items-start gap-3 px-5 pt-4 pb-3">
          <div className="min-w-0 flex-1">
            <Heading>{title}</Heading>
            {why ? <p className="mt-0.5 text-12 text-pretty text-text-3">{why}</p> : null}
          </div>
          {aside}
        </header>
      ) : null}
      <div className={flush ? undefined : cx("px-5 pb-5", !title && "pt-5")}>{children}</div>
    </section>
  );
}
