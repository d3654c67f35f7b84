"use client";
/** Brings a matrix to life: facts and draft at once, then what moves, then what is staged back to the server. */
import { useEffect, useRef, useState } from "react";
import { failureOfProblem, ownFailure } from "#components/identity/words.ts";
import type { Failure } from "#components/ui/failure.ts";
import type { Packed } from "#lib/matrix/pack.ts";
import type { Rule } from "#lib/matrix/rule.ts";
import { decodeFacts } from "#lib/matrix/wire.ts";
import { listenLive } from "./live.ts";
import { MatrixModel } from "./model.ts";
import { DraftSync, type Save, type SyncState } from "./sync.ts";

export type View = { id: string; name: string; search: string; shared: boolean; mine: boolean };
type OnTop = { draft: { ownerId: string; revision: number; cells: Packed; colleagues: { name: string; cells: Packed }[] }; rules: Rule[]; views: View[] };
export type Loaded = { model: MatrixModel; sync: DraftSync; views: View[]; reload: () => Promise<void>; readAnew: (vaultRef: string) => void };

/** Past this many rows at once, asking for all is one request instead of many. */
const mostRows = 200;

async function ask(path: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(path, { signal, credentials: "same-origin" });
  if (!response.ok) throw failureOfProblem(await response.json().catch(() => null));
  return response;
}
async function facts(signal: AbortSignal, vaults: readonly string[] = []) {
  const { body } = await ask(`/api/matrix${vaults.length > 0 ? `?${vaults.map((one) => `vault=${one}`).join("&")}` : ""}`, signal);
  return decodeFacts(new Uint8Array(await new Response(body!.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer()));
}
const onTop = async (signal: AbortSignal) => (await (await ask("/api/matrix/draft", signal)).json()) as OnTop;

/** Work one after the other. What fails is left: the next call, or the next opening, asks anew. */
function createLine(): (work: () => Promise<void>) => void {
  let last = Promise.resolve();
  return (work) => {
    last = last.then(work).catch(() => undefined);
  };
}
const isFailure = (error: unknown): error is Failure => typeof error === "object" && error !== null && "remedy" in error;

export function useMatrix(canStage: boolean, save: Save): { loaded: Loaded | null; failure: Failure | null; kept: SyncState } {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [kept, setKept] = useState<SyncState>({ state: "kept", words: "" });
  const saving = useRef(save);
  useEffect(() => {
    saving.current = save;
  });
  useEffect(() => {
    const over = new AbortController();
    const { signal } = over;
    let sync: DraftSync | null = null;
    let deaf = () => {};
    const begin = async () => {
      performance.mark("matrix-asked");
      const [first, top] = await Promise.all([facts(signal), onTop(signal)]);
      if (signal.aborted) return;
      const model = new MatrixModel(first, canStage);
      sync = new DraftSync(model, (previous, form) => saving.current(previous, form), setKept);
      const kept = sync;
      kept.adopt(top.draft);
      model.setRules(top.rules);
      const reload = async () => {
        const [next, above] = await Promise.all([facts(signal), onTop(signal)]);
        model.replace(next, false);
        kept.adopt(above.draft);
        model.setRules(above.rules);
        setLoaded((now) => now && { ...now, views: above.views });
      };
      const above = async () => {
        const next = await onTop(signal);
        kept.adopt(next.draft);
        model.setRules(next.rules);
        model.tell("painted");
      };
      const read = async (vaults: readonly string[]) => {
        if (vaults.length > mostRows || !model.replace(await facts(signal, vaults), true)) await reload();
      };
      // What vaults hold and what people stage come in two lines, each one after the other: an answer that was overtaken must not undo
      // the later one, and what a vault says must not wait for a colleague's draft of 50,000 cells.
      const [vaultLine, draftLine] = [createLine(), createLine()];
      deaf = listenLive(({ vaults, drafts, missed }) => {
        if (missed) return vaultLine(reload);
        if (vaults.length > 0) vaultLine(() => read(vaults));
        if (drafts.length > 0) draftLine(async () => {
          // One's own save comes back as a call: what it says is what was sent.
          await kept.quiet();
          if (drafts.some(({ ownerId, revision }) => ownerId !== top.draft.ownerId || revision > kept.revision)) await above();
        });
      });
      performance.mark("matrix-decoded");
      setLoaded({ model, sync: kept, views: top.views, reload, readAnew: (vaultRef) => vaultLine(() => read([vaultRef])) });
    };
    begin().catch((error: unknown) => {
      if (signal.aborted) return;
      // What no server said is a fault of ours: the page says that it has nothing, and the fault is not swallowed.
      if (!isFailure(error)) reportError(error);
      setFailure(isFailure(error) ? error : ownFailure("no_answer"));
    });
    return () => {
      over.abort();
      deaf();
      sync?.stop();
    };
  }, [canStage]);
  useEffect(() => {
    // What is not saved yet is saved when the page is left; the draft is the server's, not this tab's.
    const leave = () => {
      if (document.hidden) void loaded?.sync.flush();
    };
    // Leaving the site may cut a save short: the browser asks, and what is staged is saved while it does.
    const unload = (event: BeforeUnloadEvent) => {
      if (loaded === null || loaded.sync.isKept) return;
      void loaded.sync.flush();
      event.preventDefault();
    };
    document.addEventListener("visibilitychange", leave);
    window.addEventListener("beforeunload", unload);
    return () => {
      document.removeEventListener("visibilitychange", leave);
      window.removeEventListener("beforeunload", unload);
    };
  }, [loaded]);
  return { loaded, failure, kept };
}
