"use client";
import { useCallback, useEffect, useState } from "react";
import type { FoundNames } from "#lib/find/by-name.ts";
import { stillAnswers } from "./found-names.ts";

/** A pause in typing: shorter, and every letter of a word asks the server. */
const PAUSE_MS = 150;
/** Longer than this is no answer to somebody who types. */
const PATIENCE_MS = 8_000;

/** `asking`: what was found before stands there as far as it still answers. `failed`: why, in words. */
export type Names = { readonly state: "none" | "asking" | "found" | "failed"; readonly found: FoundNames | null; readonly why: string };
type Answer = { readonly of: string; readonly found: FoundNames | null; readonly why: string };

/** Names that answer what is typed, from the server; `again` asks once more. What is overtaken by another letter is given up. */
export function useNames(typed: string, on: boolean): Names & { again: () => void } {
  const asked = on ? typed.replace(/^\s*>/u, "").trim().slice(0, 100) : "";
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (asked === "") return;
    const over = new AbortController();
    const settle = (next: Answer) => (over.signal.aborted ? undefined : setAnswer(next));
    const ask = async () => {
      try {
        const response = await fetch(`/api/find?${new URLSearchParams({ q: asked }).toString()}`, { signal: AbortSignal.any([over.signal, AbortSignal.timeout(PATIENCE_MS)]) });
        const body: unknown = await response.json();
        settle(response.ok ? { of: asked, found: body as FoundNames, why: "" } : { of: asked, found: null, why: `${(body as { title?: string }).title ?? "The server refused"}.` });
      } catch {
        settle({ of: asked, found: null, why: "No answer came." });
      }
    };
    const waiting = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      clearTimeout(waiting);
      over.abort();
    };
  }, [asked, tries]);
  const again = useCallback(() => {
    setAnswer(null);
    setTries((before) => before + 1);
  }, []);
  if (asked === "") return { state: "none", found: null, why: "", again };
  if (answer?.of === asked) return { state: answer.found ? "found" : "failed", found: answer.found, why: answer.why, again };
  return { state: "asking", found: answer?.found ? stillAnswers(answer.found, asked) : null, why: "", again };
}
