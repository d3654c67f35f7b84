"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import type { Deed } from "#components/role/use-deed.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Details } from "#lib/billing/details.ts";

const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "The connection broke, so we cannot say whether it was saved.", remedy: "Load the page again and look before you repeat it." };
/** As the payment provider names them (lib/billing/details.ts). */
const KINDS: readonly { value: Details["taxIdType"]; label: string }[] = [{ value: "", label: "None" }, { value: "eu_vat", label: "EU VAT number" }, { value: "ch_vat", label: "Swiss VAT number" }, { value: "gb_vat", label: "UK VAT number" }, { value: "us_ein", label: "US EIN" }];

/** Who pays, as it stands on invoices and statements. `save` null: this person only looks. */
export function DetailsForm({ details, save }: { details: Details; save: Deed<void> | null }) {
  const router = useRouter();
  const only = save === null;
  return (
    <div className="px-gutter py-5">
      <h2 className="text-left text-20 font-semibold">Invoice details</h2>
      <p className="mt-1 mb-4 max-w-[64ch] text-pretty text-text-2">They stand on every invoice from the next one on, in each currency, and on the monthly statement. Cards are kept by the payment provider: <Link className="link" href="/billing">Payment details</Link>.</p>
      <Form action={save ?? (() => Promise.reject(new Error("only for whoever may change it")))} submit="Save" pending="Asking the payment provider" error={NO_ANSWER} disabledReason={only ? "Finance or an owner may change them." : null} className="max-w-[640px]" onDone={() => { toast({ state: "proven", words: "Saved; the next invoice has them" }); router.refresh(); }}>
        <div className="grid grid-cols-2 gap-4 max-thumb:grid-cols-1">
          <Field name="name" label="Name"><Input defaultValue={details.name} maxLength={120} autoComplete="organization" dir="auto" readOnly={only} /></Field>
          <Field name="email" label="Invoices go to" help="One address; the payment provider writes to it."><Input type="email" defaultValue={details.email} maxLength={254} autoComplete="email" readOnly={only} /></Field>
          <Field name="line1" label="Street and number"><Input defaultValue={details.line1} maxLength={120} autoComplete="address-line1" dir="auto" readOnly={only} /></Field>
          <Field name="postalCode" label="Postal code"><Input defaultValue={details.postalCode} maxLength={120} autoComplete="postal-code" readOnly={only} /></Field>
          <Field name="city" label="Town"><Input defaultValue={details.city} maxLength={120} autoComplete="address-level2" dir="auto" readOnly={only} /></Field>
          <Field name="country" label="Country" help="Two letters, such as CH. It decides which tax is added."><Input defaultValue={details.country} maxLength={2} autoComplete="country" readOnly={only} /></Field>
          <Field name="taxIdType" label="Tax id"><Select defaultValue={details.taxIdType} choices={KINDS} /></Field>
          <Field name="taxId" label="Its number"><Input defaultValue={details.taxId} maxLength={40} autoComplete="off" readOnly={only} /></Field>
          <Field name="purchaseOrder" label="Purchase order" help="Printed on each invoice; invoices are found by it."><Input defaultValue={details.purchaseOrder} maxLength={60} autoComplete="off" dir="auto" readOnly={only} /></Field>
        </div>
      </Form>
    </div>
  );
}
