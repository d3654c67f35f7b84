"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useDeed, type Deed } from "#components/role/use-deed.ts";
import { Button } from "#components/ui/button.tsx";
import { Note } from "#components/ui/note.tsx";
import { Select } from "#components/ui/select.tsx";
import { toast } from "#components/ui/toast.tsx";
import { TypedConfirmation } from "#components/ui/typed-confirmation.tsx";
import { longDay } from "#lib/billing/clock-words.ts";
import type { Choice, SubscriptionFacts } from "#lib/billing/subscription.ts";
import { LockSentence, LockWarning } from "./lock-warning.tsx";

type Asked = { readonly words: string; readonly fields: Readonly<Record<string, string>> };

/** What a choice asks of the server; null: it is not asked here, only weighed. */
function askedOf({ change, words }: Choice): Asked | null {
  if (change.kind === "plan") return { words, fields: { deed: "plan", plan: change.to } };
  return change.kind === "end" ? { words: "Cancel it", fields: { deed: "cancel" } } : null;
}

/** Weigh a change, be warned with both prices and the difference, and only then ask for it by typing the client's name. */
export function ChangePanel({ facts, change }: { facts: SubscriptionFacts; change: Deed<{ state: "done" | "waiting" }> | null }) {
  const router = useRouter();
  const { line, choices, version, regretUntil } = facts;
  const [chosen, choose] = useState(choices[0]?.id ?? "");
  const [asking, setAsking] = useState<Asked | null>(null);
  const { busy, run } = useDeed(change ?? (async () => ({ ok: true, value: { state: "done" as const } })));
  const choice = choices.find(({ id }) => id === chosen);
  const end = choices.find(({ id }) => id === "end");
  const ask = ({ words, fields }: Asked) => run({ ...fields, subscription: line.id, version: String(version) }, ({ state }) => {
    setAsking(null);
    toast(state === "done" ? { state: "proven", words: `${words}: done` } : { state: "moving", words: "Written down. It is carried out as soon as the payment provider answers." });
    router.refresh();
  });
  const regretted: Asked = { words: "Take the renewal back", fields: { deed: "regret" } };
  const wanted = choice ? askedOf(choice) : null;
  const warned = asking?.fields.deed === "regret" ? end : choice;
  return (
    <section aria-labelledby="loss-title" className="grid gap-2.5 py-3.5 pr-gutter pl-5 max-rail:pl-gutter">
      <h3 id="loss-title">What would end this lock</h3>
      {change && !line.renews ? <Note state="attention" title="It ends with its period." action={<Button size="small" pending={busy ? "Asking" : null} onClick={() => ask({ words: "It renews again", fields: { deed: "renew" } })}>Keep the subscription</Button>}>Keeping it costs nothing now, and the lock stays.</Note> : null}
      {change && line.nextPlan ? <Note state="attention" title="A smaller plan waits for the renewal." action={<Button size="small" pending={busy ? "Asking" : null} onClick={() => ask({ words: "The plan stays", fields: { deed: "keep_plan" } })}>Keep the plan</Button>}>Taken back before that, the lock stays.</Note> : null}
      <Select aria-label="A change to weigh" value={chosen} onChange={choose} choices={choices.map(({ id, words }) => ({ value: id, label: words }))} />
      {choice ? <LockWarning choice={choice} client={line.name} /> : null}
      <div className="flex flex-wrap gap-2">
        {change && wanted ? <Button tone="danger" disabledReason={!line.renews && choice?.change.kind === "end" ? "It ends already." : choice?.loss.after === null ? "There is no published price for it." : null} onClick={() => setAsking(wanted)}>{wanted.words}…</Button> : null}
        {change && regretUntil ? <Button tone="danger" onClick={() => setAsking(regretted)}>Take the renewal back…</Button> : null}
      </div>
      {regretUntil ? <p className="text-12 text-text-3">{`The last renewal is refunded in full until ${longDay(regretUntil)}; the subscription and its lock end with that.`}</p> : null}
      {asking && warned ? (
        <TypedConfirmation
          open onOpenChange={(open) => setAsking(open ? asking : null)} title={`${asking.words}?`} name={line.name} keep="Keep the lock" confirm={asking.words} pending={busy ? "Asking" : null} onConfirm={() => ask(asking)}
        >
          <LockSentence choice={warned} client={line.name} />
        </TypedConfirmation>
      ) : null}
    </section>
  );
}
