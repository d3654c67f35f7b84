"use client";
import { createSortedRowModel, rowSortingFeature, tableFeatures, useTable } from "@tanstack/react-table";
import type { ColumnDef, SortingState } from "@tanstack/react-table";
import { ArrowDown, ArrowUp } from "lucide-react";
import { Fragment, useMemo, useRef, useState } from "react";
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { cx } from "./class-names.ts";
import type { Failure as FailureValue } from "./failure.ts";
import { Skeleton } from "./skeleton.tsx";
import { Failure } from "./states.tsx";
import { compareSortValues, rowAfterKey } from "./table-order.ts";
import type { SortValue } from "./table-order.ts";

export type Column<Row> = {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** What the column is ordered by. Without it the column cannot be ordered. */
  readonly value?: (row: Row) => SortValue;
  /** Figures and times stand at the end of their column. */
  readonly align?: "start" | "end";
  /** A CSS length. A percentage takes its share and cuts what is longer, as names do; the others take what they need. */
  readonly width?: string;
  /** Left out below 1180 px (`rail`) or 720 px (`thumb`): what must be seen there belongs in another column. */
  readonly hideBelow?: "rail" | "thumb";
  /** The header is only for screen readers, as over a column of buttons. */
  readonly silent?: boolean;
};
export type Sort = { readonly by: string; readonly direction: "up" | "down" };

export type TableProps<Row extends object> = {
  /** The accessible name: what the rows are. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  /** Rows are on their way: skeletons in their shape stand in. */
  loading: boolean;
  /** What to show when there are none; an `Empty`. */
  empty: ReactNode;
  /** Why the rows could not be had. */
  error: FailureValue | null;
  /** Beside the failure: a way to try again. */
  retry?: ReactNode;
  /** Enter or a press on the row. Also put a link in a cell, so that the row can be opened in a tab of its own. */
  onOpen?: (row: Row) => void;
  initialSort?: Sort;
  /** Given together: the server orders, `rows` come ordered and this table only shows and asks. */
  sort?: Sort | null;
  onSort?: (sort: Sort) => void;
  /** What opens below a row, across all columns; null: it is closed. */
  detail?: (row: Row) => ReactNode;
  /** Rows of a `tfoot`. */
  foot?: ReactNode;
  /** Scrolls inside itself up to this height; else with the page. */
  maxHeight?: string;
  /** How many skeleton rows; as many as usually come. */
  skeletonRows?: number;
};

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const HIDE = { rail: "max-rail:hidden", thumb: "max-thumb:hidden" } as const;
const EDGE = "first:pl-gutter last:pr-gutter";
/** Beside columns that are left out, the first one that stays stands at the gutter, and so does the last. */
function edgeOf(columns: readonly Pick<Column<never>, "hideBelow">[], index: number): string {
  const gone = (others: typeof columns): keyof typeof START | null => (others.length === 0 ? null : others.every(({ hideBelow }) => hideBelow === "rail") ? "rail" : others.every(({ hideBelow }) => hideBelow !== undefined) ? "thumb" : null);
  const [left, right] = [gone(columns.slice(0, index)), gone(columns.slice(index + 1))];
  return cx(EDGE, left && START[left], right && END[right]);
}
const START = { rail: "max-rail:pl-gutter", thumb: "max-thumb:pl-gutter" } as const;
const END = { rail: "max-rail:pr-gutter", thumb: "max-thumb:pr-gutter" } as const;

/**
 * A table that cannot be half-wired. One tab stop for the rows; arrows, Home, End and Page keys move, Enter opens. The head
 * stays in sight, its hairlines run across the sheet.
 */
