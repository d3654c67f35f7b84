"use client";
import dynamic from "next/dynamic";
import { ChartFrame } from "#components/ui/chart-frame.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { shortDay } from "#lib/billing/clock-words.ts";
import type { GrantDay } from "#lib/overview/charts.ts";

const GrantLine = dynamic(() => import("./grant-line.tsx"), { ssr: false, loading: () => <Skeleton className="h-full w-full" /> });

/** Grants of ours in force over ninety days, with what was added and removed each day. */
export function GrantChart({ days }: { days: readonly GrantDay[] }) {
  const moved = days.filter(({ added, removed }, index) => added > 0 || removed > 0 || index === days.length - 1).toReversed();
  return (
    <ChartFrame
      title="Grants" sub={<>90 days, added and <span className="text-danger-text">removed</span></>} height={196} chart={<GrantLine days={days} />}
      empty={days.every(({ level }) => level === 0) ? <p className="text-12 text-text-3">No grant of ours is in force, and none was in ninety days.</p> : undefined}
      table={{ caption: "Grants in force by day", head: ["Day", "Added", "Removed", "In force"], rows: moved.map(({ on, added, removed, level }) => [shortDay(on, true), added, removed, level.toLocaleString("en")]) }}
    />
  );
}
