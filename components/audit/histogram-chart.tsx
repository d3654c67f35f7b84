"use client";
import { useState } from "react";
import { Bar, BarChart, ReferenceArea, ResponsiveContainer, XAxis, YAxis } from "recharts";
import type { Bar as BarOf } from "#lib/audit/tally.ts";

/** Bars over time, selected by drag or press. A drawing only: its table beside it says the same and reaches all of it by keyboard. */
export default function HistogramChart({ bars, step, since, until, onPick }: { bars: readonly BarOf[]; step: number; since: number | null; until: number | null; onPick: (since: number, until: number) => void }) {
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const at = (label: string | number | undefined): number | null => (label === undefined || Number.isNaN(Number(label)) ? null : Number(label));
  const ends = drag ?? (since === null && until === null ? null : { from: since ?? bars[0]?.from ?? 0, to: (until ?? (bars.at(-1)?.from ?? 0) + step) - 1 });
  const place = (moment: number) => bars[Math.max(0, Math.min(bars.length - 1, Math.floor((moment - (bars[0]?.from ?? 0)) / step)))]?.from;
  const [left, right] = ends === null ? [undefined, undefined] : [place(Math.min(ends.from, ends.to)), place(Math.max(ends.from, ends.to))];
  const finish = () => {
    if (!drag) return;
    const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    setDrag(null);
    onPick(from, to + step);
  };
  return (
    <div aria-hidden className="h-[64px] cursor-crosshair select-none" onPointerLeave={finish} onPointerUp={finish}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 900, height: 64 }}>
        <BarChart
          data={[...bars]} margin={{ top: 2, right: 0, bottom: 0, left: 0 }} barCategoryGap="12%" accessibilityLayer={false}
          onMouseDown={({ activeLabel }) => { const moment = at(activeLabel); if (moment !== null) setDrag({ from: moment, to: moment }); }}
          onMouseMove={({ activeLabel }) => { const moment = at(activeLabel); if (moment !== null && drag) setDrag({ from: drag.from, to: moment }); }}
        >
          <XAxis dataKey="from" hide />
          <YAxis hide domain={[0, "dataMax"]} />
          {left !== undefined && right !== undefined ? <ReferenceArea x1={left} x2={right} fill="var(--accent-soft)" fillOpacity={1} stroke="var(--accent)" strokeOpacity={drag ? 1 : 0.5} ifOverflow="hidden" /> : null}
          <Bar dataKey="ours" stackId="all" fill="var(--text)" isAnimationActive={false} />
          <Bar dataKey="done" stackId="all" fill="var(--line-control)" isAnimationActive={false} />
          <Bar dataKey="refused" stackId="all" fill="var(--danger-solid)" isAnimationActive={false} />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
