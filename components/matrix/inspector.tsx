"use client";
/** "Why does this person have this": the peek beside a cell, and the inspector with all of it. */
import Link from "next/link";
import { useEffect, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Drawer } from "#components/ui/dialog.tsx";
import { Glyph } from "#components/ui/glyph.tsx";
import { Keys } from "#components/ui/keys.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Note } from "#components/ui/note.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { accessWords, rowName, stagedWords, targetWords } from "#lib/matrix/cell.ts";
import { flag, isHeld } from "#lib/matrix/facts.ts";
import type { Inspection } from "#lib/matrix/inspect.ts";
import { nothing, sign } from "#lib/matrix/stage.ts";
import { DriftDeeds, type CellDeeds } from "./drift-deeds.tsx";
import type { MatrixModel } from "./model.ts";
import { useModel } from "./use-model.ts";
import { Ways } from "./ways.tsx";

/** How many tokens are staged in a cell's vault while they are too many there; 0 when they fit. */
function tooMany(model: MatrixModel, cell: number): number {
  if (cell < 0 || model.stage.sign[cell] === sign.none || model.blocks.of(cell) !== "limit") return 0;
  return Math.max(0, model.stage.rowTokens[Math.floor(cell / model.facts.people.length)]!);
}

function useInspection(model: MatrixModel, cell: number): Inspection | null | "failed" {
  const [found, setFound] = useState<{ cell: number; value: Inspection | "failed" } | null>(null);
  const { facts } = model;
  const adding = tooMany(model, cell);
  useEffect(() => {
    if (cell < 0) return undefined;
    const over = new AbortController();
    const width = facts.people.length;
    const query = new URLSearchParams({ key: facts.rows[Math.floor(cell / width)]!.key, personId: facts.people[cell % width]!.id, ...(adding > 0 && { adding: String(adding) }) });
    fetch(`/api/matrix/cell?${query}`, { signal: over.signal })
      .then(async (response) => setFound({ cell, value: response.ok ? ((await response.json()) as Inspection) : "failed" }))
      .catch(() => !over.signal.aborted && setFound({ cell, value: "failed" }));
    return () => over.abort();
  }, [facts, cell, adding]);
  return found?.cell === cell ? found.value : null;
}

const namesOf = (cell: number, model: MatrixModel) => {
  const width = model.facts.people.length;
  return { row: model.facts.rows[Math.floor(cell / width)]!, person: model.facts.people[cell % width]! };
};

/** Two columns: what we want, and what the vault was read to hold. */
function Both({ model, cell }: { model: MatrixModel; cell: number }) {
  const { row } = namesOf(cell, model);
  const { facts, stage } = model;
  const flags = facts.cells.flags[cell]!;
  const unmapped = (flags & flag.unmapped) !== 0;
  const there = flags & flag.gone ? "no token of theirs" : accessWords(facts, facts.cells.access[cell]!, unmapped);
  const wanted = stage.sign[cell] === sign.none ? (flags & flag.drift && !(flags & flag.gone) ? "not agreed here" : accessWords(facts, facts.cells.access[cell]!, unmapped)) : targetWords(facts, stage.wanted(cell, { ...nothing }), model.minute);
  return (
    <div className="grid grid-cols-2 border-y border-line">
      <div className="px-3.5 py-2"><span className="text-12 text-text-3">We want</span><p className="mt-0.5">{wanted}</p></div>
      <div className="border-l border-line px-3.5 py-2"><span className="text-12 text-text-3">In the vault{row.age === null ? "" : `, ${row.age} min ago`}</span><p className="mt-0.5">{there}</p></div>
    </div>
  );
}

function Against({ model, cell, found }: { model: MatrixModel; cell: number; found: Inspection | null }) {
  const cause = model.stage.sign[cell] === sign.none ? null : model.blocks.of(cell);
  if (!cause) return null;
  const { what, help } = model.causeWords(cell, cause);
  return (
    <>
      <Note state="refused" title={`Blocked: ${what}.`} className="m-3.5" {...(cause === "length" && model.canStage && { action: <Button size="small" onClick={() => model.endWithin(cell)}>Set it</Button> })}>
        {help}
      </Note>
      {cause === "limit" && found ? <Ways model={model} cell={cell} ways={found.ways} may={found.may} /> : null}
    </>
  );
}

