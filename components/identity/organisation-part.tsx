"use client";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Action } from "./step-up.ts";
import { ownFailure } from "./words.ts";

/** What every member may know of the organisation; an owner may rename it. `createdAt` in epoch milliseconds. */
export function OrganisationPart({ id, name, owners, createdAt, rename }: { id: string; name: string; owners: readonly string[]; createdAt: number; rename: Action<{ name: string }> | null }) {
  return (
    <>
      <section aria-labelledby="organisation-title" className="px-gutter pt-5 pb-6">
        <h2 id="organisation-title"><bdi>{name}</bdi></h2>
        <KeyValues
          className="mt-2 max-w-[640px]"
          of={[
            { key: "owners", label: "Owners", value: <ul>{owners.map((owner) => <li key={owner}><bdi>{owner}</bdi></li>)}</ul> },
            { key: "since", label: "Since", value: <RelativeTime at={createdAt} /> },
            { key: "id", label: "Id", value: <CopyableId id={id} what="organisation" /> },
          ]}
        />
      </section>
      {rename ? (
        <section aria-labelledby="rename-title" className="border-t border-line px-gutter pt-5 pb-6">
          <h2 id="rename-title">Name</h2>
          <p className="mt-0.5 mb-3 max-w-[60ch] text-text-2">Stands in the top bar, in mails, and in what your people’s keys call this place when they register a new one.</p>
          <Form action={rename} submit="Rename" pending="Renaming" error={ownFailure("no_answer")} disabledReason={null} onDone={({ name: now }) => toast({ state: "proven", words: `It is called ${now} now` })} className="max-w-[420px]">
            <Field name="name" label="Organisation">
              <Input defaultValue={name} autoComplete="organization" dir="auto" />
            </Field>
          </Form>
        </section>
      ) : null}
    </>
  );
}
