"use client";
/**
 * The same facts as a list: by client (who can open Acme) or by technician (what can Sarah open). Everything that the grid can do is
 * here as menus and words, for a phone and for a screen reader.
 */
import { ChevronDown, ChevronRight, Ellipsis, Undo2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "#components/ui/button.tsx";
import { cx } from "#components/ui/class-names.ts";
import { Menu, type MenuEntry } from "#components/ui/menu.tsx";
import { emptyLook, lookOf, rowName } from "#lib/matrix/cell.ts";
import { flag, isHeld, rolesIn } from "#lib/matrix/facts.ts";
import { nothing, sign } from "#lib/matrix/stage.ts";
import { initials, planLetters, rowState } from "./heads.ts";
import type { MatrixModel } from "./model.ts";
import { useModel } from "./use-model.ts";
import type { Ask } from "./hands.ts";

const pageSize = 60;
type By = "client" | "technician";

/** Cells that say something: access, or something staged. */
const speaks = (model: MatrixModel, cell: number): boolean => isHeld(model.facts.cells.access[cell]!) || model.stage.sign[cell] !== sign.none || model.colleagueAt(cell) !== "";

function cellsOf(model: MatrixModel, by: By, at: number): number[] {
  const { facts, selected } = model;
  const width = facts.people.length;
  const all = by === "client" ? facts.people.map((_, column) => at * width + column) : facts.rows.map((_, row) => row * width + at);
  return all.filter((cell) => selected.rows[Math.floor(cell / width)] === 1 && selected.columns[cell % width] === 1 && speaks(model, cell) && (model.highlights || selected.cells === null || selected.cells[cell] === 1));
}

export function Lens({ model, by, onAsk }: { model: MatrixModel; by: By; onAsk: (what: Ask, cell: number) => void }) {
  useModel(model);
  const [shown, setShown] = useState(pageSize);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const { facts, arrangement, selected } = model;
  const heads = by === "client" ? arrangement.lines.map(({ row }) => row) : facts.people.flatMap((_, column) => (selected.columns[column] === 1 ? [column] : []));
  // More vaults of a client stand under it here without being unfolded.
  const rows = by === "client" ? heads.flatMap((row) => (facts.rows[row]!.vault === "" ? [row] : facts.rows.flatMap((other, at) => (other.client === facts.rows[row]!.client && selected.rows[at] === 1 ? [at] : [])))) : heads;
  const unique = [...new Set(rows)];
  const only = unique.length === 1;
  const toggle = (key: string) => setOpen((now) => { const next = new Set(now); if (!next.delete(key)) next.add(key); return next; });
  if (unique.length === 0) return <p className="px-gutter py-6 text-text-2">Nothing matches. Take a condition off, or clear them all.</p>;
  return (
    <div className="overflow-auto" data-lens={by}>
      <ul aria-label={by === "client" ? "Clients and who can open them" : "Technicians and what they open"}>
        {unique.slice(0, shown).map((at) => {
          const key = by === "client" ? facts.rows[at]!.key : facts.people[at]!.id;
          return <Entry key={key} model={model} by={by} at={at} open={only || open.has(key)} onToggle={() => toggle(key)} onAsk={onAsk} />;
        })}
      </ul>
      {unique.length > shown ? (
        <div className="flex items-center gap-3 px-gutter py-4">
          <Button onClick={() => setShown(shown + pageSize)}>Show {Math.min(pageSize, unique.length - shown)} more</Button>
          <span className="text-text-2">{shown} of {unique.length.toLocaleString("en")} shown</span>
        </div>
      ) : null}
    </div>
  );
}

function Entry({ model, by, at, open, onToggle, onAsk }: { model: MatrixModel; by: By; at: number; open: boolean; onToggle: () => void; onAsk: (what: Ask, cell: number) => void }) {
  const { facts } = model;
  const cells = cellsOf(model, by, at);
  const row = by === "client" ? facts.rows[at]! : null;
  const state = row ? rowState(row) : null;
  const name = row ? rowName(row) : facts.people[at]!.name;
  const count = cells.filter((cell) => isHeld(facts.cells.access[cell]!) && (facts.cells.flags[cell]! & (flag.gone | flag.own)) === 0).length;
  const none = row?.tokensLimit != null && row.tokensUsed >= row.tokensLimit;
  return (
    <li className="border-b border-line px-gutter py-2.5">
      <h2 className="flex min-h-7 items-center">
        <button type="button" aria-expanded={open} onClick={onToggle} className="flex min-w-0 flex-1 items-center gap-2 rounded-in text-left max-thumb:min-h-9">
          <bdi className="min-w-0 truncate text-14 font-semibold">{name}</bdi>
          {state ? <span className={`mx-st ${state.tone}`}>{state.text}</span> : null}
          <span className="ml-auto shrink-0 text-12 font-normal text-text-2">
            <span className="sr-only">, {count} {by === "client" ? (count === 1 ? "person" : "people") : count === 1 ? "client" : "clients"}, </span>
            {row ? <span className={cx(none && "text-danger-text")}>{planLetters(row.plan)} {row.tokensUsed}{row.tokensLimit === null ? "" : `/${row.tokensLimit}`}<span className="sr-only"> tokens{none ? ", at the limit" : ""}</span></span> : <span aria-hidden>{count}</span>}
          </span>
          {open ? <ChevronDown className="size-4 text-text-3" strokeWidth={1.5} aria-hidden /> : <ChevronRight className="size-4 text-text-3" strokeWidth={1.5} aria-hidden />}
        </button>
      </h2>
      {open ? <OpenCells model={model} by={by} at={at} cells={cells} onAsk={onAsk} /> : <Pieces model={model} by={by} cells={cells} />}
      {row && row.own > 0 && open ? <p className="mt-1 text-12 text-text-3">{row.own} {row.own === 1 ? "row is" : "rows are"} the client's own: shown, never staged.</p> : null}
    </li>
  );
}

const pieces = 24;
/** All of it in one breath, as letters; each says its whole sentence. */
function Pieces({ model, by, cells }: { model: MatrixModel; by: By; cells: readonly number[] }) {
  if (cells.length === 0) return <p className="mt-0.5 text-12 text-text-3">{by === "client" ? "Nobody" : "Nothing"}</p>;
  const context = model.context();
  const width = model.facts.people.length;
  return (
    <ul className="mt-1 flex flex-wrap gap-1.5">
      {cells.slice(0, pieces).map((cell) => {
        const look = lookOf(context, cell, emptyLook());
        return (
          <li key={cell} className={cx("mx-piece", look.kind, look.pale && "pale")}>
            <span className="sr-only">{model.sentence(cell)}</span>
            <span aria-hidden>
              {look.sign} <bdi>{by === "client" ? initials(model.facts.people[cell % width]!.name) : model.facts.rows[Math.floor(cell / width)]!.name}</bdi> <b>{look.struck ? <s>{look.letters}</s> : look.letters}{look.small}</b>
            </span>
          </li>
        );
      })}
      {cells.length > pieces ? <li className="mx-piece">and {cells.length - pieces} more</li> : null}
    </ul>
  );
}

function OpenCells({ model, by, at, cells, onAsk }: { model: MatrixModel; by: By; at: number; cells: readonly number[]; onAsk: (what: Ask, cell: number) => void }) {
  const { facts } = model;
  const [adding, setAdding] = useState(false);
  const width = facts.people.length;
  const rest = (by === "client" ? facts.people.map((_, column) => at * width + column) : facts.rows.map((_, row) => row * width + at)).filter((cell) => !cells.includes(cell) && !speaks(model, cell));
  return (
    <>
      <ul className="mt-1">
        {cells.map((cell) => <Line key={cell} model={model} by={by} cell={cell} onAsk={onAsk} />)}
        {adding ? rest.slice(0, 200).map((cell) => <Line key={cell} model={model} by={by} cell={cell} onAsk={onAsk} />) : null}
      </ul>
      {model.canStage && !adding && rest.length > 0 ? (
        <Button size="small" className="mt-1.5" onClick={() => setAdding(true)}>
          {by === "client" ? "Add a technician" : "Add a client"}
        </Button>
      ) : null}
    </>
  );
}

function Line({ model, by, cell, onAsk }: { model: MatrixModel; by: By; cell: number; onAsk: (what: Ask, cell: number) => void }) {
  const { facts, stage } = model;
  const width = facts.people.length;
  const row = facts.rows[Math.floor(cell / width)]!;
  const person = facts.people[cell % width]!;
  const look = lookOf(model.context(), cell, emptyLook());
  const name = by === "client" ? person.name : rowName(row);
  const words = model.sentence(cell).slice(`${rowName(row)}, ${person.name}: `.length);
  const wanted = stage.wanted(cell, { ...nothing });
  const doing = (deed: () => void) => () => {
    model.selectOnly(cell);
    deed();
    model.clearSelection();
  };
  const held = new Set(rolesIn(facts, wanted.access).map((role) => role.id));
  const entries: MenuEntry[] = [
    ...(model.canStage && (facts.cells.flags[cell]! & flag.own) === 0
      ? [
          ...facts.roles.slice(0, 9).map((role, index): MenuEntry => ({ kind: "deed", label: `${held.has(role.id) ? "Take away" : "Give"} ${role.name}`, keys: String(index + 1), run: doing(() => model.role(index)) })),
          { kind: "deed", label: "Full access", keys: "F", run: doing(() => model.full()) } as const,
          { kind: "deed", label: "End date…", keys: "E", run: () => onAsk("end", cell) } as const,
          { kind: "deed", label: "Reason…", keys: "R", run: () => onAsk("reason", cell) } as const,
          { kind: "line" } as const,
          { kind: "deed", label: "Remove", keys: "⌫", danger: true, run: doing(() => model.revoke()) } as const,
          { kind: "line" } as const,
        ]
      : []),
    { kind: "deed", label: "Why do they have this?", keys: "↵", run: () => onAsk("inspect", cell) },
  ];
  return (
    <li className="flex items-center gap-2.5 border-t border-line py-2 first:border-t-0">
      {by === "client" ? <span aria-hidden className="grid size-6 shrink-0 place-items-center rounded-in bg-active text-11 font-semibold">{initials(person.name)}</span> : null}
      <span className="min-w-0 flex-1">
        <bdi className="block truncate">{name}</bdi>
        <span className="block text-12 text-pretty text-text-2 first-letter:uppercase">{words}</span>
      </span>
      <span aria-hidden className={cx("mx-piece shrink-0", look.kind)}>
        {look.sign} <b>{look.struck ? <s>{look.letters}</s> : look.letters}{look.small}</b>
      </span>
      {stage.sign[cell] !== sign.none && model.canStage ? <IconButton label={`Take back what is staged for ${name}`} icon={<Undo2 aria-hidden />} onClick={doing(() => model.unstage())} /> : null}
      <Menu trigger={<IconButton tone="plain" label={`Change ${name}`} icon={<Ellipsis aria-hidden />} />} entries={entries} />
    </li>
  );
}
