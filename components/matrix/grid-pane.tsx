"use client";
import { lazy, Suspense, useEffect, useLayoutEffect, useRef } from "react";
import type { RefObject } from "react";
import type { CellDeeds } from "./drift-deeds.tsx";
import { Grid } from "./grid.ts";
import { holdGrid, type Hands } from "./hands.ts";
import { createMinimap } from "./minimap.ts";
import type { MatrixModel } from "./model.ts";
import { useModel } from "./use-model.ts";

// Not a part of the first script: fetched with the first peek.
const Peek = lazy(async () => ({ default: (await import("./inspector.tsx")).Peek }));

const measures = { cellWidth: 36, cellHeight: 28, pane: 307, head: 76, sums: 76 };
/** Between 720 and 1180 px the names give way to columns. */
const measuresNow = () => (matchMedia("(width < 1180px)").matches ? { ...measures, pane: 252 } : measures);

/** The grid with its corner, minimap and legend. React draws what stands around it; the grid draws itself. */
export function GridPane({ model, hands, onTotal, peek, onPeekMore, onGrid, deeds }: { model: MatrixModel; hands: Hands; onTotal: (query: string) => void; peek: boolean; onPeekMore: () => void; onGrid: (takeFocus: (() => void) | null) => void; deeds: CellDeeds }) {
  const root = useRef<HTMLDivElement>(null);
  const map = useRef<HTMLDivElement>(null);
  const grid = useRef<Grid | null>(null);
  const held = useRef(hands);
  useEffect(() => {
    held.current = hands;
  });
  useLayoutEffect(() => {
    const made = new Grid(root.current!, model, measuresNow());
    grid.current = made;
    const letGo = holdGrid(made, model, {
      singleKeys: () => held.current.singleKeys(), ask: (what) => held.current.ask(what), escape: () => held.current.escape(), turn: () => held.current.turn(), highlight: () => held.current.highlight(),
    });
    onGrid(() => made.takeFocus());
    const noMap = createMinimap(map.current!, root.current!, model);
    const sized = new ResizeObserver(() => {
      made.measures = measuresNow();
      made.resize();
    });
    sized.observe(root.current!);
    performance.mark("matrix-usable");
    return () => {
      sized.disconnect();
      noMap();
      letGo();
      made.destroy();
      onGrid(null);
    };
  }, [model, onGrid]);
  return (
    <div className="mx-work">
      <div className="mx-box">
        <div ref={root} className="mx-scroll" />
        <Totals model={model} onTotal={onTotal} />
        {peek ? <PeekPlace model={model} grid={grid} onMore={onPeekMore} deeds={deeds} /> : null}
      </div>
      <div className="mx-rail">
        <div ref={map} className="mx-map" />
        <Legend model={model} />
      </div>
    </div>
  );
}

/** Totals of everything, each a filter. They lie over the grid's corner, outside of its one tab stop. */
function Totals({ model, onTotal }: { model: MatrixModel; onTotal: (query: string) => void }) {
  useModel(model, (now) => `${now.factsVersion} ${now.arrangedVersion}`);
  const sum = model.totals();
  const { turned } = model.arrangement;
  const line = (count: number, words: string, query: string, tone = "") => (count === 0 && query !== "" ? null : (
    <button type="button" className={tone} onClick={() => onTotal(query)}>
      <b>{count.toLocaleString("en")}</b> {words}
    </button>
  ));
  return (
    <div className="mx-totals" style={{ height: turned ? 150 : 76 }}>
      {line(sum.clients, sum.clients === 1 ? "client" : "clients", "")}
      <span><b>{sum.grants.toLocaleString("en")}</b> grants</span>
      {line(sum.endSoon, "end soon", "state:ending")}
      {line(sum.atLimit, "at limit", "state:limit")}
      {line(sum.waiting, "waiting", "state:waiting", "inf")}
      {line(sum.drift, "drift", "state:drift", "att")}
    </div>
  );
}

function Legend({ model }: { model: MatrixModel }) {
  return (
    <dl className="mx-legend">
      <dt>F</dt><dd>Full</dd>
      {model.facts.roles.slice(0, 9).map((role) => <Role key={role.id} letter={role.letter} name={role.name} />)}
      <dt className="text-accent-text">+</dt><dd>Staged</dd>
      <dt className="text-attention-text">!</dt><dd>Drift</dd>
      <dt>2d</dt><dd>Ends</dd>
    </dl>
  );
}
const Role = ({ letter, name }: { letter: string; name: string }) => (
  <>
    <dt>{letter}</dt>
    <dd title={name}>{name}</dd>
  </>
);

/** Beside the focused cell, on the side where there is room. */
function PeekPlace({ model, grid, onMore, deeds }: { model: MatrixModel; grid: RefObject<Grid | null>; onMore: () => void; deeds: CellDeeds }) {
  useModel(model);
  const card = useRef<HTMLDivElement>(null);
  const { row, column } = model.focus;
  useLayoutEffect(() => {
    const cell = grid.current?.element({ row, column });
    const root = grid.current?.root;
    if (!cell || !root || !card.current) return;
    const [at, box] = [cell.getBoundingClientRect(), root.getBoundingClientRect()];
    const left = at.right - box.left + 8 + 344 < box.width ? at.right - box.left + 8 : at.left - box.left - 352;
    Object.assign(card.current.style, { left: `${Math.max(8, left)}px`, top: `${Math.max(8, Math.min(at.top - box.top, box.height - card.current.offsetHeight - 8))}px` });
  });
  return (
    <div ref={card} className="mx-peek">
      <Suspense>{model.focused >= 0 ? <Peek model={model} cell={model.focused} onMore={onMore} deeds={deeds} /> : null}</Suspense>
    </div>
  );
}
