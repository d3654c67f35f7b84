"use client";
/** The drawing of {@link GrantChart}, a chunk of its own. */
import { Bar, CartesianGrid, ComposedChart, Line, ReferenceDot, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { shortDay } from "#lib/billing/clock-words.ts";
import type { GrantDay } from "#lib/overview/charts.ts";

const AXIS = { fontSize: 11, fill: "var(--text-3)" } as const;

function Hint({ active, payload }: { active?: boolean; payload?: readonly { payload: GrantDay }[] }) {
  const day = payload?.[0]?.payload;
  if (!active || !day) return null;
  return (
    <div className="rounded-box border border-line bg-raised px-2.5 py-1.5 text-12 shadow-float">
      <p className="font-medium">{shortDay(day.on, true)}</p>
      <p className="text-text-2">{`${day.level.toLocaleString("en")} in force${day.added > 0 ? `, +${day.added}` : ""}${day.removed > 0 ? `, −${day.removed}` : ""}`}</p>
    </div>
  );
}

export default function GrantLine({ days }: { days: readonly GrantDay[] }) {
  const levels = days.map(({ level }) => level);
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const room = Math.max(4, high - low);
  const most = Math.max(1, ...days.map(({ added, removed }) => Math.max(added, removed)));
  // Additions and removals live in the lowest fifth, on a scale of their own.
  const data = days.map((day) => ({ ...day, up: (day.added / most) * 10, down: -(day.removed / most) * 10 }));
  const last = days.at(-1)!;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart data={data} margin={{ top: 8, right: 0, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="on" tick={AXIS} tickLine={false} axisLine={false} height={20} ticks={[days[0]!.on, days[Math.floor(days.length / 2)]!.on, last.on]} tickFormatter={(on: string) => (on === last.on ? "today" : shortDay(on))} interval={0} padding={{ left: 4, right: 16 }} />
        <YAxis yAxisId="level" orientation="right" tick={AXIS} tickLine={false} axisLine={false} width={40} domain={[Math.max(0, Math.floor(low - room * 0.5)), Math.ceil(high + room * 0.15)]} tickCount={4} allowDecimals={false} />
        <YAxis yAxisId="changes" hide domain={[-12, 108]} />
        <Tooltip cursor={{ stroke: "var(--line-strong)" }} isAnimationActive={false} content={<Hint />} />
        <Bar yAxisId="changes" dataKey="up" fill="var(--text-3)" barSize={2} isAnimationActive={false} />
        <Bar yAxisId="changes" dataKey="down" fill="var(--danger-solid)" barSize={2} isAnimationActive={false} />
        <Line yAxisId="level" dataKey="level" type="stepAfter" stroke="var(--text)" strokeWidth={1.5} dot={false} isAnimationActive={false} />
        <ReferenceDot yAxisId="level" x={last.on} y={last.level} r={3.5} fill="var(--text)" stroke="var(--surface)" />
      </ComposedChart>
    </ResponsiveContainer>
  );
}
