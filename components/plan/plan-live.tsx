"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { listenLive } from "#components/matrix/live.ts";

/** Between two drawings: a thousand vaults settle in seconds, and nobody reads faster. */
const EVERY_MS = 500;

/** Draws the page anew when one of its vaults moved, by the browser's one stream of events. */
export function PlanLive({ vaultRefs, active }: { vaultRefs: readonly string[]; active: boolean }) {
  const router = useRouter();
  const watched = vaultRefs.join(" ");
  useEffect(() => {
    if (!active) return;
    const mine = new Set(watched.split(" "));
    let timer: ReturnType<typeof setTimeout> | null = null;
    let last = 0;
    const deaf = listenLive(({ vaults, missed }) => {
      if (timer !== null || !(missed || vaults.some((ref) => mine.has(ref)))) return;
      timer = setTimeout(() => {
        timer = null;
        last = Date.now();
        router.refresh();
      }, Math.max(60, last + EVERY_MS - Date.now()));
    });
    return () => {
      deaf();
      if (timer !== null) clearTimeout(timer);
    };
  }, [watched, active, router]);
  return null;
}
