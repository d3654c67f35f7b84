"use client";
import dynamic from "next/dynamic";
import { ChartFrame } from "#components/ui/chart-frame.tsx";
import { Money } from "#components/ui/money.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { MonthSum } from "#lib/billing/calendar.ts";
import { monthName } from "#lib/billing/clock-words.ts";

const MonthBars = dynamic(() => import("./month-bars.tsx"), { ssr: false, loading: () => <Skeleton className="h-full w-full" /> });

/** Twelve months of one currency: what is or was charged, and dashed above it what the list would ask. */
export function MonthChart({ title, sub, caption, sums, current, mode, height = 168, labelled = false, compact }: { title: string; sub: string; caption: string; sums: readonly MonthSum[]; current: string; mode: "ahead" | "spent"; height?: number; labelled?: boolean; compact?: boolean }) {
  const currency = sums[0]?.currency ?? "USD";
  const money = (minor: number) => <Money of={{ minor, currency }} />;
  return (
    <ChartFrame
      title={title} sub={sub} height={height} {...(compact && { compact })}
      empty={sums.length === 0 ? <p className="text-12 text-text-3">{mode === "ahead" ? "Nothing renews within twelve months." : "Nothing was charged within twelve months."}</p> : undefined}
      chart={<MonthBars sums={sums} current={current} mode={mode} labelled={labelled} />}
      table={{ caption, head: ["Month", mode === "ahead" ? "Locked" : "Charged", "At list", "Less than list"], rows: sums.map(({ month, charged, list }) => [monthName(month), money(charged), money(list), money(Math.max(0, list - charged))]) }}
    />
  );
}
