"use client";
/**
 * The same facts as a list: by client (who can open Acme) or by technician (what can Sarah open). Everything that the grid can do is
 * here as menus, ticks and words, for a phone and for a screen reader. What is ticked here is selected in the grid too.
 */
import { createSortedRowModel, rowSelectionFeature, rowSortingFeature, tableFeatures, useTable, type ColumnDef, type RowSelectionState } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Menu } from "#components/ui/menu.tsx";
import { entriesOf, type By, type Entry as EntryFacts } from "./lens-entries.ts";
import { Entry } from "./lens-entry.tsx";
import type { Ask } from "./hands.ts";
import type { MatrixModel } from "./model.ts";
import { useModel } from "./use-model.ts";

const pageSize = 60;
const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), rowSelectionFeature });
const columns: ColumnDef<typeof features, EntryFacts>[] = [
  { id: "count", accessorFn: ({ count }) => count },
  { id: "free", accessorFn: ({ free }) => free ?? Number.POSITIVE_INFINITY },
  { id: "staged", accessorFn: ({ staged }) => staged },
];
/** What a list can be put in order by; `down`: the most first. Without a choice it stands as the matrix does. */
const sorts = {
  client: [{ value: "", label: "As in the matrix" }, { value: "count down", label: "Most people first" }, { value: "count", label: "Fewest people first" }, { value: "free", label: "Fewest free tokens first" }, { value: "staged down", label: "Most staged first" }],
  technician: [{ value: "", label: "As in the matrix" }, { value: "count down", label: "Most clients first" }, { value: "count", label: "Fewest clients first" }, { value: "staged down", label: "Most staged first" }],
} as const;

/** Ticks of whole entries, as the table wants them: an entry is ticked when all of its cells are selected. */
const tickedOf = (entries: readonly EntryFacts[], picked: ReadonlyMap<string, number>): RowSelectionState => Object.fromEntries(entries.flatMap(({ key, ours }) => (ours.length > 0 && picked.get(key) === ours.length ? [[key, true as const]] : [])));

export function Lens({ model, by, onAsk }: { model: MatrixModel; by: By; onAsk: (what: Ask, cell?: number) => void }) {
  useModel(model);
  const [shown, setShown] = useState(pageSize);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [order, setOrder] = useState<string>("");
  const version = `${model.arrangedVersion} ${model.factsVersion} ${model.stage.version}`;
  // The model is one object that changes; its versions say when.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const entries = useMemo(() => entriesOf(model, by), [model, by, version]);
  const picked = useMemo(() => new Map(entries.map(({ key, ours }) => [key, ours.reduce((sum, cell) => sum + model.selection[cell]!, 0)])),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [entries, model, model.selectionVersion]);
  const known = sorts[by].some(({ value }) => value === order) ? order : "";
  const [sortBy, direction] = known.split(" ");
  const rowSelection = tickedOf(entries, picked);
  const table = useTable({
    features, columns, data: entries, getRowId: ({ key }) => key, state: { sorting: sortBy ? [{ id: sortBy, desc: direction === "down" }] : [], rowSelection }, enableRowSelection: model.canStage,
    onRowSelectionChange: (next) => {
      const ticked = typeof next === "function" ? next(rowSelection) : next;
      const changed = entries.filter(({ key }) => Boolean(ticked[key]) !== Boolean(rowSelection[key]));
      const on = changed.some(({ key }) => ticked[key]);
      model.choose(changed.flatMap(({ ours }) => ours), on);
    },
  });
  const choose = model.canStage ? (cells: readonly number[], on: boolean) => model.choose(cells, on) : null;
  const only = entries.length === 1;
  const toggle = (key: string) => setOpen((now) => { const next = new Set(now); if (!next.delete(key)) next.add(key); return next; });
  if (entries.length === 0) return <p className="px-gutter py-6 text-text-2">Nothing matches. Take a condition off, or clear them all.</p>;
  const rows = table.getRowModel().rows;
  return (
    <div className="overflow-auto" data-lens={by}>
      <div className="sticky top-0 z-5 flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-surface px-gutter py-1.5">
        {model.canStage ? (
          <Checkbox checked={table.getIsAllRowsSelected()} some={table.getIsSomeRowsSelected() && !table.getIsAllRowsSelected()} onChange={(on) => table.toggleAllRowsSelected(on)}>
            {by === "client" ? `All ${entries.length.toLocaleString("en")} ${entries.length === 1 ? "client" : "clients"}` : `All ${entries.length.toLocaleString("en")} ${entries.length === 1 ? "technician" : "technicians"}`}
          </Checkbox>
        ) : null}
        <Menu trigger={<Button size="small">{sorts[by].find(({ value }) => value === known)!.label}</Button>} align="start" entries={[{ kind: "choice", label: "Order of the list", value: known, choices: [...sorts[by]], onChoose: setOrder }]} />
        {model.canStage && model.selectionCount > 0 ? <Selected model={model} onAsk={onAsk} /> : null}
      </div>
      <ul aria-label={by === "client" ? "Clients and who can open them" : "Technicians and what they open"}>
        {rows.slice(0, shown).map(({ original }) => (
          <Entry key={original.key} model={model} by={by} entry={original} open={only || open.has(original.key)} selected={picked.get(original.key) ?? 0} choose={choose} onToggle={() => toggle(original.key)} onAsk={onAsk} />
        ))}
      </ul>
      {rows.length > shown ? (
        <div className="flex items-center gap-3 px-gutter py-4">
          <Button onClick={() => setShown(shown + pageSize)}>Show {Math.min(pageSize, rows.length - shown)} more</Button>
          <span className="text-text-2">{shown} of {rows.length.toLocaleString("en")} shown</span>
        </div>
      ) : null}
    </div>
  );
}

/** What can be done with everything that is ticked: the grid's keys as buttons, each one step of undo. */
function Selected({ model, onAsk }: { model: MatrixModel; onAsk: (what: Ask) => void }) {
  return (
    <div role="group" aria-label="With what is selected" className="flex min-w-0 flex-wrap items-center gap-1.5">
      <b className="mr-1 font-semibold">{model.selectionCount.toLocaleString("en")} selected</b>
      <Menu align="start" trigger={<Button size="small">Give a role</Button>} entries={[...model.facts.roles.slice(0, 9).map((role, at) => ({ kind: "deed" as const, label: role.name, keys: String(at + 1), run: () => void model.role(at) })), { kind: "deed", label: "Full access", keys: "F", run: () => void model.full() }]} />
      <Button size="small" onClick={() => onAsk("end")}>End…</Button>
      <Button size="small" onClick={() => onAsk("reason")}>Reason…</Button>
      <Button size="small" tone="danger" onClick={() => model.revoke()}>Remove</Button>
      <Button size="small" tone="quiet" onClick={() => model.unstage()}>Take back</Button>
      <Button size="small" tone="quiet" onClick={() => model.clearSelection()}>Select none</Button>
    </div>
  );
}
