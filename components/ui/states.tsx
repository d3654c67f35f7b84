import type { ReactNode } from "react";
import { cx } from "./class-names.ts";
import { CopyableId } from "./copyable-id.tsx";
import type { Failure as FailureValue } from "./failure.ts";
import { Glyph } from "./glyph.tsx";
import type { State } from "./glyph.tsx";
import { Skeleton } from "./skeleton.tsx";

type HeadingLevel = { as?: "h1" | "h2" | "h3" };

/** A list with nothing in it: what this would be, why it is empty, what to do next. `art` is a small drawing of the real thing. */
export function Empty({ title, children, actions, art, as: Heading = "h2", className }: { title: ReactNode; children: ReactNode; actions?: ReactNode; art?: ReactNode; className?: string } & HeadingLevel) {
  return (
    <div className={cx("flex flex-col justify-end px-7 py-6 max-thumb:px-gutter", className)}>
      {art ? <div className="mb-4">{art}</div> : null}
      <Heading className="text-16 font-semibold text-balance">{title}</Heading>
      <p className="mt-1 max-w-[60ch] text-pretty text-text-2">{children}</p>
      {actions ? <div className="mt-3.5 flex flex-wrap items-center gap-2">{actions}</div> : null}
    </div>
  );
}

/** Something is wrong and stays on the page: what happened, what it means, what to do, and the id under which the log knows it. */
export function Failure({ failure, facts, actions, state = "refused", as: Heading = "h2", className }: { failure: FailureValue; facts?: readonly { label: string; value: ReactNode }[]; actions?: ReactNode; state?: State; className?: string } & HeadingLevel) {
  return (
    <div role="alert" className={cx("grid grid-cols-[14px_minmax(0,1fr)] content-start gap-x-3 py-5 pr-6 pl-5 max-thumb:px-gutter", className)}>
      <Glyph state={state} className="mt-[5px]" />
      <div className="max-w-[72ch]">
        <Heading className="text-16 font-semibold text-balance">{failure.title}</Heading>
        <p className="mt-1 max-w-[64ch] text-pretty text-text-2">{failure.detail}</p>
        <dl className="mt-3 grid grid-cols-[84px_minmax(0,1fr)] gap-y-1">
          {facts?.map((fact) => (
            <div key={fact.label} className="contents">
              <dt className="text-text-3">{fact.label}</dt>
              <dd className="min-w-0">{fact.value}</dd>
            </div>
          ))}
          <dt className="text-text-3">Do this</dt>
          <dd className="min-w-0 text-pretty">{failure.remedy}</dd>
        </dl>
        {actions || failure.id ? (
          <div className="mt-3.5 flex flex-wrap items-center gap-2">
            {actions}
            {failure.id ? <CopyableId id={failure.id} what="failure" className="ml-auto" /> : null}
          </div>
        ) : null}
      </div>
    </div>
  );
}

/** Rows that are on their way, in the shape of the rows to come. `widths` are the widths of a row's cells, as CSS lengths. */
export function LoadingRows({ what, rows = 8, widths, className }: { what: string; rows?: number; widths: readonly string[]; className?: string }) {
  return (
    <div className={cx("overflow-hidden", className)}>
      <output className="sr-only">Loading {what}</output>
      {Array.from({ length: rows }, (_, row) => (
        // Skeletons have no identity but their place.
        // eslint-disable-next-line react/no-array-index-key
        <div key={row} className="grid h-9 items-center gap-x-3 border-b border-line px-gutter last:border-b-transparent" style={{ gridTemplateColumns: widths.join(" ") }}>
          {widths.map((_width, cell) => (
            // eslint-disable-next-line react/no-array-index-key
            <Skeleton key={cell} className={SHADES[(row * 5 + cell * 3 + ((row * row) % 4)) % SHADES.length] ?? ""} />
          ))}
        </div>
      ))}
    </div>
  );
}
/** Uneven on purpose, the same on server and client. */
const SHADES = ["w-11/12", "w-7/12", "w-9/12", "w-5/12", "w-8/12", "w-10/12"];

const PAGE_WIDTHS = ["minmax(0,2fr)", "80px", "minmax(0,1fr)", "92px"] as const;

/** A page that is on its way: head, then rows. */
export function LoadingPage({ what, widths = PAGE_WIDTHS }: { what: string; widths?: readonly string[] }) {
  return (
    <div>
      <div aria-hidden className="px-gutter pt-5 pb-4">
        <Skeleton className="my-1.5 h-4 w-44" />
        <Skeleton className="mt-2 w-72 max-w-full" />
      </div>
      <div className="border-t border-line">
        <LoadingRows what={what} widths={widths} />
      </div>
    </div>
  );
}

/** The address leads nowhere, or the thing is gone, or it belongs to somebody else: the same words for all three. */
export function NotFound({ what = "page", actions, as = "h1" }: { what?: string; actions?: ReactNode } & HeadingLevel) {
  return (
    <Failure
      as={as}
      state="none"
      failure={{ code: "not_found", title: `There is no such ${what}`, detail: `The address is wrong, the ${what} is gone, or it is not yours to see. We do not say which.`, remedy: "Check the address, or go to a place you know." }}
      actions={actions}
    />
  );
}

/** Known, and not for this person. Says who can help. */
export function Forbidden({ title = "This is not for your role", detail = "You are signed in, and what you asked for exists for others. Nothing was changed.", remedy = "Ask an owner of your organisation if you need it.", actions, as = "h1" }: { title?: string; detail?: string; remedy?: string; actions?: ReactNode } & HeadingLevel) {
  return <Failure as={as} state="attention" failure={{ code: "forbidden", title, detail, remedy }} actions={actions} />;
}
