"use client";
import { useCallback, useTransition } from "react";
import type { Outcome } from "#components/ui/failure.ts";
import { toast } from "#components/ui/toast.tsx";

/** A server action as a button takes it. */
export type Deed<Value> = (previous: unknown, data: FormData) => Promise<Outcome<Value>>;

/** Runs an action of a button that asks nothing; what it refuses is said in passing, since nothing was changed. */
export function useDeed<Value>(deed: Deed<Value>): { busy: boolean; run: (fields: Readonly<Record<string, string>>, done?: (value: Value) => void) => void } {
  const [busy, start] = useTransition();
  const run = useCallback(
    (fields: Readonly<Record<string, string>>, done?: (value: Value) => void) =>
      start(async () => {
        const data = new FormData();
        for (const [name, value] of Object.entries(fields)) data.set(name, value);
        // A connection that breaks says nothing of what was done.
        const outcome = await deed(null, data).catch((): Outcome<Value> => ({ ok: false, failure: { code: "no_answer", title: "No answer came", detail: "", remedy: "Look at the page again before you repeat it." } }));
        if (outcome.ok) done?.(outcome.value);
        else toast({ state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
      }),
    [deed],
  );
  return { busy, run };
}
