"use client";
/** One client or technician of the lists, folded to letters or opened to sentences; every line acts for itself. */
import { ChevronDown, ChevronRight, Ellipsis, Undo2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { cx } from "#components/ui/class-names.ts";
import { Menu, type MenuEntry } from "#components/ui/menu.tsx";
import { emptyLook, lookOf, rowName } from "#lib/matrix/cell.ts";
import { flag, rolesIn } from "#lib/matrix/facts.ts";
import { nothing, sign } from "#lib/matrix/stage.ts";
import { initials, planLetters, rowState } from "./heads.ts";
import { speaks, type By, type Entry } from "./lens-entries.ts";
import type { Ask } from "./hands.ts";
import type { MatrixModel } from "./model.ts";

/** `selected`: how many of its cells are. `choose` null: this person may not stage, so there is nothing to select for. */
export function Entry({ model, entry, by, open, selected, choose, onToggle, onAsk }: { model: MatrixModel; entry: Entry; by: By; open: boolean; selected: number; choose: ((cells: readonly number[], on: boolean) => void) | null; onToggle: () => void; onAsk: (what: Ask, cell: number) => void }) {
  const { facts } = model;
  const { at, cells, ours } = entry;
  const row = by === "client" ? facts.rows[at]! : null;
  const state = row ? rowState(row) : null;
  const name = row ? rowName(row) : facts.people[at]!.name;
  const { count } = entry;
  const none = row?.tokensLimit != null && row.tokensUsed >= row.tokensLimit;
  return (
    <li className="border-b border-line px-gutter py-2.5">
      <div className="flex min-h-7 items-center gap-2.5">
        {choose && ours.length > 0 ? <Checkbox label={`Select ${name}`} checked={selected === ours.length} some={selected > 0 && selected < ours.length} onChange={(on) => choose(ours, on)} /> : null}
        <h2 className="flex min-w-0 flex-1">
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
      </div>
      {open ? <OpenCells model={model} by={by} at={at} cells={cells} choose={choose} onAsk={onAsk} /> : <Pieces model={model} by={by} cells={cells} />}
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

type Choose = ((cells: readonly number[], on: boolean) => void) | null;
function OpenCells({ model, by, at, cells, choose, onAsk }: { model: MatrixModel; by: By; at: number; cells: readonly number[]; choose: Choose; onAsk: (what: Ask, cell: number) => void }) {
  const { facts } = model;
  const [adding, setAdding] = useState(false);
  const width = facts.people.length;
  const rest = (by === "client" ? facts.people.map((_, column) => at * width + column) : facts.rows.map((_, row) => row * width + at)).filter((cell) => !cells.includes(cell) && !speaks(model, cell));
  return (
    <>
      <ul className="mt-1">
        {cells.map((cell) => <Line key={cell} model={model} by={by} cell={cell} choose={choose} onAsk={onAsk} />)}
        {adding ? rest.slice(0, 200).map((cell) => <Line key={cell} model={model} by={by} cell={cell} choose={choose} onAsk={onAsk} />) : null}
      </ul>
      {model.canStage && !adding && rest.length > 0 ? (
        <Button size="small" className="mt-1.5" onClick={() => setAdding(true)}>
          {by === "client" ? "Add a technician" : "Add a client"}
        </Button>
      ) : null}
    </>
  );
}

function Line({ model, by, cell, choose, onAsk }: { model: MatrixModel; by: By; cell: number; choose: Choose; onAsk: (what: Ask, cell: number) => void }) {
  const { facts, stage } = model;
  const width = facts.people.length;
  const row = facts.rows[Math.floor(cell / width)]!;
  const person = facts.people[cell % width]!;
  const look = lookOf(model.context(), cell, emptyLook());
  const name = by === "client" ? person.name : rowName(row);
  const words = model.sentence(cell).slice(`${rowName(row)}, ${person.name}: `.length);
  const wanted = stage.wanted(cell, { ...nothing });
  const own = (facts.cells.flags[cell]! & flag.own) !== 0;
  const doing = (deed: () => void) => () => model.alone(cell, deed);
  const held = new Set(rolesIn(facts, wanted.access).map((role) => role.id));
  const entries: MenuEntry[] = [
    ...(model.canStage && !own
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
      {choose ? <Checkbox label={`Select ${name}`} checked={model.selection[cell] === 1} disabledReason={own ? "The client made this row: it is shown, never staged." : null} onChange={(on) => choose([cell], on)} /> : null}
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
