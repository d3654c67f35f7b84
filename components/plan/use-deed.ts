"use client";
import { useState, useTransition } from "react";
import type { Failure, Outcome } from "#components/ui/failure.ts";

export type Deed<T> = (previous: Outcome<T> | null, data: FormData) => Promise<Outcome<T>>;

const NO_ANSWER: Failure = { code: "no_answer", title: "No answer came", detail: "Whether it was done is not known.", remedy: "Load the page again: it shows how things stand." };

/** A press that asks the server for one thing: what it is called with, whether it is under way, and what went wrong. */
export function useDeed<T>(deed: Deed<T> | null, onDone: (value: T) => void): { run: (fields: Readonly<Record<string, string>>) => void; busy: boolean; failed: Failure | null } {
  const [failed, setFailed] = useState<Failure | null>(null);
  const [busy, start] = useTransition();
  const run = (fields: Readonly<Record<string, string>>) =>
    start(async () => {
      setFailed(null);
      const data = new FormData();
      for (const [name, value] of Object.entries(fields)) data.set(name, value);
      const outcome = await (deed?.(null, data) ?? Promise.resolve(null)).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      if (outcome === null) return;
      if (outcome.ok) onDone(outcome.value);
      else setFailed(outcome.failure);
    });
  return { run, busy, failed };
}
