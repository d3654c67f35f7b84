"use client";
/** The matrix's page in the browser: bar, grid or lens, what is staged. It holds the address; everything else is the model's. */
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { MatrixDrawing } from "#components/shell/matrix-drawing.tsx";
import { useCommands, useShell, type KeysHelp } from "#components/shell/shell-context.tsx";
import type { Command } from "#components/shell/command.ts";
import { Button } from "#components/ui/button.tsx";
import { Menu } from "#components/ui/menu.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { Empty, Failure, LoadingRows } from "#components/ui/states.tsx";
import { orders, type Order } from "#lib/matrix/order.ts";
import { Dialogs, type Asked } from "./asked.tsx";
import type { CellDeeds } from "./drift-deeds.tsx";
import { FindBar } from "./find-bar.tsx";
import { GridPane } from "./grid-pane.tsx";
import type { Ask } from "./hands.ts";
import type { MatrixModel } from "./model.ts";
import { givenViews, type Action } from "./given-views.ts";
import { StageBar } from "./stage-bar.tsx";
import type { Save } from "./sync.ts";
import { useMatrix, type Loaded } from "./use-matrix.ts";
import { useModel } from "./use-model.ts";
import { usePlan, type PlanAction } from "./use-plan.ts";

export type MatrixProps = { canStage: boolean; save: Save; makePlan: PlanAction; nameView: Action; forgetView: Action; setRule: Action; forgetRule: Action; acceptDrift: CellDeeds["accept"] };

const Lens = lazy(async () => ({ default: (await import("./lens.tsx")).Lens }));

const lenses = ["matrix", "clients", "technicians"] as const;
const orderWords: Readonly<Record<Order, string>> = { name: "Name", tag: "Tag", plan: "Plan", free: "Free tokens", risk: "Risk", similarity: "Similarity" };
const address = { q: parseAsString.withDefault(""), order: parseAsStringLiteral(orders).withDefault("name"), lens: parseAsStringLiteral(lenses), find: parseAsStringLiteral(["highlight"]), turn: parseAsBoolean.withDefault(false) };

export function Matrix(props: MatrixProps) {
  const { loaded, failure, kept } = useMatrix(props.canStage, props.save);
  if (failure) return <Failure as="h1" failure={failure} actions={<Button onClick={() => location.reload()}>Try again</Button>} />;
  if (!loaded) return <Waiting />;
  if (loaded.model.facts.rows.length === 0) {
    return (
      <Empty as="h1" title="Connect your first client" className="max-w-[640px]" art={<div className="h-[112px] w-[396px] max-w-full overflow-hidden" aria-hidden><MatrixDrawing /></div>} actions={<Button tone="ink" onClick={() => location.assign("/clients")}>Connect a client</Button>}>
        One tap by them, one by you. You will see who reaches what, and read nothing yourself.
      </Empty>
    );
  }
  return <Shown {...props} loaded={loaded} kept={kept} />;
}

function Waiting() {
  return (
    <div className="mx">
      <div className="mx-bar" />
      <LoadingRows what="the matrix" rows={18} widths={["260px", "60px", "repeat(12,36px)"]} />
    </div>
  );
}

/** Below 720 px there is no grid: a list says the same, and fits a thumb. */
const narrow = (change: () => void) => {
  const query = matchMedia("(width < 720px)");
  query.addEventListener("change", change);
  return () => query.removeEventListener("change", change);
};
const isNarrow = () => matchMedia("(width < 720px)").matches;

