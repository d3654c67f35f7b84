"use client";
import { ChartColumn, Table2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { IconButton } from "./button.tsx";
import { cx } from "./class-names.ts";

export type ChartTable = { readonly head: readonly string[]; readonly rows: readonly (readonly [first: string, ...rest: ReactNode[]])[]; /** Every column but the first holds figures. */ readonly caption: string };

/**
 * A chart with its table: the same figures, one press apart. Whoever cannot see the chart is read the table in any case; a chart
 * is never the only place where something stands. `chart` should be loaded apart, since drawing is the heavy part.
 */
export function ChartFrame({ title, sub, chart, table, height, empty, className, compact }: { title: ReactNode; sub?: ReactNode; chart: ReactNode; table: ChartTable; /** Pixels of the drawing, kept free while it loads. */ height: number; /** In place of both when there is nothing to draw. */ empty?: ReactNode; className?: string; compact?: boolean }) {
  const [asTable, setAsTable] = useState(false);
  return (
    <section aria-label={table.caption} className={cx("min-w-0", className)}>
      <div className={cx("flex items-baseline gap-2", compact ? "mb-1.5" : "mb-3")}>
        <h2 className={cx("max-w-[55%] shrink-0", compact && "text-13 font-semibold")}>{title}</h2>
        {sub ? <span className="min-w-0 text-12 text-pretty text-text-3">{sub}</span> : null}
        {empty ? null : (
          <span className="ml-auto self-center">
            <IconButton size="small" tone="quiet" icon={asTable ? <ChartColumn aria-hidden /> : <Table2 aria-hidden />} onClick={() => setAsTable(!asTable)} label={asTable ? `${table.caption} as a chart` : `${table.caption} as a table`} />
          </span>
        )}
      </div>
      {empty ?? (
        <>
          {asTable ? null : <div aria-hidden style={{ height }} className="keeps-colour">{chart}</div>}
          {/* Its own box: a table itself does not shrink to nothing. */}
          <div className={asTable ? "overflow-auto" : "sr-only"} style={asTable ? { maxHeight: Math.max(height, 200) } : undefined} {...(asTable && { tabIndex: 0, role: "group", "aria-label": `${table.caption}, rows` })}>
            <table className="w-full text-12">
              <caption className="sr-only">{table.caption}</caption>
              <thead>
                <tr>{table.head.map((word, index) => <th key={word} scope="col" className={cx("h-7 border-b border-line pr-3 font-medium whitespace-nowrap text-text-3 last:pr-0", index === 0 ? "text-left" : "text-right")}>{word}</th>)}</tr>
              </thead>
              <tbody>
                {table.rows.map(([first, ...rest]) => (
                  <tr key={first}>
                    <th scope="row" className="h-7 border-b border-line pr-3 text-left font-normal whitespace-nowrap">{first}</th>
                    {/* A cell is its column. */}
                    {/* eslint-disable-next-line react/no-array-index-key */}
                    {rest.map((cell, index) => <td key={index} className="border-b border-line pr-3 text-right whitespace-nowrap tabular-nums last:pr-0">{cell}</td>)}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
