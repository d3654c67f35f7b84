"use client";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Deed } from "#components/role/use-deed.ts";
import type { Policy, Rules } from "#lib/lease/policy.ts";
import { LengthRules } from "./length-rules.tsx";
import { NO_ANSWER } from "./no-answer.ts";

/** Everything that the window of the rules asks for; fetched when it opens. */
export function RulesForm({ rules, change, close }: { rules: Rules; change: Deed<Policy>; close: () => void }) {
  const { policy } = rules;
  return (
    <Form action={change} submit="Set the rules" pending="Setting them" error={NO_ANSWER} disabledReason={null} aside={<Button onClick={close}>Leave them</Button>} className="pb-2" onDone={() => { close(); toast({ state: "proven", words: "The rules are set" }); }}>
      <div className="grid grid-cols-2 gap-4 max-thumb:grid-cols-1">
        <Field name="longestHours" label="Longest access to roles" help="Hours."><Input type="number" inputMode="numeric" min={1} max={2160} defaultValue={policy.longestHours} /></Field>
        <Field name="longestFullHours" label="Longest full access" help="Hours."><Input type="number" inputMode="numeric" min={1} max={720} defaultValue={policy.longestFullHours} /></Field>
        <Field name="renewDays" label="Renew tokens after" help="Days."><Input type="number" inputMode="numeric" min={7} max={365} defaultValue={policy.renewDays} /></Field>
        <Field name="drillDays" label="Try the break-glass every" help="Days."><Input type="number" inputMode="numeric" min={7} max={365} defaultValue={policy.drillDays} /></Field>
      </div>
      <LengthRules rules={rules} />
    </Form>
  );
}
