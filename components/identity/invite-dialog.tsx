"use client";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import type { TapQuestion } from "#lib/identity/ceremony.ts";
import { deeds } from "#lib/identity/deed.ts";
import { KeyIcon } from "./key-icon.tsx";
import { withRights } from "./member-dialogs.tsx";
import { rightsOf } from "./collect-rights.ts";
import { RightsField } from "./rights-field.tsx";
import { withTap, type Action } from "./step-up.ts";
import { ownFailure } from "./words.ts";

const NONE = [] as const;

const emailOf = (data: FormData) => {
  const value = data.get("email");
  return typeof value === "string" ? value : "";
};

/** Invites by mail, and shows the link once: it is kept nowhere. */
export function InviteDialog({ open, onClose, beginTap, invite }: { open: boolean; onClose: () => void; beginTap: Action<TapQuestion>; invite: Action<{ id: string; link: string }> }) {
  const [link, setLink] = useState<string | null>(null);
  const [wasOpen, setWasOpen] = useState(open);
  // Forgotten when it is opened anew, so that the window does not change its words while it closes.
  if (open !== wasOpen) {
    setWasOpen(open);
    if (open) setLink(null);
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title={link ? "The invitation is on its way" : "Invite somebody"}
      description={link ? "The mail holds this link. It works once, within seven days; whoever opens it first joins." : "They get a mail with a one-time link and join with a passkey of their own."}
      footer={link ? <Button tone="ink" onClick={onClose}>Done</Button> : undefined}
    >
      {link ? (
        <InvitationLink link={link} />
      ) : (
        <Form<{ id: string; link: string }> action={withRights(withTap(beginTap, (data) => deeds.invite(emailOf(data), rightsOf(data)), invite))} submit="Invite with a key" pending="Waiting for your key" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null} onDone={(made) => setLink(made.link)} className="pb-2">
          <Field name="email" label="Mail address">
            <Input type="email" inputMode="email" autoComplete="off" placeholder="name@example.com" />
          </Field>
          <RightsField held={NONE} />
        </Form>
      )}
    </Dialog>
  );
}

function InvitationLink({ link }: { link: string }) {
  const [copied, setCopied] = useState<"rest" | "copied" | "refused">("rest");
  const copy = () => {
    navigator.clipboard.writeText(link).then(
      () => setCopied("copied"),
      () => setCopied("refused"),
    );
  };
  return (
    <div className="grid gap-3">
      <Field name="link" label="One-time link" help="For when mail is down. Hand it over yourself; it is shown only now.">
        <Input mono readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
      </Field>
      <div className="flex items-center gap-3">
        <Button onClick={copy}>Copy the link</Button>
        <output className="text-12 text-text-2">{copied === "copied" ? "Copied" : copied === "refused" ? "The browser refused; select the link and copy it" : ""}</output>
      </div>
      <Note state="attention" title="It is a key.">Whoever holds it joins with the rights that you chose.</Note>
    </div>
  );
}
