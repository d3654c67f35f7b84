"use client";
import Link from "next/link";
import { useSyncExternalStore } from "react";
import { ChangeCounts } from "#components/ui/change-sign.tsx";
import { onStaged, stagedNow, type StagedNow } from "./staged-now.ts";

/** What one has staged, on every page, and the way to it. `drawn`: as it was when the page was drawn. Nothing stands there for nothing. */
export function StagedChip({ drawn }: { drawn: StagedNow }) {
  const { grant, revoke, alter, more } = useSyncExternalStore(onStaged, stagedNow, () => null) ?? drawn;
  const total = grant + revoke + alter;
  if (total === 0 && !more) return null;
  return (
    <Link href="/matrix?q=state%3Astaged" prefetch={false} className="inline-flex h-7 items-center gap-2 rounded-box border border-dashed border-accent bg-surface px-2.5 whitespace-nowrap text-accent-text">
      {more ? <b className="font-semibold">more than {total.toLocaleString("en")}</b> : <ChangeCounts grant={grant} revoke={revoke} alter={alter} />}
      <span className="max-thumb:sr-only">staged</span>
    </Link>
  );
}
