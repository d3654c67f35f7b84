"use client";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import { useDeed, type Deed } from "#components/role/use-deed.ts";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Money } from "#components/ui/money.tsx";
import { Note } from "#components/ui/note.tsx";
import { Select } from "#components/ui/select.tsx";
import { toast } from "#components/ui/toast.tsx";
import { TypedConfirmation } from "#components/ui/typed-confirmation.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { longDay } from "#lib/billing/clock-words.ts";
import { onwards } from "#lib/billing/onwards.ts";
import { planOf, plans, type PlanId } from "#lib/billing/plan.ts";
import type { Choice, SubscriptionFacts } from "#lib/billing/subscription.ts";
import { LockSentence, LockWarning, RegretSentence } from "./lock-warning.tsx";

const UsersDialog = lazy(async () => ({ default: (await import("./windows.tsx")).UsersDialog }));

type Asked = { readonly words: string; readonly fields: Readonly<Record<string, string>> };
type Payer = { readonly name: string; readonly email: string; readonly country: string };

/** What a choice asks of the server. */
function askedOf({ change, words }: Choice, payer: Payer): Asked {
  switch (change.kind) {
    case "plan": return { words, fields: { deed: "plan", plan: change.to } };
    case "currency": return { words, fields: { deed: "currency", currency: change.to } };
    case "interval": return { words, fields: { deed: "interval", interval: change.to } };
    case "payer": return { words, fields: { deed: "payer", ...payer } };
    case "end": return { words: "Cancel the subscription", fields: { deed: "cancel" } };
  }
}

const isLarger = (plan: PlanId, than: PlanId) => plans.findIndex(({ id }) => id === plan) > plans.findIndex(({ id }) => id === than);
const WAITS = "Something smaller waits for the renewal. Keep the plan first.";

/** Why a choice cannot be asked for now; null: it can. */
function offBecause({ change, loss }: Choice, { line, follower }: SubscriptionFacts, payer: Payer): string | null {
  if (follower) return "It goes on in another place already. Take that back first.";
  if (!line.renews) return change.kind === "end" ? "It ends already." : "It ends with its period. Keep the subscription first.";
  // Another smaller plan may take the place of the one that waits; what holds at once may not.
  if (line.nextPlan && change.kind !== "end" && (change.kind !== "plan" || isLarger(change.to, line.plan))) return WAITS;
  if (loss.after === null) return "There is no published price for it.";
  return change.kind === "payer" && (payer.name.trim() === "" || !/^\S+@\S+$/.test(payer.email.trim())) ? "Name who pays, and a mail address for the invoices." : null;
}

/** Who pays from the renewal on. */
function PayerFields({ payer, set }: { payer: Payer; set: (payer: Payer) => void }) {
  return (
    <div className="grid gap-2.5">
      <Field name="payer-name" label="Who pays" help="It stands on every invoice."><Input value={payer.name} maxLength={120} dir="auto" autoComplete="off" onChange={(event) => set({ ...payer, name: event.target.value })} /></Field>
      <Field name="payer-email" label="Mail address for invoices"><Input type="email" value={payer.email} maxLength={254} autoComplete="off" onChange={(event) => set({ ...payer, email: event.target.value })} /></Field>
      <Field name="payer-country" label="Country" help="Two letters, such as CH; for tax. May stay empty."><Input value={payer.country} maxLength={2} autoComplete="off" onChange={(event) => set({ ...payer, country: event.target.value.toUpperCase() })} /></Field>
    </div>
  );
}

/** Of a plan bought per user: how many, and another number, which is no danger to the lock. */
export function UsersPanel({ facts, change }: { facts: SubscriptionFacts; change: Deed<{ state: "done" | "waiting" }> | null }) {
  const [open, setOpen] = useState(false);
  const { line, follower } = facts;
  const { usersFrom } = planOf(line.plan);
  if (usersFrom === null) return null;
  const off = follower ? "It goes on in another place already. Take that back first." : !line.renews ? "It ends with its period. Keep the subscription first." : line.nextPlan !== null && line.nextPlan !== line.plan ? WAITS : null;
  return (
    <section aria-labelledby="users-title" className="grid gap-2.5 py-3.5 pr-gutter pl-5 max-rail:pl-gutter">
      <h3 id="users-title">Users</h3>
      <KeyValues
        lined
        of={[
          { key: "users", label: "Bought for", value: line.users.toLocaleString("en") },
          ...(line.nextPlan === line.plan && line.nextUsers !== null ? [{ key: "then", label: "From the renewal on", value: line.nextUsers.toLocaleString("en") }] : []),
          { key: "least", label: "At least", value: usersFrom.toLocaleString("en") },
          { key: "one", label: "Locked, a year for each", value: <Money of={{ minor: line.locked / line.users, currency: line.currency }} /> },
        ]}
      />
      {change ? <div><Button disabledReason={off} onClick={() => setOpen(true)}>More or fewer users…</Button></div> : null}
      {change && open ? <Suspense><UsersDialog close={() => setOpen(false)} facts={facts} change={change} /></Suspense> : null}
    </section>
  );
}

