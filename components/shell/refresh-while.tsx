"use client";
import { useRouter } from "next/navigation";
import { useEffect, useTransition } from "react";

/**
 * Asks the server for the page again while something on it is still on its way; not while nobody looks at the tab, and never
 * before the last answer is there: on a busy server a newer question would put the older one off for ever.
 */
export function RefreshWhile({ active, everyMs }: { active: boolean; everyMs: number }) {
  const router = useRouter();
  const [asking, start] = useTransition();
  useEffect(() => {
    if (!active || asking) return;
    const timer = setInterval(() => {
      if (!document.hidden) start(() => router.refresh());
    }, everyMs);
    return () => clearInterval(timer);
  }, [active, asking, everyMs, router]);
  return null;
}