export function Table<Row extends object>(props: TableProps<Row>) {
  const { label, columns, rows, rowId, loading, empty, error, retry, onOpen, initialSort, sort, onSort, detail, foot, maxHeight, skeletonRows = 6 } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const [ownSort, setOwnSort] = useState<SortingState>(() => toState(initialSort));
  const sorting = useMemo(() => (onSort ? toState(sort) : ownSort), [onSort, sort, ownSort]);
  const data = useMemo(() => [...rows], [rows]);
  const definitions = useMemo<ColumnDef<typeof features, Row>[]>(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.header,
        accessorFn: (row: Row) => column.value?.(row) ?? undefined,
        enableSorting: column.value !== undefined,
        sortUndefined: "last" as const,
        sortFn: (a, b, id) => compareSortValues(a.getValue<SortValue>(id), b.getValue<SortValue>(id)),
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: rowId,
    state: { sorting },
    manualSorting: onSort !== undefined,
    enableSortingRemoval: false,
    enableMultiSort: false,
    sortDescFirst: false,
    onSortingChange: (next) => {
      const state = typeof next === "function" ? next(sorting) : next;
      const [first] = state;
      if (onSort) {
        if (first) onSort({ by: first.id, direction: first.desc ? "down" : "up" });
      } else setOwnSort(state);
    },
  });

  if (error) return <Failure failure={error} actions={retry} />;
  const shown = table.getRowModel().rows;
  if (!loading && shown.length === 0) return empty;

  const stop = shown.some((row) => row.id === active) ? active : (shown[0]?.id ?? null);
  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>, index: number, row: Row) => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && onOpen) {
      event.preventDefault();
      return onOpen(row);
    }
    const next = rowAfterKey(event.key, index, shown.length);
    if (next === null) return;
    event.preventDefault();
    body.current?.querySelectorAll<HTMLTableRowElement>(":scope > tr[data-row]")[next]?.focus();
  };
  const onPress = (event: MouseEvent<HTMLTableRowElement>, row: Row) => {
    // A press on something in the row is meant for that, and selecting text is no press.
    if (event.target instanceof Element && event.target.closest("a, button, input, label, select")) return;
    // A menu or a window that hangs on a cell is drawn elsewhere, and its presses bubble to here all the same.
    if (!(event.target instanceof Node && event.currentTarget.contains(event.target))) return;
    if (getSelection()?.toString()) return;
    onOpen?.(row);
  };

  return (
    <div className={maxHeight ? "overflow-auto" : "max-thumb:overflow-x-auto"} style={maxHeight ? { maxHeight } : undefined}>
      <table data-table aria-label={label} aria-busy={loading || undefined} aria-rowcount={loading ? -1 : undefined} className="w-full border-separate border-spacing-0">
        <thead>
          <tr>
            {table.getHeaderGroups()[0]?.headers.map((header, index) => {
              const column = columns[index];
              if (!column) return null;
              const order = header.column.getIsSorted();
              return (
                <th
                  key={header.id}
                  scope="col"
                  aria-sort={order ? (order === "asc" ? "ascending" : "descending") : undefined}
                  style={column.width ? { width: column.width } : undefined}
                  className={cx("sticky top-0 z-10 h-8 border-b border-line bg-surface px-3 text-left text-12 font-medium whitespace-nowrap text-text-3", edgeOf(columns, index), column.align === "end" && "text-right", column.hideBelow && HIDE[column.hideBelow])}
                >
                  {column.silent ? (
                    <span className="sr-only">{column.header}</span>
                  ) : header.column.getCanSort() ? (
                    <button type="button" onClick={header.column.getToggleSortingHandler()} className={cx("-mx-1 inline-flex h-6 items-center gap-1 rounded-in px-1 font-medium hover:bg-hover hover:text-text", order && "text-text")}>
                      {column.header}
                      {order === "desc" ? <ArrowDown className="size-3" strokeWidth={1.75} aria-hidden /> : order === "asc" ? <ArrowUp className="size-3" strokeWidth={1.75} aria-hidden /> : null}
                    </button>
                  ) : (
                    column.header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody ref={body}>
          {loading
            ? Array.from({ length: skeletonRows }, (_, row) => (
                // eslint-disable-next-line react/no-array-index-key -- a skeleton is its place
                <tr key={row}>
                  {columns.map((column, cell) => (
                    <td key={column.id} className={cx("h-9 border-b border-line px-3", edgeOf(columns, cell), column.hideBelow && HIDE[column.hideBelow])}>
                      {row === 0 && cell === 0 ? <span className="sr-only">Loading {label}</span> : null}
                      <Skeleton className={cx(WIDTHS[(row * 2 + cell * 3) % WIDTHS.length], column.align === "end" && "ml-auto")} />
                    </td>
                  ))}
                </tr>
              ))
            : shown.map((row, index) => {
                const opened = detail?.(row.original) ?? null;
                return (
                  <Fragment key={row.id}>
                    <tr
                      data-row
                      tabIndex={row.id === stop ? 0 : -1}
                      onFocus={() => setActive(row.id)}
                      onKeyDown={(event) => onKeyDown(event, index, row.original)}
                      onClick={onOpen ? (event) => onPress(event, row.original) : undefined}
                      className={cx("group/row focus-visible:outline-offset-[-2px] last:[&>td]:border-b-transparent", onOpen && "cursor-pointer", opened ? "bg-sunken [&>td]:border-b-transparent" : "hover:bg-hover")}
                    >
                      {columns.map((column, cell) => (
                        <td key={column.id} className={cx("h-9 border-b border-line px-3", edgeOf(columns, cell), column.align === "end" && "num", column.width?.endsWith("%") && "max-w-0", column.hideBelow && HIDE[column.hideBelow])}>
                          {column.cell(row.original)}
                        </td>
                      ))}
                    </tr>
                    {opened ? (
                      <tr className="bg-sunken">
                        <td colSpan={columns.length} className="border-b border-line px-gutter pb-4">
                          {opened}
                        </td>
                      </tr>
                    ) : null}
                  </Fragment>
                );
              })}
        </tbody>
        {foot && !loading ? <tfoot className="[&_td]:h-9 [&_td]:border-t [&_td]:border-line-strong [&_td]:px-3 [&_td]:font-semibold [&_td:first-child]:pl-gutter [&_td:last-child]:pr-gutter">{foot}</tfoot> : null}
      </table>
    </div>
  );
}

const WIDTHS = ["w-4/5", "w-3/5", "w-1/2", "w-2/3"];

function toState(sort: Sort | null | undefined): SortingState {
  return sort ? [{ id: sort.by, desc: sort.direction === "down" }] : [];
}
