"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Deed } from "#components/role/use-deed.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import type { Outcome } from "#components/ui/failure.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Money } from "#components/ui/money.tsx";
import { toast } from "#components/ui/toast.tsx";
import { longDay } from "#lib/billing/clock-words.ts";
import type { InvoiceRow } from "#lib/billing/invoices.ts";
import { decimal } from "#lib/billing/money.ts";
import { planOf } from "#lib/billing/plan.ts";
import type { SubscriptionFacts } from "#lib/billing/subscription.ts";
import { amountFrom, usersFrom } from "#lib/billing/typed.ts";

type State = { state: "done" | "waiting" };

/** The server takes no more either (lib/limits.ts). */
const MOST_USERS = 100_000;
const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "The connection broke, so we cannot say whether it was done.", remedy: "Load the page again and look before you repeat it." };
const marked = (field: string, words: string): Outcome<State> => ({ ok: false, failure: { code: "invalid", title: "One field needs another look", detail: "Nothing was changed.", remedy: "Mend it and send again.", fields: { [field]: words } } });
const said = (state: State["state"], done: string) => toast(state === "done" ? { state: "proven", words: done } : { state: "moving", words: "Written down. It is carried out as soon as the payment provider answers." });

/** Of a paid invoice money back, of an open one less that is owed. */
export function CreditDialog({ close, invoice: { id, number, currency, creditable, status }, subscription, version, change }: { close: () => void; invoice: InvoiceRow; subscription: string; version: number; change: Deed<State> }) {
  const router = useRouter();
  const credit: Deed<State> = async (previous, data) => {
    const typed = data.get("amount");
    const amount = amountFrom(typeof typed === "string" ? typed : "", creditable);
    if (!amount.ok) return marked("amount", amount.words);
    data.set("amount", String(amount.minor));
    return change(previous, data);
  };
  return (
    <Dialog
      open onOpenChange={close} title={`Credit ${number === null ? "this invoice" : `the invoice ${number}`}?`}
      description={status === "paid" ? "The money goes back the way it came. Tax is included, and the lock stays." : "That much less is owed for it. Tax is included, and the lock stays."}
    >
      <Form
        action={credit} submit={status === "paid" ? "Send the money back" : "Take it off what is owed"} pending="Asking" error={NO_ANSWER} disabledReason={null} aside={<Button onClick={close}>Leave it as it is</Button>} className="pb-2"
        onDone={({ state }) => { close(); said(state, "The invoice is credited"); router.refresh(); }}
      >
        <input type="hidden" name="deed" value="credit" />
        <input type="hidden" name="subscription" value={subscription} />
        <input type="hidden" name="version" value={version} />
        <input type="hidden" name="invoice" value={id} />
        <Field name="amount" label={`Amount in ${currency}`} help={<>At most <Money of={{ minor: creditable, currency }} />, which is all that is left.</>}><Input inputMode="decimal" defaultValue={decimal(creditable)} maxLength={40} autoComplete="off" /></Field>
        <Field name="words" label="What for" help="It stands on the credit note."><Input dir="auto" maxLength={200} autoComplete="off" /></Field>
      </Form>
    </Dialog>
  );
}

/** Of a plan bought per user: more at once, fewer from the renewal on, both at the locked price of one. */
export function UsersDialog({ close, facts: { line, version }, change }: { close: () => void; facts: SubscriptionFacts; change: Deed<State> }) {
  const router = useRouter();
  const [typed, setTyped] = useState(String(line.users));
  const { name, usersFrom: least } = planOf(line.plan);
  const wanted = usersFrom(typed, line, MOST_USERS);
  const more = !wanted.ok || wanted.users > line.users;
  // Whole: a year is so many users times the price of one.
  const year = (users: number) => <Money of={{ minor: (line.locked / line.users) * users, currency: line.currency }} />;
  const ask: Deed<State> = async (previous, data) => (wanted.ok ? change(previous, data) : marked("users", wanted.words));
  return (
    <Dialog open onOpenChange={close} title="More or fewer users?" description={<>{`${name} for `}<bdi>{line.name}</bdi>{", at the locked "}{year(1)}{" a year for each. More or fewer users keep the lock."}</>}>
      <Form
        action={ask} submit={!wanted.ok ? "Change the number" : more ? `Have ${wanted.users.toLocaleString("en")} users now` : `Have ${wanted.users.toLocaleString("en")} from the renewal on`} pending="Asking" error={NO_ANSWER} disabledReason={wanted.ok && more && line.nextPlan !== null ? "Fewer wait for the renewal. Keep today’s number first." : null} aside={<Button onClick={close}>Keep {line.users.toLocaleString("en")}</Button>} className="pb-2"
        onDone={({ state }) => { close(); said(state, more ? "More users: done" : "Fewer users: from the renewal on"); router.refresh(); }}
      >
        <input type="hidden" name="deed" value="users" />
        <input type="hidden" name="subscription" value={line.id} />
        <input type="hidden" name="version" value={version} />
        <Field name="users" label="Users" help={`Today ${line.users.toLocaleString("en")}; ${name} is bought for at least ${(least ?? 1).toLocaleString("en")}.`}><Input inputMode="numeric" value={typed} maxLength={12} autoComplete="off" onChange={(event) => setTyped(event.target.value)} /></Field>
        <KeyValues
          lined
          of={[
            { key: "now", label: "Now, a year", value: year(line.users) },
            { key: "then", label: wanted.ok ? `With ${wanted.users.toLocaleString("en")}, a year` : "With that, a year", value: wanted.ok ? year(wanted.users) : "–" },
            { key: "when", label: "Holds", value: !wanted.ok ? "–" : more ? "at once" : line.renewsOn ? `from ${longDay(line.renewsOn)}` : "from the renewal on" },
          ]}
        />
        <p className="text-12 text-text-3">{!wanted.ok ? "More hold at once; fewer from the renewal on." : more ? `The difference for the rest of the period is ${line.collection === "invoice" ? "invoiced" : "charged"} now; the renewal stays on its day.` : "Nothing is charged or refunded before; until then it can be taken back. It is refused while more are used."}</p>
      </Form>
    </Dialog>
  );
}