/** Weigh a change, be warned with both prices and the difference, and only then ask for it by typing the client's name. */
export function ChangePanel({ facts, change }: { facts: SubscriptionFacts; change: Deed<{ state: "done" | "waiting" }> | null }) {
  const router = useRouter();
  const { line, choices, version, regretUntil, follower } = facts;
  const [chosen, choose] = useState(choices[0]?.id ?? "");
  const [payer, setPayer] = useState<Payer>({ name: line.name, email: "", country: "" });
  const [asking, setAsking] = useState<Asked | null>(null);
  const { busy, run } = useDeed(change ?? (async () => ({ ok: true, value: { state: "done" as const } })));
  const choice = choices.find(({ id }) => id === chosen);
  const end = choices.find(({ id }) => id === "end");
  const ask = ({ words, fields }: Asked) => run({ ...fields, subscription: line.id, version: String(version) }, ({ state }) => {
    setAsking(null);
    toast(state === "done" ? { state: "proven", words: `${words}: done` } : { state: "moving", words: "Written down. It is carried out as soon as the payment provider answers." });
    // What a client pays for itself stands on no page of ours.
    if (fields.deed === "payer") router.push("/billing");
    else router.refresh();
  });
  const keep = (words: string, deed: "renew" | "keep_plan", label: string) => <Button size="small" pending={busy ? "Asking" : null} onClick={() => ask({ words, fields: { deed } })}>{label}</Button>;
  const regretted: Asked = { words: "Take the renewal back", fields: { deed: "regret" } };
  const wanted = choice ? askedOf(choice, payer) : null;
  const warned = asking?.fields.deed === "regret" ? end : choice;
  const keepsLock = asking?.fields.deed === "payer";
  return (
    <section aria-labelledby="loss-title" className="grid gap-2.5 py-3.5 pr-gutter pl-5 max-rail:pl-gutter">
      <h3 id="loss-title">What would end this lock</h3>
      {change && follower ? (
        <Note state="attention" title={`It goes on ${onwards(follower, line.currency)} from its renewal on.`} action={keep("It stays as it is", "renew", "Keep it as it is")}>
          <Money of={{ minor: follower.yearly, currency: follower.currency }} /> a year then. Taken back before that, the lock stays.
        </Note>
      ) : null}
      {change && !line.renews && !follower ? <Note state="attention" title="It ends with its period." action={keep("It renews again", "renew", "Keep the subscription")}>Keeping it costs nothing now, and the lock stays.</Note> : null}
      {change && line.nextPlan === line.plan && line.nextUsers !== null ? <Note state="attention" title={`${line.nextUsers.toLocaleString("en")} users wait for the renewal.`} action={keep("The number stays", "keep_plan", `Keep ${line.users.toLocaleString("en")}`)}>The lock stays, taken back or not.</Note> : null}
      {change && line.nextPlan && line.nextPlan !== line.plan ? <Note state="attention" title="A smaller plan waits for the renewal." action={keep("The plan stays", "keep_plan", "Keep the plan")}>Taken back before that, the lock stays.</Note> : null}
      <Select aria-label="A change to weigh" value={chosen} onChange={choose} choices={choices.map(({ id, words }) => ({ value: id, label: words }))} />
      {choice ? <LockWarning choice={choice} client={line.name} /> : null}
      {change && choice?.change.kind === "payer" ? <PayerFields payer={payer} set={setPayer} /> : null}
      <div className="flex flex-wrap gap-2">
        {change && wanted && choice ? <Button tone="danger" disabledReason={offBecause(choice, facts, payer)} onClick={() => setAsking(wanted)}>{wanted.words}…</Button> : null}
        {change && regretUntil ? <Button tone="danger" disabledReason={follower ? "It goes on in another place already. Take that back first." : null} onClick={() => setAsking(regretted)}>Take the renewal back…</Button> : null}
      </div>
      {regretUntil ? <p className="text-12 text-text-3">{`The last renewal is refunded in full until ${longDay(regretUntil)}; the subscription and its lock end with that.`}</p> : null}
      {asking && warned ? (
        <TypedConfirmation
          open onOpenChange={(open) => setAsking(open ? asking : null)} title={`${asking.words}?`} name={line.name} keep={keepsLock ? "Go on paying" : "Keep the lock"} confirm={asking.words} pending={busy ? "Asking" : null} onConfirm={() => ask(asking)}
        >
          {asking.fields.deed === "regret" ? <RegretSentence choice={warned} client={line.name} /> : <LockSentence choice={warned} client={line.name} />}
          {keepsLock ? <>{" Invoices go to "}<bdi className="font-medium text-text [overflow-wrap:anywhere]">{asking.fields.email}</bdi>.</> : null}
        </TypedConfirmation>
      ) : null}
    </section>
  );
}
