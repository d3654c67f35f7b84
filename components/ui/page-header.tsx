import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

/** The head of a page: where one is, a title that is a sentence where it can be, one line about it, and what can be done. */
export function PageHeader({ crumbs, title, sub, actions, large, tabs }: { crumbs?: ReactNode; title: ReactNode; sub?: ReactNode; actions?: ReactNode; large?: boolean; /** A row of tabs follows directly. */ tabs?: boolean }) {
  return (
    <header className={cx("flex flex-wrap items-start gap-x-4 gap-y-3 px-gutter pt-5 max-thumb:pt-4", tabs ? "pb-1" : "pb-4 max-thumb:pb-3")}>
      <div className="min-w-0 flex-1 basis-64">
        {crumbs ? <div className="mb-1 flex gap-1.5 text-12 text-text-3">{crumbs}</div> : null}
        <h1 className={large ? "text-28 font-semibold max-thumb:text-20" : undefined}>{title}</h1>
        {sub ? <p className="mt-0.5 text-pretty text-text-2">{sub}</p> : null}
      </div>
      {actions ? <div className="flex flex-none flex-wrap items-center gap-2">{actions}</div> : null}
    </header>
  );
}