function lines(found: Inspection | null | "failed") {
  if (found === null) return null;
  if (found === "failed") return [{ key: "failed", label: "Details", value: <span className="text-attention-text">could not be read</span> }];
  const [row] = found.rows;
  return [
    ...(row ? [{ key: "token", label: "Token", value: <span><span className="mono">{row.agent}</span>, since <RelativeTime at={row.createdAt} /></span> }, { key: "used", label: "Last used", value: row.lastUsedAt ? <RelativeTime at={row.lastUsedAt} /> : "never" }] : []),
    ...(found.drift ? [{ key: "changed", label: "Changed", value: <span>{found.drift.changedBy ? `by ${found.drift.changedBy}, ` : ""}<RelativeTime at={found.drift.changedAt ?? found.drift.seenAt} /></span> }] : []),
    ...(found.cover.length > 0 ? [{ key: "cover", label: "Cover", value: found.cover.map(({ role, others }) => `${others === 0 ? "nobody else holds" : others === 1 ? "one other holds" : `${others} others hold`} ${role}`).join("; ") }] : []),
  ];
}

/** A card beside the focused cell. The focus stays in the grid; the next arrow moves on. */
export function Peek({ model, cell, onMore, deeds }: { model: MatrixModel; cell: number; onMore: () => void; deeds: CellDeeds }) {
  const found = useInspection(model, cell);
  if (cell < 0) return null;
  const { row, person } = namesOf(cell, model);
  const flags = model.facts.cells.flags[cell]!;
  const words = model.sentence(cell).slice(`${rowName(row)}, ${person.name}: `.length);
  const known = lines(found);
  const full = found && found !== "failed" ? found : null;
  return (
    <aside aria-label="Peek">
      <div className="px-3.5 pt-3 pb-2.5">
        <h2 className="flex items-center gap-1.5 text-13"><Glyph state={flags & flag.drift ? "attention" : model.stage.sign[cell] !== sign.none ? "staged" : "none"} /><span className="min-w-0 truncate"><bdi>{row.name}</bdi>, <bdi>{person.name}</bdi></span></h2>
        <p className="mt-0.5 text-pretty text-text-2 first-letter:uppercase">{words}.</p>
      </div>
      <Both model={model} cell={cell} />
      <Against model={model} cell={cell} found={full} />
      <div className="min-h-[84px] px-3.5 py-2">{known ? <KeyValues of={known} /> : isHeld(model.facts.cells.access[cell]!) ? <><Skeleton className="my-2 w-3/4" /><Skeleton className="my-2 w-1/2" /></> : null}</div>
      <div className="flex flex-wrap items-center gap-1.5 border-t border-line px-3.5 py-2 text-text-3">
        {full ? <DriftDeeds key={cell} model={model} cell={cell} found={full} deeds={deeds} /> : null}
        <Button tone="quiet" size="small" keys={<Keys of="↵" />} onClick={onMore}>More</Button>
        <span className="ml-auto"><Keys of="Esc" /></span>
      </div>
    </aside>
  );
}

/** One line of the history: what was recorded, or a plan's change with who wanted it, who signed it and the way to it. */
function Happened({ line: { who, what, plan } }: { line: Inspection["history"][number] }) {
  if (plan === null) return <><bdi>{who}</bdi> {what}</>;
  const title = <bdi>{plan.title}</bdi>;
  return (
    <>
      A plan of <bdi>{who}</bdi> {what}: {plan.id === null ? title : <Link href={`/plans/${plan.id}`} className="link">{title}</Link>}, signed by {plan.signed.map((name, at) => <span key={name}>{at > 0 ? " and " : ""}<bdi>{name}</bdi></span>)}
    </>
  );
}

