"use client";
import { useState } from "react";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { Combobox } from "#components/ui/combobox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Deed } from "#components/role/use-deed.ts";
import type { AskForm as Askables } from "#lib/request/ask.ts";
import { lengths } from "./hours.ts";
import { NO_ANSWER } from "./no-answer.ts";

const roomWords = (free: number | null, limit: number | null) => (limit === null ? "tokens without limit" : free === null ? "room not known" : free === 0 ? "no token free: a slot would have to be lent" : `${free} of ${limit} tokens free`);

/** Which clients, what for, how long. `first`: a client that is chosen to begin with. */
export function AskForm({ form, first, ask, onDone }: { form: Askables; first?: string | undefined; ask: Deed<{ id: string }>; onDone?: () => void }) {
  const [chosen, setChosen] = useState<readonly string[]>(() => (first !== undefined && form.vaults.some(({ vaultRef }) => vaultRef === first) ? [first] : []));
  const [roles, setRoles] = useState<readonly string[]>([]);
  const clients = chosen.flatMap((ref) => form.vaults.find(({ vaultRef }) => vaultRef === ref) ?? []);
  const full = roles.includes("full");
  // What every chosen client has a number for.
  const possible = form.roles.filter(({ roleId }) => clients.every((one) => one.roles.includes(roleId)));
  const fullPossible = clients.every((one) => one.full !== "never");
  const { longestHours, longestFullHours } = form.policy;
  const toggle = (id: string, on: boolean) => setRoles((before) => (id === "full" ? (on ? ["full"] : []) : on ? [...before.filter((one) => one !== "full"), id] : before.filter((one) => one !== id)));
  return (
    <Form action={ask} submit="Ask" pending="Sending it" error={NO_ANSWER} disabledReason={chosen.length === 0 ? "Choose a client first." : roles.length === 0 ? "Choose a role first." : null} onDone={() => { setChosen([]); setRoles([]); toast({ state: "proven", words: "Asked. Owners were mailed; the answer comes by mail and stands here" }); onDone?.(); }} clearWhenDone>
      <input type="hidden" name="vaults" value={chosen.join(",")} />
      <input type="hidden" name="roles" value={roles.join(",")} />
      <Field name="client" label="Clients" help={clients.length === 0 ? "Up to 25 at once." : clients.map(({ client, free, limit }) => `${client}: ${roomWords(free, limit)}`).join(". ")}>
        <Combobox key={chosen.length} value={null} onChange={(ref) => ref !== null && setChosen((before) => (before.includes(ref) ? before : [...before, ref]))} placeholder="Type a client’s name" choices={form.vaults.filter(({ vaultRef }) => !chosen.includes(vaultRef)).map(({ vaultRef, client, aliases, free, limit }) => ({ value: vaultRef, label: client, detail: [aliases, roomWords(free, limit)].filter(Boolean).join(" · ") }))} />
      </Field>
      {clients.length > 0 ? <p className="-mt-1 flex flex-wrap gap-1.5">{clients.map(({ vaultRef, client }) => <Chip key={vaultRef} removeLabel={`Leave ${client} out`} onRemove={() => setChosen((before) => before.filter((one) => one !== vaultRef))}><bdi>{client}</bdi></Chip>)}</p> : null}
      <Field name="rolesShown" label="Role" group help={full ? `Everything in the vault, for ${longestFullHours} hours at most.` : undefined}>
        <div className="flex flex-wrap gap-x-4 gap-y-1">
          {possible.map(({ roleId, name }) => <Checkbox key={roleId} checked={roles.includes(roleId)} onChange={(on) => toggle(roleId, on)}>{name}</Checkbox>)}
          {fullPossible ? <Checkbox checked={full} onChange={(on) => toggle("full", on)}>Full access</Checkbox> : null}
          {possible.length === 0 && !fullPossible ? <span className="text-text-2">No role has a number at all of these. Ask for fewer at once.</span> : null}
        </div>
      </Field>
      <div className="grid grid-cols-[140px_minmax(0,1fr)] gap-4 max-thumb:grid-cols-1">
        <Field name="hours" label="How long"><Select key={String(full)} defaultValue="4" choices={lengths(full ? longestFullHours : longestHours)} /></Field>
        <Field name="ticket" label="Ticket" optional><Input autoComplete="off" dir="auto" maxLength={120} /></Field>
      </div>
      <Field name="reason" label="What for"><Input autoComplete="off" dir="auto" maxLength={120} placeholder="Printers are down at their branch" /></Field>
    </Form>
  );
}
