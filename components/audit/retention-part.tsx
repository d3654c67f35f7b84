"use client";
import { useState } from "react";
import { ownFailure } from "#components/identity/words.ts";
import type { Outcome } from "#components/ui/failure.ts";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { ExactTime, RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";

type Preview = { months: number | null; before: Date | null; events: number; clients: { client: string; events: number }[] };
type Action<Value> = (previous: Outcome<Value> | null, data: FormData) => Promise<Outcome<Value>>;

const count = (n: number, what: string) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
const kept = (months: number | null) => (months === null ? "without end" : `for ${count(months, "month")}`);
const shown = 6;

/** What would go, seen before anything does. */
function WhatGoes({ of: { months, events, clients }, set, onDone }: { of: Preview; set: Action<{ months: number | null }>; onDone: () => void }) {
  const rest = clients.slice(shown);
  return (
    <div className="mt-4 border-t border-line pt-4" role="status">
      <h3>{events === 0 ? "Nothing that is held now would go" : `${count(events, "event")} would go`}</h3>
      {clients.length > 0 ? (
        <ul className="mt-1">
          {clients.slice(0, shown).map((one) => <li key={one.client}><bdi>{one.client}</bdi>: {count(one.events, "event")}</li>)}
          {rest.length > 0 ? <li>{count(rest.length, "other client")}: {count(rest.reduce((sum, one) => sum + one.events, 0), "event")}</li> : null}
        </ul>
      ) : null}
      <p className="mt-2 mb-3 max-w-[60ch] text-text-2">{months === null ? "Nothing is deleted from then on." : "It begins a week from now, so that another owner can take it back. What has gone by then is gone from this console for good; the vaults keep their own."}</p>
      <Form action={set} submit={`Keep events ${kept(months)}`} pending="Setting" error={ownFailure("no_answer")} disabledReason={null} tone={events > 0 ? "danger" : "ink"} onDone={() => { toast({ state: "proven", words: `Events are kept ${kept(months)}` }); onDone(); }}>
        <input type="hidden" name="months" value={months ?? ""} />
      </Form>
    </div>
  );
}

/** How long vaults' events are kept, and under which key our own records are signed. Times in epoch milliseconds. */
export function RetentionPart({ months, events, oldest, effectiveAt, verifierKey, preview, set }: {
  months: number | null; events: number; oldest: number | null; effectiveAt: number | null; verifierKey: string; preview: Action<Preview> | null; set: Action<{ months: number | null }>;
}) {
  const [looked, setLooked] = useState<Preview | null>(null);
  return (
    <>
      <section aria-labelledby="kept-title" className="px-gutter pt-5 pb-6">
        <h2 id="kept-title">What is kept</h2>
        <KeyValues
          className="mt-2 max-w-[640px]"
          of={[
            { key: "events", label: "Taken from vaults", value: count(events, "event") },
            { key: "oldest", label: "Oldest", value: oldest === null ? "none yet" : <RelativeTime at={oldest} /> },
            { key: "months", label: "Kept", value: effectiveAt === null ? kept(months) : <>{kept(months)}, beginning <ExactTime at={effectiveAt} /></> },
            { key: "ours", label: "Our own records", value: "without end: they are a chain" },
            { key: "key", label: "Signed under", value: <CopyableId id={verifierKey} what="verifier key" /> },
          ]}
        />
      </section>
      {preview === null ? null : (
        <section aria-labelledby="retention-title" className="border-t border-line px-gutter pt-5 pb-6">
          <h2 id="retention-title">How long events are kept</h2>
          <p className="mt-0.5 mb-3 max-w-[60ch] text-text-2">Counted from when we received them. Six months at least; empty keeps them without end. You see what would go before anything does.</p>
          <Form action={preview} submit="See what would go" pending="Counting" error={ownFailure("no_answer")} disabledReason={null} onDone={setLooked} className="max-w-[420px]">
            <Field name="months" label="Months">
              <Input defaultValue={months ?? ""} inputMode="numeric" autoComplete="off" />
            </Field>
          </Form>
          {looked ? <WhatGoes of={looked} set={set} onDone={() => setLooked(null)} /> : null}
        </section>
      )}
    </>
  );
}
