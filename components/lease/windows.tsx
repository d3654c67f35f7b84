"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { lengths } from "#components/request/hours.ts";
import { NO_ANSWER } from "#components/request/no-answer.ts";
import type { Deed } from "#components/plan/use-deed.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { LeaseLine } from "#lib/lease/list.ts";
import type { LendForm } from "#lib/lease/lend.ts";
import type { Policy } from "#lib/lease/policy.ts";
import { hoursWords } from "#lib/role/lengths.ts";

export type Planned = { planId: string; leftOut: number };
export type Full = { readonly vaultRef: string; readonly form: LendForm };

/** Ends of many rows moved by as much. */
export function ExtendDialog({ close, lines, policy, extend }: { close: () => void; lines: readonly LeaseLine[]; policy: Policy; extend: Deed<Planned> }) {
  const router = useRouter();
  const longest = lines.some(({ letters }) => letters.full) ? policy.longestFullHours : policy.longestHours;
  return (
    <Dialog open onOpenChange={close} title={`Extend ${lines.length === 1 ? `the access of ${lines[0]!.name}` : `${lines.length} rows`}`} description="Each end moves by this much; tokens stay as they are. It becomes a plan, and holds once it is signed.">
      <Form action={extend} submit="Make the plan" pending="Freezing it" error={NO_ANSWER} disabledReason={lines.length === 0 ? "Choose a row first." : null} aside={<Button onClick={close}>Leave them</Button>} className="pb-2" onDone={({ planId }) => router.push(`/plans/${planId}`)}>
        <input type="hidden" name="rows" value={JSON.stringify(lines.map(({ vaultRef, uid }) => ({ vaultRef, uid })))} />
        <Field name="hours" label="By" help={`What is left may be ${hoursWords(longest)} at most.`}><Select key={longest} defaultValue={String(Math.min(4, longest))} choices={lengths(longest)} /></Field>
        <Field name="reason" label="What for"><Input autoComplete="off" dir="auto" maxLength={120} /></Field>
      </Form>
    </Dialog>
  );
}

const idleWords = (at: number | null) => (at === null ? "never used" : `used ${new Date(at).toISOString().slice(0, 10)}`);

/** One row of a full vault for another, for some hours. */
export function LendDialog({ close, full, policy, lend }: { close: () => void; full: readonly Full[]; policy: Policy; lend: Deed<Planned> }) {
  const router = useRouter();
  const [ref, setRef] = useState(full[0]?.vaultRef ?? "");
  const [what, setWhat] = useState("");
  const form = full.find(({ vaultRef }) => vaultRef === ref)?.form ?? full[0]?.form;
  if (form === undefined) return null;
  const longest = what === "full" ? policy.longestFullHours : policy.longestHours;
  return (
    <Dialog open onOpenChange={close} title="Lend a slot" description="One row gives way, and another with an end takes its place, in one batch. Who gave it up gets a new token when it is given back.">
      <Form action={lend} submit="Make the plan" pending="Freezing it" error={NO_ANSWER} disabledReason={null} aside={<Button onClick={close}>Leave it</Button>} className="pb-2" onDone={({ planId }) => router.push(`/plans/${planId}`)}>
        <Field name="vaultRef" label="Client"><Select value={ref} onChange={setRef} choices={full.map(({ vaultRef, form: { client } }) => ({ value: vaultRef, label: client }))} /></Field>
        <div className="grid grid-cols-2 gap-4 max-thumb:grid-cols-1">
          <Field name="uid" label="Whose slot"><Select key={`from ${ref}`} placeholder="The least used first" choices={form.rows.map(({ uid, name, lastUsedAt }) => ({ value: uid, label: `${name}, ${idleWords(lastUsedAt)}` }))} /></Field>
          <Field name="borrowerId" label="Who needs it"><Select key={`to ${ref}`} placeholder="Choose" choices={form.people.map(({ id, name }) => ({ value: id, label: name }))} /></Field>
          <Field name="roles" label="Role"><Select key={`role ${ref}`} value={what} onChange={setWhat} placeholder="Choose" choices={[...form.roles.map(({ roleId, name }) => ({ value: roleId, label: name })), { value: "full", label: "Full access" }]} /></Field>
          <Field name="hours" label="How long"><Select key={longest} defaultValue={String(Math.min(4, longest))} choices={lengths(longest)} /></Field>
        </div>
      </Form>
    </Dialog>
  );
}
