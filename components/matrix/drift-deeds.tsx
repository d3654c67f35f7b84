"use client";
/** The two answers to a drift: it is what we want now, or it is put back. Putting back stages, like every other edit here. */
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Note } from "#components/ui/note.tsx";
import type { Failure, Outcome } from "#components/ui/failure.ts";
import { ownFailure } from "#components/identity/words.ts";
import type { Inspection } from "#lib/matrix/inspect.ts";
import { targetOf } from "#lib/matrix/pack.ts";
import type { MatrixModel } from "./model.ts";

/** `accept` null: not this person's to accept. `readAnew`: what the vault holds, after it was accepted. */
export type CellDeeds = { accept: ((previous: unknown, form: FormData) => Promise<Outcome<{ count: number }>>) | null; readAnew: (vaultRef: string) => void };

export function DriftDeeds({ model, cell, found, deeds, onDone }: { model: MatrixModel; cell: number; found: Inspection; deeds: CellDeeds; onDone?: () => void }) {
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { drift } = found;
  if (!drift || (!deeds.accept && !model.canStage)) return null;
  const { accept } = deeds;
  const { back } = drift;
  const run = async () => {
    if (!accept || pending) return;
    setPending(true);
    const form = new FormData();
    form.set("driftId", drift.driftId);
    const outcome = await accept(null, form).catch(() => null);
    setPending(false);
    setFailure(outcome?.ok ? null : (outcome?.failure ?? ownFailure("no_answer")));
    deeds.readAnew(found.vaultRef);
    if (outcome?.ok) onDone?.();
  };
  return (
    <>
      {failure ? <Note state="refused" title={failure.title} className="mb-2 basis-full">{failure.detail} {failure.remedy}</Note> : null}
      {accept ? <Button size="small" pending={pending ? "Accepting" : null} onClick={() => void run()}>Accept it</Button> : null}
      {model.canStage ? (
        <Button size="small" disabledReason={"why" in back ? back.why : null} onClick={() => { if ("wish" in back) { model.putBack(cell, targetOf(model.facts, back.wish), "put back"); onDone?.(); } }}>
          Put it back
        </Button>
      ) : null}
    </>
  );
}
