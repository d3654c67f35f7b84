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
import type { MatrixModel } from "./model.ts";
import type { Action } from "./given-views.ts";
import type { View } from "./use-matrix.ts";

const unreached = ownFailure("no_answer");

export function RulesDialog({ model, open, onClose, save, forget, onChanged }: { model: MatrixModel; open: boolean; onClose: () => void; save: Action; forget: Action; onChanged: () => void }) {
  const [roles, setRoles] = useState<readonly string[]>([]);
  if (!open) return null;
  const { facts, rules } = model;
  const tags = [...new Set(facts.rows.flatMap((row) => row.tags))].sort((a, b) => a.localeCompare(b));
  const words = (ids: readonly string[]) => facts.roles.filter(({ id }) => ids.includes(id)).map(({ name }) => name).join(", ");
  return (
    <Dialog open onOpenChange={(next) => next || onClose()} title="Rules" width={560} description="What should stand where a client's tag and a pod meet. A rule marks cells and stages what is missing when you ask it to; it never acts by itself.">
      <ul className="mb-4">
        {rules.map((rule) => (
          <li key={rule.id} className="flex items-center gap-3 border-t border-line py-2">
            <span className="min-w-0 flex-1"><b className="font-medium">{rule.name}</b><span className="block text-12 text-text-2">{words(rule.roles)} for {facts.pods.find(({ id }) => id === rule.podId)?.name ?? "everybody"} at {rule.tag ? `clients tagged ${rule.tag}` : "every client"}</span></span>
            {model.canStage ? <Form action={forget} submit="Remove" pending="Removing" error={unreached} disabledReason={null} tone="danger" onDone={onChanged}><input type="hidden" name="id" value={rule.id} /></Form> : null}
          </li>
        ))}
        {rules.length === 0 ? <li className="text-text-2">There is none yet.</li> : null}
      </ul>
      {model.canStage ? (
        <Form action={save} submit="Add the rule" pending="Adding" error={unreached} disabledReason={roles.length === 0 ? "Choose a role." : null} clearWhenDone onDone={() => { setRoles([]); onChanged(); }} className="pb-2">
          <Field name="name" label="Name"><Input maxLength={80} /></Field>
          <div className="grid grid-cols-2 gap-3">
            <Field name="tag" label="Clients"><Select defaultValue="" choices={[{ value: "", label: "Every client" }, ...tags.map((tag) => ({ value: tag, label: `Tagged ${tag}` }))]} /></Field>
            <Field name="podId" label="Technicians"><Select defaultValue="" choices={[{ value: "", label: "Everybody" }, ...facts.pods.map((pod) => ({ value: pod.id, label: pod.name }))]} /></Field>
          </div>
          <fieldset className="flex flex-wrap gap-x-4 gap-y-1.5"><legend className="mb-1">Roles</legend>{facts.roles.map((role) => <Checkbox key={role.id} checked={roles.includes(role.id)} onChange={(on) => setRoles(on ? [...roles, role.id] : roles.filter((id) => id !== role.id))}>{role.name}</Checkbox>)}</fieldset>
          <input type="hidden" name="roles" value={roles.join(",")} />
        </Form>
      ) : null}
    </Dialog>
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
