"use client";
/** Whom a deed leaves out: typed for, ticked, and kept in sight. Vaults by their key, technicians by their id. */
import { useState } from "react";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { rowName } from "#lib/matrix/cell.ts";
import { fold } from "#lib/find/fold.ts";
import type { MatrixModel } from "./model.ts";

const most = 6;
type Choice = { id: string; name: string; detail: string };

function choicesOf(model: MatrixModel, people: boolean): Choice[] {
  const rows = model.facts.rows.map((row) => ({ id: row.key, name: rowName(row), detail: "" }));
  return people ? [...rows, ...model.facts.people.map((person) => ({ id: person.id, name: person.name, detail: "technician" }))] : rows;
}

/** `people`: technicians can be left out too. */
export function Except({ model, people, out, onChange }: { model: MatrixModel; people: boolean; out: ReadonlySet<string>; onChange: (out: ReadonlySet<string>) => void }) {
  const [find, setFind] = useState("");
  const all = choicesOf(model, people);
  const asked = fold(find);
  const shown = asked === "" ? [] : all.filter(({ name }) => fold(name).includes(asked)).slice(0, most);
  const ticked = all.filter(({ id }) => out.has(id) && !shown.some((one) => one.id === id));
  const toggle = (id: string) => {
    const next = new Set(out);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <>
      <Field name="except" label={people ? "Except these clients or technicians" : "Except these clients"} help="Type a name, then tick it." optional><Input value={find} onChange={(event) => setFind(event.target.value)} dir="auto" autoComplete="off" /></Field>
      {[...ticked, ...shown].map(({ id, name, detail }) => <Checkbox key={id} checked={out.has(id)} onChange={() => toggle(id)}><bdi>{name}</bdi>{detail ? <span className="text-text-3"> {detail}</span> : null}</Checkbox>)}
    </>
  );
}

/** "Acme, Sarah Lee and 3 more". */
export function exceptWords(model: MatrixModel, without: readonly string[]): string {
  if (without.length === 0) return "";
  const names = choicesOf(model, true).flatMap(({ id, name }) => (without.includes(id) ? [name] : []));
  const rest = without.length - Math.min(3, names.length);
  return [...names.slice(0, 3), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
}
