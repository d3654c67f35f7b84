"use client";
import { useState } from "react";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import type { Outcome } from "#components/ui/failure.ts";
import { Input } from "#components/ui/input.tsx";
import { OpenedNote } from "./opened-note.tsx";
import { openSigningWindow } from "./open-window.ts";

const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "No window was opened, so nothing can be signed.", remedy: "Try again." };
type Asked = { id: string; url: string };

/** Names a new signing key, and opens the signing window in which it is made. */
export function EnrolForm({ action, host }: { action: (previous: Outcome<Asked> | null, data: FormData) => Promise<Outcome<Asked>>; host: string }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const open = (given: Asked) => {
    setAsked(given);
    openSigningWindow(given.url);
  };
  return (
    <section aria-labelledby="enrol-title" className="px-gutter pt-5 pb-6">
      <h2 id="enrol-title">Enrol a signing key</h2>
      <p className="mt-0.5 mb-3 max-w-[64ch] text-pretty text-text-2">
        Changes to clients’ vaults are approved with a signing key, on a page of its own at <span className="mono">{host}</span>. It opens in a window, asks for two touches, and closes itself.
      </p>
      <Form action={action} submit="Open the signing window" pending="Opening" error={NO_ANSWER} disabledReason={null} onDone={open} className="max-w-[420px]">
        <Field name="label" label="Name of the key" help="Where it lies, or how it looks. Vaults and people see it.">
          <Input autoComplete="off" maxLength={60} placeholder="Desk" />
        </Field>
      </Form>
      {asked ? <OpenedNote key={asked.id} url={asked.url} /> : null}
    </section>
  );
}
