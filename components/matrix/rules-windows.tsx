"use client";
/** Rules by tag and pod, and views with a name. Rules stage when asked and never act. */
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { ownFailure } from "#components/identity/words.ts";
import type { Rule } from "#lib/matrix/rule.ts";
import { Except, exceptWords } from "./except.tsx";
import type { MatrixModel } from "./model.ts";
import { useModel } from "./use-model.ts";
import type { Action } from "./given-views.ts";
import type { View } from "./use-matrix.ts";

const unreached = ownFailure("no_answer");

export function RulesDialog({ model, open, onClose, save, forget, onChanged }: { model: MatrixModel; open: boolean; onClose: () => void; save: Action; forget: Action; onChanged: () => void }) {
  useModel(model);
  const [editing, setEditing] = useState<Rule | null>(null);
  if (!open) return null;
  const { facts, rules } = model;
  const words = (ids: readonly string[]) => facts.roles.filter(({ id }) => ids.includes(id)).map(({ name }) => name).join(", ");
  return (
    <Dialog open onOpenChange={(next) => next || onClose()} title="Rules" width={560} description="What should stand where a client's tag and a pod meet. A rule marks cells and stages what is missing when you ask it to; it never acts by itself.">
      <ul className="mb-4">
        {rules.map((rule) => {
          const except = exceptWords(model, rule.without);
          return (
            <li key={rule.id} className="flex items-center gap-3 border-t border-line py-2">
              <span className="min-w-0 flex-1"><b className="font-medium">{rule.name}</b><span className="block text-12 text-pretty text-text-2">{words(rule.roles)} for {facts.pods.find(({ id }) => id === rule.podId)?.name ?? "everybody"} at {rule.tag ? `clients tagged ${rule.tag}` : "every client"}{except ? <>, except <bdi>{except}</bdi></> : null}</span></span>
              {model.canStage ? <Button size="small" onClick={() => setEditing(rule)}>Change</Button> : null}
              {model.canStage ? <Form action={forget} submit="Remove" pending="Removing" error={unreached} disabledReason={null} tone="danger" onDone={() => { if (editing?.id === rule.id) setEditing(null); onChanged(); }}><input type="hidden" name="id" value={rule.id} /></Form> : null}
            </li>
          );
        })}
        {rules.length === 0 ? <li className="text-text-2">There is none yet.</li> : null}
      </ul>
      {/* Another key, another form: what is typed for one rule is not taken for the next. */}
      {model.canStage ? <RuleForm key={editing?.id ?? "new"} model={model} rule={editing} save={save} onDone={() => { setEditing(null); onChanged(); }} onCancel={() => setEditing(null)} /> : null}
    </Dialog>
  );
}

function RuleForm({ model, rule, save, onDone, onCancel }: { model: MatrixModel; rule: Rule | null; save: Action; onDone: () => void; onCancel: () => void }) {
  const { facts } = model;
  const [roles, setRoles] = useState<readonly string[]>(rule?.roles ?? []);
  const [out, setOut] = useState<ReadonlySet<string>>(new Set(rule?.without));
  const tags = [...new Set([...facts.rows.flatMap((row) => row.tags), ...(rule?.tag ? [rule.tag] : [])])].sort((a, b) => a.localeCompare(b));
  return (
    <Form action={save} submit={rule ? "Save the rule" : "Add the rule"} pending={rule ? "Saving" : "Adding"} error={unreached} disabledReason={roles.length === 0 ? "Choose a role." : null} clearWhenDone onDone={() => { setRoles([]); setOut(new Set()); onDone(); }} className="pb-2">
      <h3>{rule ? <>Change <bdi>{rule.name}</bdi></> : "A new rule"}</h3>
      {rule ? <input type="hidden" name="id" value={rule.id} /> : null}
      <Field name="name" label="Name"><Input maxLength={80} defaultValue={rule?.name ?? ""} /></Field>
      <div className="grid grid-cols-2 gap-3">
        <Field name="tag" label="Clients"><Select defaultValue={rule?.tag ?? ""} choices={[{ value: "", label: "Every client" }, ...tags.map((tag) => ({ value: tag, label: `Tagged ${tag}` }))]} /></Field>
        <Field name="podId" label="Technicians"><Select defaultValue={rule?.podId ?? ""} choices={[{ value: "", label: "Everybody" }, ...facts.pods.map((pod) => ({ value: pod.id, label: pod.name }))]} /></Field>
      </div>
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1.5"><legend className="mb-1">Roles</legend>{facts.roles.map((role) => <Checkbox key={role.id} checked={roles.includes(role.id)} onChange={(on) => setRoles(on ? [...roles, role.id] : roles.filter((id) => id !== role.id))}>{role.name}</Checkbox>)}</fieldset>
      <Except model={model} people out={out} onChange={setOut} />
      <input type="hidden" name="roles" value={roles.join(",")} />
      <input type="hidden" name="without" value={[...out].join(",")} />
      {rule ? <span><Button tone="quiet" onClick={onCancel}>Leave it as it is</Button></span> : null}
    </Form>
  );
}

export function ViewsDialog({ open, onClose, views, search, save, forget, onChanged, onOpen, canSave }: { open: boolean; onClose: () => void; views: readonly View[]; search: string; save: Action; forget: Action; onChanged: () => void; onOpen: (search: string) => void; canSave: boolean }) {
  if (!open) return null;
  return (
    <Dialog open onOpenChange={(next) => next || onClose()} title="Views" description="A view is an address with a name. Send the address to a colleague, or share the view with everybody.">
      <ul className="mb-4">
        {views.map((view) => (
          <li key={view.id} className="flex items-center gap-3 border-t border-line py-2">
            <button type="button" className="link min-w-0 flex-1 text-left" onClick={() => onOpen(view.search)}>{view.name}<span className="block text-12 text-text-3">{view.shared ? "for everybody" : "yours"}</span></button>
            {view.mine && canSave ? <Form action={forget} submit="Remove" pending="Removing" error={unreached} disabledReason={null} tone="danger" onDone={onChanged}><input type="hidden" name="id" value={view.id} /></Form> : null}
          </li>
        ))}
      </ul>
      {canSave ? (
        <Form action={save} submit="Save what is shown" pending="Saving" error={unreached} disabledReason={null} clearWhenDone onDone={onChanged} className="pb-2">
          <Field name="name" label="Name"><Input maxLength={80} /></Field>
          <Checkbox name="shared">Share it with everybody here</Checkbox>
          <input type="hidden" name="search" value={search} />
        </Form>
      ) : <Button onClick={onClose}>Close</Button>}
    </Dialog>
  );
}
