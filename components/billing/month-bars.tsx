"use client";
/** The drawing of {@link MonthChart}, a chunk of its own: recharts is heavier than a page. Figures here only become pixels. */
import { Bar, BarChart, CartesianGrid, LabelList, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { moneyText } from "#components/ui/money-text.ts";
import type { MonthSum } from "#lib/billing/calendar.ts";
import { monthName } from "#lib/billing/clock-words.ts";

export type MonthBarsProps = { sums: readonly MonthSum[]; /** This month is drawn in ink (ahead) or hollow (so far). */ current: string; mode: "ahead" | "spent"; labelled: boolean };

const AXIS = { fontSize: 11, fill: "var(--text-3)" } as const;
const major = (minor: number) => minor / 100;
const compact = (value: number) => (Math.abs(value) >= 1_000 ? `${(value / 1_000).toLocaleString("en", { maximumFractionDigits: 1 })} k` : value.toLocaleString("en"));

function Hint({ active, payload, currency }: { active?: boolean; payload?: readonly { payload: { month: string; charged: number; list: number } }[]; currency: string }) {
  const of = payload?.[0]?.payload;
  if (!active || !of) return null;
  const money = (value: number) => moneyText({ minor: Math.round(value * 100), currency }, "whenNeeded").amount;
  return (
    <div className="rounded-box border border-line bg-raised px-2.5 py-1.5 text-12 shadow-float">
      <p className="font-medium">{monthName(of.month)}</p>
      <p className="text-text-2">{`${currency} ${money(of.charged)}`}{of.list > of.charged ? `, at list ${money(of.list)}` : ""}</p>
    </div>
  );
}

export default function MonthBars({ sums, current, mode, labelled }: MonthBarsProps) {
  const currency = sums[0]?.currency ?? "USD";
  const data = sums.map(({ month, charged, list }) => ({ month, label: monthName(month).slice(0, 3), charged: major(charged), rest: major(Math.max(0, list - charged)), list: major(list), words: charged === 0 ? "" : major(charged).toLocaleString("en", { maximumFractionDigits: 0 }) }));
  const shape = (index: number) => (data[index]!.month === current ? (mode === "ahead" ? "var(--text)" : "var(--surface)") : "var(--text-3)");
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={data} margin={{ top: labelled ? 18 : 8, right: 0, bottom: 0, left: 0 }} barCategoryGap="18%" accessibilityLayer={false}>
        <defs>
          <pattern id={`hatch-${mode}`} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="4" stroke="var(--line-strong)" strokeWidth="1.4" /></pattern>
        </defs>
        {labelled ? null : <CartesianGrid vertical={false} stroke="var(--line)" />}
        <XAxis dataKey="label" tick={AXIS} tickLine={false} axisLine={{ stroke: "var(--line)" }} interval={0} height={20} />
        {labelled ? null : <YAxis orientation="right" tick={AXIS} tickLine={false} axisLine={false} width={34} tickFormatter={compact} tickCount={4} />}
        <Tooltip cursor={{ fill: "var(--hover)" }} isAnimationActive={false} content={<Hint currency={currency} />} />
        <Bar dataKey="charged" stackId="month" isAnimationActive={false} shape={(props: { x?: number; y?: number; width?: number; height?: number; index?: number }) => <rect x={props.x} y={props.y} width={props.width} height={Math.max(0, props.height ?? 0)} fill={shape(props.index ?? 0)} stroke={data[props.index ?? 0]!.month === current && mode === "spent" ? "var(--text-2)" : "none"} />} />
        <Bar dataKey="rest" stackId="month" isAnimationActive={false} fill={`url(#hatch-${mode})`} stroke="var(--line-control)" strokeDasharray="2 2" strokeWidth={0.75}>
          {labelled ? <LabelList dataKey="words" position="top" style={{ fontSize: "clamp(9.5px, 2.5vw, 11px)", fill: "var(--text-2)" }} /> : null}
        </Bar>
      </BarChart>
    </ResponsiveContainer>
  );
}
