"use client";
import Link from "next/link";
import { buttonClass } from "#components/ui/button-class.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Note } from "#components/ui/note.tsx";
import { LoadingRows, Failure } from "#components/ui/states.tsx";
import { join } from "./ceremony.ts";
import { KeyIcon } from "./key-icon.tsx";
import { RIGHT_WORDS } from "./right-words.ts";
import { useLookedAt } from "./use-looked-at.ts";
import { ownFailure } from "./words.ts";

type Invited = { organisation: string; email: string; rights: ("owner" | "technician" | "finance" | "auditor")[]; by: string; again: string | null };

/** Reads the invitation out of the link's fragment, which never reached a server's log, and joins with a key. */
export function JoinForm() {
  const looked = useLookedAt<Invited>("/api/ceremony/invitation", "invitation_unknown");
  if (looked.state === "loading") return <LoadingRows what="the invitation" rows={3} widths={["112px", "1fr"]} className="-mx-5" />;
  if (looked.state === "failed") return <Failure failure={looked.failure} className="-mx-5" actions={<Link href="/sign-in" className={buttonClass({})}>Sign in</Link>} />;
  const { organisation, email, rights, by, again } = looked.value;
  return (
    <Form
      action={(_previous, data) => { const name = data.get("name"); return join(looked.secret, again ?? (typeof name === "string" ? name.trim() : "")); }}
      submit={again === null ? "Join with my key" : "Come back with a new key"} pending="Waiting for your key" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null} onDone={() => location.assign("/overview")}
    >
      <KeyValues
        of={[
          { key: "organisation", label: "Organisation", value: <bdi className="font-semibold">{organisation}</bdi> },
          ...(again === null ? [] : [{ key: "name", label: "You are", value: <bdi className="font-medium">{again}</bdi> }]),
          { key: "by", label: "Invited by", value: <bdi>{by}</bdi> },
          { key: "email", label: "Address", value: <bdi>{email}</bdi> },
          { key: "rights", label: "As", value: <ul>{rights.map((right) => <li key={right}><span className="font-medium">{RIGHT_WORDS[right].name}</span> <span className="text-text-3">{RIGHT_WORDS[right].can}</span></li>)}</ul> },
        ]}
      />
      {again === null ? (
        <Field name="name" label="Your name" help="As your colleagues will see it.">
          <Input autoComplete="name" />
        </Field>
      ) : (
        <Note state="attention" title="What you had before ends with it.">
          Your former keys, every session, and your inbox key: tokens have to be renewed. If you still have a key, close this page and sign in.
        </Note>
      )}
    </Form>
  );
}