/** All of it, in a panel from the right. */
export function Inspector({ model, cell, open, onOpenChange, deeds }: { model: MatrixModel; cell: number; open: boolean; onOpenChange: (open: boolean) => void; deeds: CellDeeds }) {
  useModel(model);
  const found = useInspection(model, open ? cell : -1);
  if (cell < 0) return null;
  const { row, person } = namesOf(cell, model);
  const full = found && found !== "failed" ? found : null;
  const staged = stagedWords({ facts: model.facts, stage: model.stage, minute: model.minute }, cell);
  const reason = model.stage.reasonOf(cell);
  return (
    <Drawer open={open} onOpenChange={onOpenChange} title={<><bdi>{person.name}</bdi> at <bdi>{row.name}</bdi></>} description={`${model.sentence(cell).split(": ").slice(1).join(": ")}.`}>
      <div className="-mx-5"><Both model={model} cell={cell} /></div>
      <div className="-mx-3.5"><Against model={model} cell={cell} found={full} /></div>
      {full ? <div className="mt-3 flex flex-wrap gap-1.5 empty:hidden"><DriftDeeds key={cell} model={model} cell={cell} found={full} deeds={deeds} onDone={() => onOpenChange(false)} /></div> : null}
      {staged ? <p className="mt-3 text-accent-text first-letter:uppercase">{staged}{reason ? `: ${reason}` : ""}</p> : null}
      {model.colleagueAt(cell) ? <p className="mt-2 text-text-2">{model.colleagueAt(cell)}</p> : null}
      <h3 className="mt-4 mb-1">In the vault</h3>
      {found === "failed" ? <p className="text-attention-text">The details could not be read. Close this and open it again.</p> : full === null ? <Skeleton className="my-2 w-2/3" /> : full.rows.length === 0 ? <p className="text-text-2">No row of theirs is there.</p> : full.rows.map((one) => (
        <div key={one.uid} className="border-t border-line py-2">
          <KeyValues of={[
            { key: "token", label: "Token", value: <span><span className="mono">{one.agent}</span>{one.ours ? "" : ", the client's own"}</span> },
            { key: "roles", label: "Numbers", value: one.fullAccess ? "reads everything" : one.scopes.length === 0 ? "none" : one.scopes.map(({ scope, role }) => `${role ?? "no role"} ${scope}`).join(", ") },
            { key: "since", label: "Since", value: <RelativeTime at={one.createdAt} /> },
            { key: "until", label: "Until", value: one.endsAt ? <RelativeTime at={one.endsAt} /> : "no end" },
            { key: "used", label: "Last used", value: one.lastUsedAt ? <RelativeTime at={one.lastUsedAt} /> : "never" },
            { key: "hand", label: "Handed over", value: one.handOver === "sealed" ? "sealed to their inbox key" : "known to the client" },
            { key: "id", label: "Row", value: <CopyableId id={one.uid} what="row" /> },
          ]} />
        </div>
      ))}
      {full ? (
        <>
          <KeyValues className="mt-3" of={[...(lines(full) ?? []).filter(({ key }) => key === "changed" || key === "cover"), { key: "vault", label: "Vault", value: <CopyableId id={full.vaultRef} what="vault" /> }, { key: "audit", label: "Audit", value: <Link href={`/audit?q=${encodeURIComponent(`since:30d vault:${full.vaultRef} person:${person.id}`)}`} className="link">What they did here</Link> }, ...(full.readAt ? [{ key: "read", label: "Read", value: <RelativeTime at={full.readAt} /> }] : [])]} />
          {full.words ? <p className="mt-2 text-text-2">{full.words}</p> : null}
          {full.history.length > 0 ? <><h3 className="mt-4 mb-1">History</h3><ul>{full.history.map((one) => <li key={`${one.at} ${one.what} ${one.plan?.title ?? ""}`} className="border-t border-line py-1.5"><span className="text-text-3"><RelativeTime at={one.at} /></span> <Happened line={one} /></li>)}</ul></> : null}
        </>
      ) : null}
    </Drawer>
  );
}
