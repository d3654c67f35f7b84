"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import type { Failure as Words, Outcome } from "#components/ui/failure.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Glyph } from "#components/ui/glyph.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { Select } from "#components/ui/select.tsx";
import { Failure } from "#components/ui/states.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import { useDeed, type Deed } from "./use-deed.ts";

/** Times in epoch milliseconds. */
export type HaltRow = { readonly id: string; readonly scope: "all" | "region" | "operation"; readonly words: string; readonly by: string; readonly at: number };
type SetHalt = (previous: Outcome<{ id: string }> | null, data: FormData) => Promise<Outcome<{ id: string }>>;

const NO_ANSWER: Words = { code: "no_answer", title: "No answer came", detail: "Whether it is frozen is not known.", remedy: "Load the page again: it shows what is set." };

/** Kill switches: what is frozen now, and freezing something. */
export function Incident({ halts, regions, operations, waiting, set, lift }: { halts: readonly HaltRow[]; regions: readonly string[]; operations: readonly { value: string; label: string }[]; /** Shares in line. */ waiting: number; set: SetHalt | null; lift: Deed<{ what: string }> | null }) {
  const router = useRouter();
  const [scope, setScope] = useState<HaltRow["scope"]>("all");
  const lifting = useDeed(lift, ({ what }) => {
    toast({ state: "proven", words: `${what.replace(/^./, (letter) => letter.toUpperCase())}: no longer frozen` });
    router.refresh();
  });
  const choices = scope === "region" ? regions.map((region) => ({ value: region, label: region })) : operations;
  const reason = set === null ? "An owner sets this." : scope === "region" && regions.length === 0 ? "No client has a region." : null;
  return (
    <>
      <section aria-labelledby="set-title" className="px-gutter pt-5 pb-5">
        <h2 id="set-title">What is frozen</h2>
        {lifting.failed ? <Failure failure={lifting.failed} className="-mx-gutter" /> : null}
        {halts.length === 0 ? (
          <p className="mt-1 flex items-center gap-2 text-text-2"><Glyph state="proven" />Nothing. {waiting === 0 ? "Nothing is on its way either." : `${waiting === 1 ? "1 share is" : `${waiting.toLocaleString("en")} shares are`} in line.`}</p>
        ) : (
          <ul className="mt-2 grid max-w-[76ch] gap-2">
            {halts.map(({ id, words, at }) => (
              <li key={id}>
                <Note state="refused" action={<Button size="small" pending={lifting.busy ? "Lifting" : null} disabledReason={lift === null ? "An owner lifts it." : null} onClick={() => lifting.run({ id })}>Lift</Button>}>
                  <bdi className="font-medium text-text">{words}</bdi> <RelativeTime at={at} className="text-text-3" />
                </Note>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section aria-labelledby="freeze-title" className="border-t border-line px-gutter pt-4 pb-6">
        <h2 id="freeze-title">Freeze</h2>
        <p className="mt-0.5 mb-3 max-w-[64ch] text-pretty text-text-2">
          From that moment no byte of what you name leaves for a vault, and nothing of it is offered for a tap. What has left cannot be called back; reading goes on, and so does asking what became of it. A change that misses its minute waits for another tap; a standing removal goes when you lift it.
        </p>
        <Form action={set ?? (() => Promise.resolve({ ok: false, failure: NO_ANSWER }))} submit="Freeze it" pending="Freezing" tone="danger" error={NO_ANSWER} disabledReason={reason} clearWhenDone onDone={() => router.refresh()} className="max-w-[480px]">
          <div className="grid gap-3">
            <Field name="scope" label="What">
              <Select value={scope} onChange={setScope} choices={[{ value: "all", label: "All bulk work" }, { value: "region", label: "One region" }, { value: "operation", label: "One kind of operation" }]} />
            </Field>
            {scope === "all" || choices.length === 0 ? null : <Field name="value" label={scope === "region" ? "Region" : "Operation"}><Select key={scope} defaultValue={choices[0]!.value} choices={choices} /></Field>}
            <Field name="reason" label="Why" help="Whoever waits reads it."><Input autoComplete="off" maxLength={120} /></Field>
          </div>
        </Form>
      </section>
    </>
  );
}
