"use client";
import Link from "next/link";
import { buttonClass } from "#components/ui/button-class.ts";
import { Form } from "#components/ui/form.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Note } from "#components/ui/note.tsx";
import { Failure, LoadingRows } from "#components/ui/states.tsx";
import { ExactTime } from "#components/ui/time.tsx";
import { recover } from "./ceremony.ts";
import { KeyIcon } from "./key-icon.tsx";
import { useLookedAt } from "./use-looked-at.ts";
import { ownFailure } from "./words.ts";

type WayBack = { organisation: string; name: string; effectiveAt: string; effective: boolean };

/** For an owner who lost every key: waits, then registers a new one. */
export function RecoverForm() {
  const looked = useLookedAt<WayBack>("/api/ceremony/way-back", "recovery_unknown");
  if (looked.state === "loading") return <LoadingRows what="the way back" rows={2} widths={["112px", "1fr"]} className="-mx-5" />;
  if (looked.state === "failed") return <Failure failure={looked.failure} className="-mx-5" actions={<Link href="/sign-in" className={buttonClass({})}>Sign in</Link>} />;
  const { organisation, name, effectiveAt, effective } = looked.value;
  const at = new Date(effectiveAt).getTime();
  return (
    <Form
      action={() => recover(looked.secret)} submit="Register my new key" pending="Waiting for your key" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")}
      disabledReason={effective ? null : "It takes effect 24 hours after it was asked for. Keep the link and come back."} onDone={() => location.assign("/settings/keys")}
    >
      <KeyValues
        of={[
          { key: "organisation", label: "Organisation", value: <bdi className="font-semibold">{organisation}</bdi> },
          { key: "name", label: "Owner", value: <bdi>{name}</bdi> },
          { key: "at", label: "Effective", value: <ExactTime at={at} /> },
        ]}
      />
      <Note state={effective ? "none" : "moving"} title={effective ? "Every owner was told." : "Not yet."}>
        {effective ? "With your new key you are in at once. Then remove the keys that you lost." : "Every owner was told and can stop it until it is used."}
      </Note>
    </Form>
  );
}
