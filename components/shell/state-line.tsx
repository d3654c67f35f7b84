"use client";
import { useEffect, useState } from "react";
import { Glyph } from "#components/ui/glyph.tsx";
import type { State } from "#components/ui/glyph.tsx";

type Readiness = "asking" | "ready" | "notReady" | "unknown";
const SAYS: Record<Readiness, { state: State; words: string }> = {
  asking: { state: "moving", words: "Asking all parts" },
  ready: { state: "proven", words: "All parts answer" },
  notReady: { state: "refused", words: "A part does not answer" },
  unknown: { state: "none", words: "State unknown" },
};

/**
 * Whether this installation is ready, as its readiness address says: 200 is ready, 503 is not, anything else is unknown. Asked once,
 * when the page is shown; silence is unknown, never ready.
 */
export function StateLine({ href }: { href: string }) {
  const [readiness, setReadiness] = useState<Readiness>("asking");
  useEffect(() => {
    const gone = new AbortController();
    fetch(href, { cache: "no-store", signal: AbortSignal.any([gone.signal, AbortSignal.timeout(5000)]) }).then(
      (answer) => setReadiness(answer.status === 200 ? "ready" : answer.status === 503 ? "notReady" : "unknown"),
      () => {
        if (!gone.signal.aborted) setReadiness("unknown");
      },
    );
    return () => gone.abort();
  }, [href]);
  const { state, words } = SAYS[readiness];
  return (
    <output className="inline-flex items-center gap-1.5">
      <Glyph state={state} />
      {words}
    </output>
  );
}
