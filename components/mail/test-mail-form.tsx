"use client";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import type { Outcome } from "#components/ui/failure.ts";
import { Input } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";

const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "We cannot say whether the mail was queued. Sending this same form again queues it at most once.", remedy: "Look at the list below, or send again." };

/** Asks for a mail that only shows that mail arrives. `onceKey` is drawn with the page, so a second press queues nothing more. */
export function TestMailForm({ action, onceKey }: { action: (previous: Outcome<{ id: string }> | null, data: FormData) => Promise<Outcome<{ id: string }>>; onceKey: string }) {
  return (
    <section aria-labelledby="test-mail-title" className="px-gutter pt-5 pb-6">
      <h2 id="test-mail-title">Does mail arrive?</h2>
      <p className="mt-0.5 mb-3 max-w-[60ch] text-text-2">Sends one short mail through the outbox, as every other mail goes.</p>
      <Form action={action} submit="Send a test mail" pending="Queueing" error={NO_ANSWER} disabledReason={null} onDone={() => toast({ state: "moving", words: "Test mail queued" })} className="max-w-[420px]">
        <input type="hidden" name="key" value={onceKey} />
        <Field name="to" label="Address">
          <Input type="email" autoComplete="email" inputMode="email" placeholder="name@example.com" />
        </Field>
      </Form>
    </section>
  );
}
