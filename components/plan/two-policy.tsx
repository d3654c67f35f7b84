"use client";
import { Checkbox } from "#components/ui/checkbox.tsx";
import type { Failure, Outcome } from "#components/ui/failure.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";

export type TwoPolicyView = { fullAccess: boolean; whole: boolean; vaults: number | null };
type Change = (previous: Outcome<TwoPolicyView> | null, data: FormData) => Promise<Outcome<TwoPolicyView>>;

const NO_ANSWER: Failure = { code: "no_answer", title: "No answer came", detail: "Whether it was changed is not known.", remedy: "Load the page again: it shows the rule as it is." };

/** Over what two people sign. What a client's grant asks for is asked whatever stands here. */
export function TwoPolicy({ policy, people, change }: { policy: TwoPolicyView; /** How many people have a signing key. */ people: number; change: Change | null }) {
  return (
    <section aria-labelledby="two-title" className="border-t border-line px-gutter pt-4 pb-6">
      <h2 id="two-title" className="mb-1">When two people sign</h2>
      <p className="mb-3 max-w-[64ch] text-pretty text-text-2">
        One signs first, another with a key of their own releases it within the hour; every vault checks both. Clients may ask for it too, whatever you set here.
        {people < 2 ? ` Only ${people === 1 ? "one person has" : "nobody has"} a signing key: what asks for two waits until somebody else enrols one.` : ""}
      </p>
      <Form action={change ?? (() => Promise.resolve({ ok: false, failure: NO_ANSWER }))} submit="Save the rule" pending="Saving" error={NO_ANSWER} disabledReason={change === null ? "An owner decides this." : null} onDone={() => toast({ state: "proven", words: "Plans are judged by this rule from now on" })} className="max-w-[64ch]">
        <div className="grid gap-3">
          <Checkbox name="fullAccess" value="yes" defaultChecked={policy.fullAccess} help="Whoever has it reads everything in a vault.">Full access is given</Checkbox>
          <Checkbox name="whole" value="yes" defaultChecked={policy.whole} help="More than ten changes about one person or one client, or the end of a connection.">A whole person, a whole client, an exit</Checkbox>
          <Field name="vaults" label="More vaults than" help="Empty: however many." optional className="max-w-[16ch]">
            <Input inputMode="numeric" autoComplete="off" defaultValue={policy.vaults ?? ""} />
          </Field>
        </div>
      </Form>
    </section>
  );
}
