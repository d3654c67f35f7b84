"use client";
import { useState } from "react";
import type { Outcome } from "#components/ui/failure.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { toast } from "#components/ui/toast.tsx";

const ANSWERS = [
  { value: "refuse", label: "A refusal that names two fields" },
  { value: "break", label: "No answer at all" },
  { value: "accept", label: "A success" },
] as const;

async function answer(_previous: Outcome<string> | null, data: FormData): Promise<Outcome<string>> {
  // Stands for the way to the server and back, so that the waiting can be seen.
  await new Promise((resolve) => setTimeout(resolve, 600));
  const kind = data.get("part-answer");
  if (kind === "break") throw new TypeError("no connection");
  const name = data.get("part-name");
  if (kind === "accept") return { ok: true, value: typeof name === "string" ? name : "" };
  return {
    ok: false,
    failure: {
      code: "invalid",
      title: "Two fields need a look",
      detail: "Nothing was saved.",
      remedy: "Correct them and save again.",
      id: "err_8Kq2vT",
      fields: { "part-name": "Give the client a name of its own; there is one called that", "part-mail": "A mail address has an @ in it" },
    },
  };
}

export function FormPart() {
  const [off, setOff] = useState(false);
  return (
    <Form
      action={answer}
      submit="Save the client"
      pending="Saving…"
      error={{ code: "no_answer", title: "No answer came", detail: "The connection broke, so we do not know whether it was saved.", remedy: "Look whether it is there, then save again." }}
      disabledReason={off ? "An owner froze changes at 13:40." : null}
      onDone={(name) => toast({ state: "proven", words: `Saved ${name || "it"}` })}
      aside={
        <button type="button" className="link text-text-2" onClick={() => setOff(!off)}>
          {off ? "Allow it" : "Take the permission away"}
        </button>
      }
    >
      <Field name="part-name" label="Name">
        <Input defaultValue="Harbour Street Clinic" dir="auto" />
      </Field>
      <Field name="part-mail" label="Mail of their contact">
        <Input type="email" defaultValue="reception.example.com" />
      </Field>
      <Field name="part-answer" label="Answer with">
        <Select choices={ANSWERS} defaultValue="refuse" />
      </Field>
    </Form>
  );
}
