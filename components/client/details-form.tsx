"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import type { Action } from "#components/identity/step-up.ts";
import { ownFailure } from "#components/identity/words.ts";
import { buttonClass } from "#components/ui/button-class.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { toast } from "#components/ui/toast.tsx";
import { isPlan, plans } from "#lib/billing/plan.ts";

type Details = { name: string; aliases: readonly string[] | string; tags: readonly string[] | string; region: string; contactName: string; contactPhone: string; contactMail: string; plan: string; payer: string };

const words = (list: readonly string[] | string) => (typeof list === "string" ? list : list.join(", "));
const PLANS = plans.map(({ id, name }) => ({ value: id, label: name }));
const PAYERS = [{ value: "msp", label: "We pay" }, { value: "client", label: "The client pays" }] as const;

/** Changes what is written down about a client. `mark`: of what the form was drawn with. */
export function DetailsForm({ clientId, details, mark, edit }: { clientId: string; details: Details; mark: string; edit: Action<{ id: string; name: string }> }) {
  const router = useRouter();
  const back = `/clients/${clientId}`;
  return (
    <Form
      action={edit} submit="Save" pending="Saving" error={ownFailure("no_answer")} disabledReason={null} aside={<Link href={back} className={buttonClass({})}>Leave as it is</Link>}
      onDone={() => { toast({ state: "proven", words: "Saved" }); router.push(back); }}
    >
      <input type="hidden" name="clientId" value={clientId} />
      <input type="hidden" name="mark" value={mark} />
      <Field name="name" label="Name" help="What your signers confirmed keeps the old name until the vault is confirmed again.">
        <Input defaultValue={details.name} autoComplete="off" dir="auto" maxLength={240} />
      </Field>
      <Field name="aliases" label="Other names" optional help="Separated by commas. The first one stands beside the name and tells it from others, such as its town.">
        <Input defaultValue={words(details.aliases)} autoComplete="off" dir="auto" />
      </Field>
      <Field name="tags" label="Tags" optional help="Separated by commas: pod-a, health. The list, the matrix and rules go by them.">
        <Input defaultValue={words(details.tags)} autoComplete="off" dir="auto" />
      </Field>
      <Field name="region" label="Region" optional><Input defaultValue={details.region} autoComplete="off" /></Field>
      <fieldset className="grid gap-4 border-t border-line pt-4">
        <legend className="sr-only">Their IT admin</legend>
        <Field name="contactName" label="Their IT admin" optional><Input defaultValue={details.contactName} autoComplete="off" dir="auto" /></Field>
        <div className="grid grid-cols-2 gap-4 max-thumb:grid-cols-1">
          <Field name="contactPhone" label="Telephone" optional help="A number that you had before: codes are compared on it."><Input type="tel" inputMode="tel" defaultValue={details.contactPhone} autoComplete="off" /></Field>
          <Field name="contactMail" label="Mail address" optional><Input type="email" inputMode="email" defaultValue={details.contactMail} autoComplete="off" /></Field>
        </div>
      </fieldset>
      <div className="grid grid-cols-2 gap-4 border-t border-line pt-4 max-thumb:grid-cols-1">
        <Field name="plan" label="Plan" help="What the vault enforces is set where the subscription is; this is what you reckon with.">
          <Select choices={isPlan(details.plan) ? PLANS : [...PLANS, { value: details.plan, label: details.plan }]} defaultValue={details.plan} />
        </Field>
        <Field name="payer" label="Who pays"><Select choices={PAYERS} defaultValue={details.payer === "client" ? "client" : "msp"} /></Field>
      </div>
    </Form>
  );
}
