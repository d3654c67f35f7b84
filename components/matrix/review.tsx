"use client";
/** What is staged, in words, before it becomes a plan: by client, removals on top, what is blocked with its cause and what would help. */
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "#components/ui/button.tsx";
import { ChangeCounts, ChangeSign } from "#components/ui/change-sign.tsx";
import { Drawer } from "#components/ui/dialog.tsx";
import { Note } from "#components/ui/note.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { rowName, stagedWords } from "#lib/matrix/cell.ts";
import { sign } from "#lib/matrix/stage.ts";
import { unstage } from "#lib/matrix/edit.ts";
import type { MatrixModel } from "./model.ts";
import { useModel } from "./use-model.ts";
import type { MakePlan } from "./use-plan.ts";

const most = 300;
const verb = { [sign.grant]: "grant", [sign.revoke]: "revoke", [sign.alter]: "alter" } as const;

export function Review({ model, open, onOpenChange, plan }: { model: MatrixModel; open: boolean; onOpenChange: (open: boolean) => void; plan: MakePlan }) {
  useModel(model);
  const [by, setBy] = useState<"client" | "technician">("client");
  if (!open) return null;
  const { facts, stage } = model;
  const width = facts.people.length;
  const rank = (cell: number) => (stage.sign[cell] === sign.revoke ? 0 : stage.sign[cell] === sign.alter ? 1 : 2);
  const cells = [...stage.cells()].sort((a, b) => rank(a) - rank(b));
  const groups = new Map<string, number[]>();
  for (const cell of cells) {
    const name = by === "client" ? rowName(facts.rows[Math.floor(cell / width)]!) : facts.people[cell % width]!.name;
    groups.set(name, [...(groups.get(name) ?? []), cell]);
  }
  const blocks = model.blocks.all();
  const long = [...blocks.values()].filter((cause) => cause === "length").length;
  let left = most;
  return (
    <Drawer open onOpenChange={onOpenChange} title={`Staged in ${stage.sum.rows.toLocaleString("en")} ${stage.sum.rows === 1 ? "vault" : "vaults"}`} description={<ChangeCounts grant={stage.sum.grant} revoke={stage.sum.revoke} alter={stage.sum.alter} />} footer={<><Button tone="quiet" onClick={() => model.unstageAll()}>Take all back</Button><Button tone="sign" pending={plan.pending} disabledReason={cells.length === 0 ? "Nothing is staged." : plan.disabledReason} onClick={plan.run}>Make the plan</Button></>}>
      {plan.failure ? <Note state="refused" title={plan.failure.title} className="mb-3">{plan.failure.detail} {plan.failure.remedy}</Note> : null}
      <div className="mb-3"><Segmented label="Group" value={by} onChange={setBy} choices={[{ value: "client", label: "By client" }, { value: "technician", label: "By technician" }]} /></div>
      {blocks.size > 0 ? <p className="mb-3 text-danger-text">{blocks.size === 1 ? "1 change is blocked" : `${blocks.size.toLocaleString("en")} changes are blocked`}: they stay staged, the others can go on.</p> : null}
      {long > 0 ? <Note state="attention" title={`${long === 1 ? "One is" : `${long.toLocaleString("en")} are`} for longer than your organisation allows.`} className="mb-3" {...(model.canStage && { action: <Button size="small" onClick={() => model.endWithin()}>Set the ends</Button> })}>Each gets an end of its own, as late as the rules for it allow.</Note> : null}
      {[...groups].map(([name, list]) => {
        const shown = list.slice(0, Math.max(0, left));
        left -= shown.length;
        return shown.length === 0 ? null : (
          <section key={name} className="mb-3">
            <h3 className="mb-0.5"><bdi>{name}</bdi></h3>
            <ul>
              {shown.map((cell) => {
                const cause = blocks.get(cell);
                const against = cause ? model.causeWords(cell, cause) : null;
                const who = by === "client" ? facts.people[cell % width]!.name : rowName(facts.rows[Math.floor(cell / width)]!);
                const reason = stage.reasonOf(cell);
                return (
                  <li key={cell} className="flex items-start gap-2 border-t border-line py-1.5">
                    <ChangeSign change={verb[stage.sign[cell] as 1 | 2 | 3]} />
                    <span className="min-w-0 flex-1">
                      <bdi>{who}</bdi> <span className="text-text-2">{stagedWords({ facts, stage, minute: model.minute }, cell).replace(/^staged: /, "")}{reason ? ` (${reason})` : ""}</span>
                      {against ? <span className="block text-12 text-danger-text">Blocked: {against.what}. {against.help}</span> : null}
                    </span>
                    <IconButton size="small" label={`Take back ${who}`} icon={<Undo2 aria-hidden />} onClick={() => { unstage(stage, Uint32Array.of(cell)); model.tell("painted"); }} />
                  </li>
                );
              })}
            </ul>
          </section>
        );
      })}
      {cells.length > most ? <p className="text-text-2">And {(cells.length - most).toLocaleString("en")} more.</p> : null}
    </Drawer>
  );
}
