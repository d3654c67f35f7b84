"use client";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Deed } from "#components/role/use-deed.ts";
import { NO_ANSWER } from "./no-answer.ts";

/** A new token in place of one that is lost, or sealed to a former key. `held`: clients where one holds a row. */
export function RenewalForm({ held, first, ask }: { held: readonly { vaultRef: string; client: string }[]; first?: string | undefined; ask: Deed<{ id: string }> }) {
  const known = held.some(({ vaultRef }) => vaultRef === first);
  return (
    <Form action={ask} submit="Ask for a new token" pending="Sending it" error={NO_ANSWER} disabledReason={held.length === 0 ? "You hold no token anywhere." : null} clearWhenDone onDone={() => toast({ state: "proven", words: "Asked. The old token works until an owner signs the renewal" })}>
      <Field name="vaults" label="Client"><Select {...(known && first !== undefined ? { defaultValue: first } : {})} placeholder="Choose a client" choices={held.map(({ vaultRef, client }) => ({ value: vaultRef, label: client }))} /></Field>
      <Field name="reason" label="What happened to it"><Input autoComplete="off" dir="auto" maxLength={120} placeholder="New laptop, or: I do not know where it is" /></Field>
    </Form>
  );
}