function Shown({ loaded, kept, canStage, makePlan, nameView, forgetView, setRule, forgetRule, acceptDrift }: MatrixProps & { loaded: Loaded; kept: Parameters<typeof StageBar>[0]["kept"] }) {
  const { model, sync, views, reload, readAnew } = loaded;
  const deeds = useMemo<CellDeeds>(() => ({ accept: acceptDrift, readAnew }), [acceptDrift, readAnew]);
  const [at, setAt] = useQueryStates(address, { history: "replace", shallow: true, clearOnDefault: true });
  const thin = useSyncExternalStore(narrow, isNarrow, () => false);
  const lens = at.lens === null || (thin && at.lens === "matrix") ? (thin ? "clients" : "matrix") : at.lens;
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState<Asked>(null);
  const field = useRef<HTMLInputElement>(null);
  const [takeFocus, setTakeFocus] = useState<(() => void) | null>(null);
  const onGrid = useCallback((take: (() => void) | null) => setTakeFocus(() => take), []);
  const { singleKeys } = useShell();

  const plan = usePlan(model, sync, canStage ? makePlan : null);

  const query = [at.q, typed].filter((text) => text.trim() !== "").join(" ");
  useEffect(() => {
    model.show({ query, order: at.order, turned: at.turn, highlight: at.find === "highlight" });
  }, [model, query, at.order, at.turn, at.find]);

  const ask = useCallback((what: Ask, cell?: number) => {
    if (what === "find") return field.current?.focus();
    if (what === "review") void sync.flush();
    // From a list the one cell that was meant is what the question is about.
    if (cell !== undefined && (what === "end" || what === "reason")) model.selectOnly(cell);
    setAsked((now) => (now?.what === what && what === "peek" ? null : { what, cell: cell ?? model.focused }));
  }, [model, sync]);
  const openSearch = useCallback((search: string) => {
    const given = new URLSearchParams(search);
    const order = orders.find((one) => one === given.get("order"));
    setTyped("");
    void setAt({ q: given.get("q") ?? "", order: order ?? "name", lens: lenses.find((one) => one === given.get("lens")) ?? null, find: given.get("find") === "highlight" ? "highlight" : null, turn: given.get("turn") === "true" });
    setAsked(null);
  }, [setAt]);
  const search = useMemo(() => new URLSearchParams(Object.entries({ q: query, order: at.order === "name" ? "" : at.order, lens: at.lens ?? "", find: at.find ?? "", turn: at.turn ? "true" : "" }).filter(([, value]) => value !== "")).toString(), [query, at]);
  useMatrixCommands(model, ask, openSearch, setAsked);

  return (
    <div className="mx">
      <h1 className="sr-only">Matrix</h1>
      <div className="mx-bar">
        <FindBar facts={model.facts} query={at.q} typed={typed} onQuery={(q) => void setAt({ q })} onTyped={setTyped} field={field} onLeave={() => (takeFocus ? takeFocus() : field.current?.blur())} />
        <Counted model={model} />
        <Menu
          trigger={<Button><span className="text-text-3 mx-wide">Order</span> {orderWords[at.order]}</Button>}
          entries={[{ kind: "choice", label: "Order", value: at.order, choices: orders.map((order) => ({ value: order, label: orderWords[order] })), onChoose: (order) => void setAt({ order: order as Order }) }]}
        />
        <Menu
          trigger={<Button>Views</Button>}
          entries={[
            ...givenViews.map((view) => ({ kind: "deed" as const, label: view.name, run: () => openSearch(new URLSearchParams({ q: view.query, ...(at.lens && { lens: at.lens }) }).toString()) })),
            ...(views.length > 0 ? [{ kind: "line" as const }, ...views.map((view) => ({ kind: "deed" as const, label: view.name, run: () => openSearch(view.search) }))] : []),
            { kind: "line" },
            { kind: "deed", label: "Name this view…", run: () => setAsked({ what: "views", cell: -1 }) },
            { kind: "deed", label: "Rules…", run: () => setAsked({ what: "rules", cell: -1 }) },
            ...(canStage ? [{ kind: "line" as const }, { kind: "deed" as const, label: "Make one like another…", keys: "L", run: () => ask("like") }, { kind: "deed" as const, label: "Somebody leaves…", run: () => ask("leave") }] : []),
          ]}
        />
        {lens === "matrix" ? <span className="mx-wide"><Segmented label="What matches" value={at.find ?? "hide"} onChange={(value) => void setAt({ find: value === "highlight" ? "highlight" : null })} choices={[{ value: "hide", label: "Hide" }, { value: "highlight", label: "Highlight" }]} /></span> : null}
        <Segmented label="Lens" value={lens} onChange={(value) => void setAt({ lens: value })} choices={thin ? lensChoices.slice(1) : lensChoices} />
      </div>
      {lens === "matrix" ? (
        <GridPane
          model={model}
          onTotal={(q) => { setTyped(""); void setAt({ q }); }}
          hands={{ singleKeys: () => singleKeys, ask, escape: () => { if (asked === null) return false; setAsked(null); return true; }, turn: () => void setAt({ turn: !at.turn }), highlight: () => void setAt({ find: at.find ? null : "highlight" }) }}
          peek={asked?.what === "peek"}
          onPeekMore={() => ask("inspect")}
          onGrid={onGrid}
          deeds={deeds}
        />
      ) : (
        <Suspense fallback={<LoadingRows what="the list" rows={12} widths={["minmax(0,1fr)", "60px"]} />}>
          <Lens model={model} by={lens === "clients" ? "client" : "technician"} onAsk={ask} />
        </Suspense>
      )}
      <StageBar model={model} kept={kept} onReview={() => ask("review")} grid={lens === "matrix"} />
      <Dialogs model={model} asked={asked} onClose={() => { setAsked(null); takeFocus?.(); }} views={views} search={search} openSearch={openSearch} reload={() => void reload()} plan={plan} deeds={deeds} actions={{ nameView, forgetView, setRule, forgetRule }} />
    </div>
  );
}
const lensChoices = [{ value: "matrix", label: "Matrix" }, { value: "clients", label: "Clients" }, { value: "technicians", label: "Technicians" }] as const;

