"use client";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { signUp } from "./ceremony.ts";
import { KeyIcon } from "./key-icon.tsx";
import { ownFailure } from "./words.ts";

const textOf = (data: FormData, name: string) => {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
};

/** Starts an organisation with its first owner and their first key. */
export function SignUpForm() {
  return (
    <>
      <Form
        action={(_previous, data) => signUp({ organisation: textOf(data, "organisation").trim(), name: textOf(data, "name").trim(), email: textOf(data, "email").trim().toLowerCase() })}
        submit="Start it with my key" pending="Waiting for your key" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null} onDone={() => location.assign("/settings/organisation")}
      >
        <Field name="organisation" label="Organisation">
          <Input autoComplete="organization" placeholder="Quillmoor IT" />
        </Field>
        <Field name="name" label="Your name">
          <Input autoComplete="name" placeholder="Ines Halloran" />
        </Field>
        <Field name="email" label="Your mail address" help="For what concerns your access: keys added or removed. It is no way to sign in.">
          <Input type="email" inputMode="email" autoComplete="email" placeholder="ines@quillmoor.example" />
        </Field>
      </Form>
      <Note className="mt-6" title="No hardware key at hand?">
        This computer or your phone can hold one; the prompt offers both. Add a second key soon: a lost single key means a day of waiting.
      </Note>
    </>
  );
}
