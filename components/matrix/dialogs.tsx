"use client";
/** The questions that a deed of the matrix asks: an end, a reason, like whom, who leaves. Each is staged only, so none asks twice. */
import { useId, useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { isHeld, ROLES } from "#lib/matrix/facts.ts";
import { nothing } from "#lib/matrix/stage.ts";
import { Except } from "./except.tsx";
import type { MatrixModel } from "./model.ts";

type Shared = { model: MatrixModel; open: boolean; onClose: () => void };
const cells = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "cell" : "cells"}`;

function Ask({ open, onClose, title, description, submit, onSubmit, children, extra, width }: { open: boolean; onClose: () => void; title: string; description: string; submit: string; onSubmit: () => void; children: ReactNode; extra?: ReactNode; width?: number }) {
  const form = useId();
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
    onClose();
  };
  return (
    <Dialog open={open} onOpenChange={(next) => next || onClose()} title={title} description={description} {...(width && { width })} footer={<>{extra}<Button onClick={onClose}>Cancel</Button><Button tone="sign" type="submit" form={form}>{submit}</Button></>}>
      <form id={form} onSubmit={send} className="grid gap-4 pb-2">
        {children}
      </form>
    </Dialog>
  );
}

/** Local date and time as the field wants it. */
const fieldTime = (at: Date) => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

export function EndDialog({ model, open, onClose }: Shared) {
  const [at, setAt] = useState(() => fieldTime(new Date(Date.now() + 30 * 86_400_000)));
  const [onlyNew, setOnlyNew] = useState(false);
  if (!open) return null;
  const target = model.target();
  const known = { ...nothing };
  // Only where something is added to what is there already does the question make sense.
  const mixed = [...target].some((cell) => isHeld(model.stage.known(cell, known).access) && (model.stage.wanted(cell, { ...nothing }).access & ROLES & ~known.access) !== 0);
  return (
    <Ask open onClose={onClose} title="When does it end?" description={`For ${cells(target.length)}. The vault ends it by itself at that minute.`} submit="Stage the end" onSubmit={() => model.end(Math.ceil(new Date(at).getTime() / 60_000), mixed && onlyNew)} extra={<Button tone="quiet" onClick={() => { model.end(0, false); onClose(); }}>No end</Button>}>
      <Field name="end" label="End, in your time zone"><Input type="datetime-local" required value={at} min={fieldTime(new Date())} onChange={(event) => setAt(event.target.value)} /></Field>
      <div className="flex flex-wrap gap-2">
        {[[8 / 24, "In 8 hours"], [1, "Tomorrow"], [7, "In a week"], [30, "In 30 days"], [90, "In 90 days"]].map(([days, label]) => <Button key={label} size="small" onClick={() => setAt(fieldTime(new Date(Date.now() + Number(days) * 86_400_000)))}>{label}</Button>)}
      </div>
      {mixed ? <Checkbox help="They become a second row beside what stays, which costs a token of its own." checked={onlyNew} onChange={setOnlyNew}>Only the roles that are new</Checkbox> : null}
    </Ask>
  );
}

export function ReasonDialog({ model, open, onClose }: Shared) {
  const [text, setText] = useState("");
  if (!open) return null;
  return (
    <Ask open onClose={onClose} title="Why?" description="It stands with the staged cells, in the plan and in the record." submit="Note it" onSubmit={() => model.reason(text.trim().slice(0, 240))}>
      <Field name="reason" label="Reason or ticket" optional><Input value={text} maxLength={240} onChange={(event) => setText(event.target.value)} /></Field>
    </Ask>
  );
}

/** Make one like another, except at some clients: those that are selected, or those that a query names. */
export function LikeDialog({ model, open, onClose }: Shared) {
  const width = model.facts.people.length;
  const focused = model.focused >= 0 ? model.focused % width : 0;
  const [to, setTo] = useState<string | null>(null);
  const [from, setFrom] = useState<string | null>(null);
  const [more, setMore] = useState("exact");
  const [out, setOut] = useState<ReadonlySet<string>>(new Set());
  if (!open) return null;
  const people = model.facts.people.map((person, at) => ({ value: String(at), label: person.name }));
  const target = Number(to ?? focused);
  const source = from === null ? null : Number(from);
  const rows = model.facts.rows.flatMap((row, at) => (out.has(row.key) ? [] : [at]));
  const touched = source === null ? [] : rows.filter((row) => isHeld(model.facts.cells.access[row * width + source]!) || isHeld(model.facts.cells.access[row * width + target]!));
  return (
    <Ask open onClose={onClose} width={540} title="Make one like another" description="Every client at once, staged only; one undo takes it back." submit={source === null ? "Choose whom" : `Stage at ${touched.length.toLocaleString("en")} vaults`} onSubmit={() => { if (source !== null && source !== target) model.like(source, target, rows, more === "more"); }}>
      <div className="grid grid-cols-2 gap-3">
        <Field name="to" label="Make"><Select choices={people} value={String(target)} onChange={setTo} /></Field>
        <Field name="from" label="like"><Select choices={people.filter(({ value }) => value !== String(target))} placeholder="Choose…" {...(from !== null && { value: from })} onChange={setFrom} /></Field>
      </div>
      <Field name="more" label="How"><Select choices={[{ value: "exact", label: "Exactly: also take away what the other does not have" }, { value: "more", label: "Only add what is missing" }]} value={more} onChange={setMore} /></Field>
      <Except model={model} people={false} out={out} onChange={setOut} />
    </Ask>
  );
}

export function LeaveDialog({ model, open, onClose }: Shared) {
  const width = model.facts.people.length;
  const [who, setWho] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  if (!open) return null;
  const person = Number(who ?? (model.focused >= 0 ? model.focused % width : 0));
  const vaults = model.facts.rows.filter((_, row) => isHeld(model.facts.cells.access[row * width + person]!)).length;
  return (
    <Ask open onClose={onClose} title="Who leaves?" description="Every row of theirs that we manage is staged to end, in every vault." submit={`Stage removal in ${vaults.toLocaleString("en")} ${vaults === 1 ? "vault" : "vaults"}`} onSubmit={() => model.leave(person, reason.trim().slice(0, 240) || "leaves")}>
      <Field name="who" label="Technician"><Select choices={model.facts.people.map((one, at) => ({ value: String(at), label: one.name }))} value={String(person)} onChange={setWho} /></Field>
      <Field name="reason" label="Reason" optional><Input value={reason} maxLength={240} onChange={(event) => setReason(event.target.value)} /></Field>
    </Ask>
  );
}