function Counted({ model }: { model: MatrixModel }) {
  useModel(model, (now) => now.arrangedVersion);
  const { rows } = model.selected;
  const clients = new Set<number>();
  rows.forEach((shown, row) => shown && clients.add(model.facts.rows[row]!.client));
  return <span role="status" className="mx-wide shrink-0 whitespace-nowrap text-text-2">{clients.size.toLocaleString("en")} {clients.size === 1 ? "client" : "clients"}</span>;
}

const keysHelp: readonly KeysHelp[] = [
  { group: "Matrix", keys: ["/"], words: "Find" },
  { group: "Matrix", keys: ["1"], words: "Stage a role, by its place" },
  { group: "Matrix", keys: ["F"], words: "Stage full access" },
  { group: "Matrix", keys: ["⌫"], words: "Stage removal" },
  { group: "Matrix", keys: ["E"], words: "End date" },
  { group: "Matrix", keys: ["R"], words: "Reason" },
  { group: "Matrix", keys: ["C", "V"], words: "Copy and paste a pattern" },
  { group: "Matrix", keys: ["L"], words: "Make one like another" },
  { group: "Matrix", keys: ["U"], words: "Take back what is staged here" },
  { group: "Matrix", keys: ["Z"], words: "Undo; with Shift redo" },
  { group: "Matrix", keys: ["[", "]"], words: "Walk through what is staged" },
  { group: "Matrix", keys: ["X"], words: "Select the row" },
  { group: "Matrix", keys: ["␣"], words: "Peek" },
  { group: "Matrix", keys: ["↵"], words: "Why do they have this" },
  { group: "Matrix", keys: ["P"], words: "Fold or unfold the pod" },
  { group: "Matrix", keys: ["H"], words: "Highlight instead of hide" },
  { group: "Matrix", keys: ["T"], words: "Turn the matrix" },
];

function useMatrixCommands(model: MatrixModel, ask: (what: Ask) => void, openSearch: (search: string) => void, setAsked: (asked: Asked) => void): void {
  const commands = useMemo<readonly Command[]>(() => [
    ...givenViews.map((view): Command => ({ id: `view ${view.name}`, group: "Matrix", label: view.name, detail: view.query, run: () => openSearch(new URLSearchParams({ q: view.query }).toString()) })),
    ...(model.canStage ? [
      { id: "matrix like", group: "Matrix", label: "Make one technician like another…", run: () => ask("like") },
      { id: "matrix leave", group: "Matrix", label: "Somebody leaves: revoke everywhere…", run: () => ask("leave") },
      { id: "matrix rules", group: "Matrix", label: "Rules by tag and pod…", run: () => setAsked({ what: "rules", cell: -1 }) },
      { id: "matrix back", group: "Matrix", label: "Take back everything staged", run: () => void model.unstageAll() },
    ] satisfies Command[] : []),
  ], [model, ask, openSearch, setAsked]);
  useCommands(commands, keysHelp);
}
