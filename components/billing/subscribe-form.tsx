"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Deed } from "#components/role/use-deed.ts";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Combobox } from "#components/ui/combobox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Money } from "#components/ui/money.tsx";
import { moneyText } from "#components/ui/money-text.ts";
import { RadioGroup } from "#components/ui/radio.tsx";
import { Select } from "#components/ui/select.tsx";
import { Empty } from "#components/ui/states.tsx";
import { toast } from "#components/ui/toast.tsx";
import { isPlan, planOf, type PlanId } from "#lib/billing/plan.ts";
import type { Currency } from "#lib/billing/price-list.ts";
import type { Offer, SubscribeForm as Facts } from "#lib/billing/subscribable.ts";
import type { Interval } from "#lib/billing/types.ts";

const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "The connection broke, so we cannot say whether it was begun.", remedy: "Look at the list of subscriptions before you begin it again." };
const words: Record<Interval, string> = { year: "a year", month: "a month" };

/** How it is paid, in a sentence, before anything is asked. */
function paidHow({ collection }: Offer, card: string | undefined): string {
  if (collection === "invoice") return "By invoice, due in 60 days, as your subscriptions together are paid.";
  return card === undefined ? "By card. None is on file in this currency: the payment provider’s page asks for it next." : `By the card on file that ends in ${card}, at once.`;
}

/** One client, one plan, what it costs and how it is paid; begun with one press. */
export function SubscribeForm({ form, first, begin }: { form: Facts; first?: string | undefined; begin: Deed<{ id: string; state: "done" | "waiting"; checkoutUrl: string | null }> }) {
  const router = useRouter();
  const { clients, offers, cards, more } = form;
  const begun = clients.find(({ id }) => id === first);
  const offered = (plan: PlanId | null | undefined) => offers.find((one) => one.plan === plan) ?? offers[0]!;
  const [client, setClient] = useState(begun?.id ?? "");
  const [plan, setPlan] = useState<PlanId>(offered(begun?.plan).plan);
  const [wantedCurrency, setCurrency] = useState<Currency>(form.currency);
  const [wantedInterval, setInterval] = useState<Interval>("year");
  const [users, setUsers] = useState("");
  const [trial, setTrial] = useState(false);
  if (clients.length === 0) return <Empty title="Every client has its subscription">A client that you connect next can be subscribed here. <Link className="link" href="/billing">All subscriptions</Link></Empty>;

  const offer = offered(plan);
  const { usersFrom, trialDays, name } = planOf(plan);
  // Another plan may not be published in the currency, or by the interval, that was chosen for the one before.
  const currencies = [...new Set(offer.prices.map((one) => one.currency))];
  const currency = currencies.includes(wantedCurrency) ? wantedCurrency : currencies[0]!;
  const intervals = (["year", "month"] as const).filter((one) => offer.prices.some((given) => given.currency === currency && given.interval === one));
  const interval = intervals.includes(wantedInterval) ? wantedInterval : intervals[0]!;
  const price = offer.prices.find((one) => one.currency === currency && one.interval === interval)!;
  const units = usersFrom === null ? 1 : Math.max(usersFrom, Number.parseInt(users, 10) || 0);
  const total = { minor: price.amount * units, currency };
  const choose = (id: string | null) => {
    setClient(id ?? "");
    const held = clients.find((one) => one.id === id);
    if (held) setPlan(offered(held.plan).plan);
  };
  const said = moneyText(total);
  return (
    <Form
      action={begin} submit={`Subscribe for ${said.currency} ${said.amount} ${words[interval]}`} pending="Asking the payment provider" error={NO_ANSWER} className="px-gutter py-5"
      disabledReason={client === "" ? "Choose a client first." : null}
      aside={<Link className="link text-12" href="/billing">Leave it</Link>}
      onDone={({ id, state, checkoutUrl }) => {
        if (checkoutUrl !== null) return window.location.assign(checkoutUrl);
        toast(state === "done" ? { state: "proven", words: "Subscribed" } : { state: "moving", words: "Written down. It is carried out as soon as the payment provider answers." });
        if (state === "done") router.push(`/billing/subscriptions/${id}`);
        else router.refresh();
      }}
    >
      <div className="grid max-w-[940px] grid-cols-[minmax(0,1fr)_320px] items-start gap-x-10 gap-y-5 max-rail:grid-cols-1">
        <div className="grid gap-4">
          <Field name="client" label="Client" help={more > 0 ? `${more.toLocaleString("en")} more have none; each is found through its own page.` : "Clients that pay for themselves are not in the list."}>
            <Combobox value={client === "" ? null : client} onChange={choose} placeholder="Type a client’s name" choices={clients.map(({ id, name: label, place }) => ({ value: id, label, detail: place ?? undefined }))} />
          </Field>
          <Field name="plan" label="Plan"><Select value={plan} onChange={(next) => isPlan(next) && setPlan(next)} choices={offers.map(({ plan: value }) => ({ value, label: planOf(value).name }))} /></Field>
          {usersFrom === null ? null : <Field name="users" label="Users" help={`${usersFrom.toLocaleString("en")} at least; the price is of one.`}><Input type="number" inputMode="numeric" min={usersFrom} value={users === "" ? String(usersFrom) : users} onChange={(event) => setUsers(event.target.value)} /></Field>}
          <div className="grid grid-cols-2 gap-4 max-thumb:grid-cols-1">
            <Field name="currency" label="Currency" help="Prices are published, never converted."><Select value={currency} onChange={setCurrency} choices={currencies.map((one) => ({ value: one, label: one }))} /></Field>
            <Field name="interval" label="Paid" group><RadioGroup value={interval} onChange={setInterval} choices={intervals.map((one) => ({ value: one, label: one === "year" ? "By the year" : "By the month" }))} /></Field>
          </div>
          {trialDays === null ? null : <Checkbox checked={trial} onChange={setTrial}>{`Begin with a trial of ${trialDays} days`}</Checkbox>}
          <input type="hidden" name="trial" value={trial && trialDays !== null ? "yes" : "no"} />
        </div>
        <section aria-label="What it costs" aria-live="polite" className="rounded-box border border-line p-4">
          <KeyValues
            lined
            of={[
              { key: "plan", label: name, value: <>{usersFrom === null ? null : `${units.toLocaleString("en")} × `}<Money of={{ minor: price.amount, currency }} /> {words[interval]}</> },
              ...(interval === "month" ? [{ key: "year", label: "A year", value: <Money of={{ minor: total.minor * 12, currency }} /> }] : []),
              { key: "now", label: trial && trialDays !== null ? `After ${trialDays} days` : offer.collection === "invoice" ? "First invoice" : "Charged now", value: <span className="font-semibold"><Money of={total} /></span> },
            ]}
          />
          <p className="mt-3 text-12 text-text-2 text-pretty">{paidHow(offer, cards[currency])} Net; tax is added as the address asks.</p>
          <p className="mt-2 text-12 text-text-2 text-pretty">The first successful charge locks this price for as long as the subscription lives. It renews by itself until you switch that off.</p>
        </section>
      </div>
    </Form>
  );
}
