"use client";
import Link from "next/link";
import { useState } from "react";
import { buttonClass } from "#components/ui/button-class.ts";
import { Form } from "#components/ui/form.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Note } from "#components/ui/note.tsx";
import { Failure, LoadingRows } from "#components/ui/states.tsx";
import { ask } from "./ceremony.ts";
import { useLookedAt } from "./use-looked-at.ts";
import { ownFailure } from "./words.ts";

type Asked = { organisation: string; name: string; email: string; from: string | null };

/** Reads whose address a link is for, and says so to the server when a person presses; opening the link alone does nothing. */
export function AddressForm() {
  const looked = useLookedAt<Asked>("/api/ceremony/address", "address_unknown");
  const [proven, setProven] = useState<string | null>(null);
  const signIn = <Link href="/settings/you" className={buttonClass({})}>Go to the console</Link>;
  if (proven !== null) return <Note state="proven" title={<><bdi>{proven}</bdi> is proven.</>} action={signIn}>Nothing else is to be done.</Note>;
  if (looked.state === "loading") return <LoadingRows what="the address" rows={3} widths={["112px", "1fr"]} className="-mx-5" />;
  if (looked.state === "failed") return <Failure failure={looked.failure} className="-mx-5" actions={signIn} />;
  const { organisation, name, email, from } = looked.value;
  return (
    <Form<{ email: string }>
      action={() => ask("/api/ceremony/address/prove", { secret: looked.secret })} submit="This is my address" pending="Saying so" error={ownFailure("no_answer")} disabledReason={null}
      onDone={(done) => setProven(done.email)}
    >
      <KeyValues
        of={[
          { key: "email", label: "Address", value: <bdi className="font-semibold">{email}</bdi> },
          ...(from === null ? [] : [{ key: "from", label: "In place of", value: <bdi>{from}</bdi> }]),
          { key: "name", label: "Named by", value: <bdi>{name}</bdi> },
          { key: "organisation", label: "Organisation", value: <bdi>{organisation}</bdi> },
        ]}
      />
      <Note title="You do not know them?">Then close this page. Without your press nothing happens.</Note>
    </Form>
  );
}
