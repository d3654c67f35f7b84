"use client";
import { useState, useTransition } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Note } from "#components/ui/note.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { TapQuestion } from "#lib/identity/ceremony.ts";
import { deeds } from "#lib/identity/deed.ts";
import type { PersonRight } from "#lib/identity/permission.ts";
import { KeyIcon } from "./key-icon.tsx";
import { RIGHT_WORDS } from "./right-words.ts";
import { withTap, type Action } from "./step-up.ts";
import { ownFailure } from "./words.ts";

/** `since` in epoch milliseconds; `asked`: an address that waits for its link; `inboxKey`: a key in force states the name. */
export type YouRow = { readonly id: string; readonly name: string; readonly email: string; readonly verified: boolean; readonly asked: string | null; readonly rights: readonly PersonRight[]; readonly since: number; readonly inboxKey: boolean };
export type YouActions = { beginTap: Action<TapQuestion>; rename: Action<{ name: string; inboxKey: boolean }>; askProof: Action<{ email: string }>; askChange: Action<{ email: string }> };

const emailIn = (data: FormData) => {
  const value = data.get("email");
  return typeof value === "string" ? value : "";
};

/** One's own name and address. */
export function YouPart({ you, actions }: { you: YouRow; actions: YouActions }) {
  const [changing, setChanging] = useState(false);
  const [busy, start] = useTransition();
  const again = () =>
    start(async () => {
      const outcome = await actions.askProof(null, new FormData()).catch(() => null);
      toast(outcome?.ok ? { state: "moving", words: `A new link is on its way to ${outcome.value.email}` } : { state: "refused", words: outcome ? `${outcome.failure.title}. ${outcome.failure.remedy}` : "No answer came. Look at your mail before you ask again." });
    });
  return (
    <>
      <section aria-labelledby="you-title" className="px-gutter pt-5 pb-6">
        <h2 id="you-title"><bdi>{you.name}</bdi></h2>
        <KeyValues
          className="mt-2 max-w-[640px]"
          of={[
            { key: "rights", label: "Rights", value: <span className="flex flex-wrap gap-1">{you.rights.map((right) => <Badge key={right}>{RIGHT_WORDS[right].name}</Badge>)}</span> },
            { key: "since", label: "Since", value: <RelativeTime at={you.since} /> },
            { key: "id", label: "Id", value: <CopyableId id={you.id} what="person" /> },
          ]}
        />
      </section>
      <section aria-labelledby="address-title" className="border-t border-line px-gutter pt-5 pb-6">
        <h2 id="address-title">Address</h2>
        <p className="mt-0.5 mb-3 max-w-[64ch] text-pretty text-text-2">What happens to your keys is mailed there, and so is the way back when all of them are lost. It signs nobody in.</p>
        <p className="mb-3 flex flex-wrap items-center gap-x-2 gap-y-1"><bdi className="font-medium">{you.email}</bdi>{you.verified ? <Badge state="proven">Proven</Badge> : <Badge state="attention">Not proven yet</Badge>}</p>
        {you.asked !== null && you.asked !== you.email ? (
          <Note state="moving" title={<>A link was sent to <bdi>{you.asked}</bdi>.</>} className="mb-3 max-w-[64ch]">
            It becomes your address when the link is used; until then mails go on to <bdi>{you.email}</bdi>.
          </Note>
        ) : null}
        <div className="flex flex-wrap gap-2">
          {you.verified ? null : <Button pending={busy ? "Sending" : null} onClick={again}>Send the link again</Button>}
          <Button onClick={() => setChanging(true)}>Change the address</Button>
        </div>
      </section>
      <section aria-labelledby="name-title" className="border-t border-line px-gutter pt-5 pb-6">
        <h2 id="name-title">Name</h2>
        <p className="mt-0.5 mb-3 max-w-[64ch] text-pretty text-text-2">As your colleagues see it, and as signers read it before they touch their key.</p>
        {you.inboxKey ? (
          <Note state="attention" title="Your inbox key states your name." className="mb-3 max-w-[64ch]">
            Under another name it counts for no new token: you make a new key then, and read its letters to a signer once more.
          </Note>
        ) : null}
        <Form action={actions.rename} submit="Rename" pending="Renaming" error={ownFailure("no_answer")} disabledReason={null} onDone={({ name, inboxKey }) => toast({ state: inboxKey ? "attention" : "proven", words: inboxKey ? `You are ${name} now. Make a new inbox key` : `You are ${name} now` })} className="max-w-[420px]">
          <Field name="name" label="Your name">
            <Input defaultValue={you.name} autoComplete="name" dir="auto" />
          </Field>
        </Form>
      </section>
      <Dialog open={changing} onOpenChange={setChanging} title="Change your address" description="A one-time link goes to the new one. It is yours when you use it; the former is told.">
        <Form<{ email: string }>
          action={withTap(actions.beginTap, (data) => deeds.changeAddress(emailIn(data)), actions.askChange)} submit="Send the link with a key" pending="Waiting for your key" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null}
          onDone={({ email }) => { setChanging(false); toast({ state: "moving", words: `A link is on its way to ${email}` }); }} aside={<Button onClick={() => setChanging(false)}>Not now</Button>} className="pb-2"
        >
          <Field name="email" label="New mail address">
            <Input type="email" inputMode="email" autoComplete="email" />
          </Field>
        </Form>
      </Dialog>
    </>
  );
}
