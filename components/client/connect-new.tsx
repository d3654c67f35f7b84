"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { plans } from "#lib/billing/plan.ts";
import { StepHead } from "./connect-shell.tsx";
import { NO_ANSWER, type Action } from "./connect-words.ts";

const PLANS = plans.map(({ id, name }) => ({ value: id as string, label: name }));

/** Step 1: who the client is and whom to call. What is written here stays with us; the name is what signers confirm later. */
export function ConnectNew({ action }: { action: Action<{ clientId: string }> }) {
  const router = useRouter();
  const [gone, setGone] = useState(false);
  return (
    <>
      <StepHead title="Who is the client?">Their name is what a signer confirms later, beside the key of their vault. The rest helps you find them and call them.</StepHead>
      <Form action={action} submit="Go on" pending="Keeping" error={NO_ANSWER} disabledReason={gone ? "It is kept; the next step opens." : null} onDone={({ clientId }) => (setGone(true), router.push(`/clients/${clientId}/connect`))}>
        <Field name="name" label="Name"><Input autoComplete="off" dir="auto" maxLength={120} required /></Field>
        <Field name="aliases" label="Other names" optional help="Separated by commas. What tells two of one name apart, such as the town, comes first."><Input autoComplete="off" dir="auto" placeholder="Leeds" /></Field>
        <div className="grid gap-4 thumb:grid-cols-2">
          <Field name="tags" label="Tags" optional help="Separated by commas."><Input autoComplete="off" placeholder="pod-a, food" /></Field>
          <Field name="region" label="Region" optional><Input autoComplete="off" placeholder="North" /></Field>
        </div>
        <Field name="contactName" label="Contact" optional help="Their IT admin, who owns the vault or can reach who does."><Input autoComplete="off" dir="auto" /></Field>
        <div className="grid gap-4 thumb:grid-cols-2">
          <Field name="contactPhone" label="Telephone" optional help="The number you already have: codes are compared on it."><Input type="tel" inputMode="tel" autoComplete="off" /></Field>
          <Field name="contactMail" label="Mail" optional help="The link can be sent there."><Input type="email" inputMode="email" autoComplete="off" /></Field>
        </div>
        <Field name="plan" label="Plan" help="What they have, or will have. Its limits are checked before every change."><Select choices={PLANS} defaultValue="team-10" /></Field>
      </Form>
    </>
  );
}
