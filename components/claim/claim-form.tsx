"use client";
import Link from "next/link";
import { claim } from "#components/identity/ceremony.ts";
import { KeyIcon } from "#components/identity/key-icon.tsx";
import { useLookedAt } from "#components/identity/use-looked-at.ts";
import { ownFailure } from "#components/identity/words.ts";
import { buttonClass } from "#components/ui/button-class.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { Failure, LoadingRows } from "#components/ui/states.tsx";
import { TwoKeys } from "./two-keys.tsx";

type Look = { organisation: string; clients: number };

/** Reads the claim code out of the link's fragment, which no server's log sees, and founds the demo's organisation with a key. */
export function ClaimForm() {
  const looked = useLookedAt<Look>("/api/ceremony/claim-look", "claim_unknown");
  if (looked.state === "loading") return <LoadingRows what="the demo" rows={3} widths={["112px", "1fr"]} className="-mx-5" />;
  if (looked.state === "failed") return <Failure failure={looked.failure} className="-mx-5" actions={<Link href="/sign-in" className={buttonClass({})}>Sign in</Link>} />;
  const { organisation, clients } = looked.value;
  return (
    <>
      <p className="mb-4 text-pretty text-text-2">
        You become the first owner of <bdi className="font-medium text-text">{organisation}</bdi>, with {clients.toLocaleString("en")} made-up clients, each with a real vault on this machine. Any passkeys will do:
      </p>
      <TwoKeys done={0} />
      <Form
        action={(_previous, data) => { const name = data.get("name"); return claim(looked.secret, typeof name === "string" ? name.trim() : ""); }}
        submit="Claim it with my key" pending="Waiting for your key" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null} onDone={() => location.replace("/claim")}
      >
        <Field name="name" label="Your name">
          <Input autoComplete="name" placeholder="Ines Halloran" />
        </Field>
      </Form>
      <p className="mt-2.5 text-12 text-text-3">Stays on this machine. Stop it with Ctrl C; nothing is lost.</p>
      <Note className="mt-6" title="No hardware key at hand?">
        This computer or your phone can hold one; the prompt offers both.
      </Note>
    </>
  );
}
