"use client";
import { useTransition } from "react";
import { Button } from "#components/ui/button.tsx";
import { Note } from "#components/ui/note.tsx";
import { ExactTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Action } from "./step-up.ts";

/** Times in epoch milliseconds. */
export type RecoveryRow = { readonly id: string; readonly person: string; readonly createdAt: number; readonly effectiveAt: number; readonly expiresAt: number };

/** Ways back that are open for owners without a key. Any owner can stop one, without a touch: what stops harm must not wait. */
export function RecoveryNotes({ recoveries, stop }: { recoveries: readonly RecoveryRow[]; stop: Action<{ id: string }> }) {
  const [busy, start] = useTransition();
  const end = (id: string) =>
    start(async () => {
      const data = new FormData();
      data.set("id", id);
      const outcome = await stop(null, data).catch(() => null);
      toast(outcome?.ok ? { state: "proven", words: "The way back was stopped" } : { state: "refused", words: outcome ? `${outcome.failure.title}. ${outcome.failure.remedy}` : "No answer came. Look at the page again." });
    });
  if (recoveries.length === 0) return null;
  return (
    <section aria-label="Ways back" className="grid gap-2 px-gutter pt-5">
      {recoveries.map((row) => (
        <Note key={row.id} state="attention" title={<>A way back is open for <bdi>{row.person}</bdi>.</>} action={<Button size="small" tone="danger" pending={busy ? "Stopping" : null} onClick={() => end(row.id)}>Stop it</Button>}>
          Asked for on the server. It takes effect at <ExactTime at={row.effectiveAt} /> and lets them in with a new key.
        </Note>
      ))}
    </section>
  );
}
