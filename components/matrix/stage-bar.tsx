"use client";
import { Lock } from "lucide-react";
import { useEffect } from "react";
import { tellStaged } from "#components/shell/staged-now.ts";
import { Button } from "#components/ui/button.tsx";
import { ChangeCounts } from "#components/ui/change-sign.tsx";
import { Keys } from "#components/ui/keys.tsx";
import type { MatrixModel } from "./model.ts";
import type { SyncState } from "./sync.ts";
import { useModel } from "./use-model.ts";

/** What is selected, what is staged, and the way on. The same in every lens. */
export function StageBar({ model, kept, onReview, grid }: { model: MatrixModel; kept: SyncState; onReview: () => void; grid: boolean }) {
  useModel(model, (now) => `${now.stage.version} ${now.selectionVersion} ${now.arrangedVersion} ${now.factsVersion} ${now.said}`);
  const { sum } = model.stage;
  const staged = sum.grant + sum.revoke + sum.alter;
  const { canStage } = model;
  const { grant, revoke, alter } = sum;
  useEffect(() => (canStage ? tellStaged({ grant, revoke, alter, more: false }) : undefined), [canStage, grant, revoke, alter]);
  const blocked = staged === 0 ? 0 : model.blocks.all().size;
  const hidden = model.hiddenSelected();
  const column = model.oneColumn();
  const lacking = model.lacking();
  return (
    <div className="mx-sbar">
      {grid && model.selectionCount > 0 ? (
        <span className="min-w-0 truncate">
          <b className="font-semibold">{model.selectionCount.toLocaleString("en")} selected</b>
          {hidden > 0 ? `, ${hidden.toLocaleString("en")} of them hidden` : ""}
        </span>
      ) : null}
      {grid && column && model.canStage ? (
        <button type="button" className="link mx-wide" onClick={() => model.selectColumn(column.person)}>
          Select all {column.rows.toLocaleString("en")} of {model.facts.people[column.person]!.name.split(" ")[0]}
        </button>
      ) : null}
      {grid && model.canStage ? (
        <span className="mx-wide flex items-center gap-3.5">
          <span className="kh"><Keys of="1" /> – <Keys of="9" /> role</span>
          <span className="kh"><Keys of="F" /> full</span>
          <span className="kh"><Keys of="⌫" /> revoke</span>
          <span className="kh"><Keys of="E" /> end date</span>
        </span>
      ) : null}
      {lacking > 0 && model.canStage ? (
        <button type="button" className="link mx-wide" onClick={() => model.byRules()}>
          Stage {lacking.toLocaleString("en")} that rules want
        </button>
      ) : null}
      <span className="sr-only" role="status">{model.spoken}</span>
      <span className="ml-auto flex min-w-0 items-center gap-3.5">
        {kept.state === "failed" || kept.words ? <span role="alert" className="min-w-0 truncate text-attention-text" data-hint={kept.words}>{kept.words}</span> : null}
        {staged === 0 ? <span className="text-text-3">{model.canStage ? "Nothing staged" : "Read only"}</span> : (
          <>
            <ChangeCounts grant={sum.grant} revoke={sum.revoke} alter={sum.alter} />
            <span className="text-text-2">{sum.rows.toLocaleString("en")} {sum.rows === 1 ? "vault" : "vaults"}</span>
            {blocked > 0 ? (
              <span className="inline-flex items-center gap-1 text-danger-text">
                <Lock className="size-3.5" strokeWidth={1.75} aria-hidden /> {blocked.toLocaleString("en")} blocked
              </span>
            ) : null}
            <span className="text-12 text-text-3 mx-wide" data-kept={kept.state}>{kept.state === "kept" ? "Draft saved" : kept.state === "saving" ? "Saving" : kept.state === "waiting" ? "Not saved yet" : "Not saved"}</span>
          </>
        )}
        {model.canStage ? (
          <span className="mx-wide inline-flex items-center">
            <Button tone="quiet" keys={<Keys of="Z" />} disabledReason={model.stage.canUndo ? null : "Nothing to undo here."} onClick={() => model.undo()}>
              Undo
            </Button>
          </span>
        ) : null}
        {model.canStage ? (
          <Button tone="sign" size="large" disabledReason={staged === 0 ? "Stage something first." : null} onClick={onReview}>
            Review plan
          </Button>
        ) : null}
      </span>
    </div>
  );
}
