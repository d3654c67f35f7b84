"use client";
import { useState } from "react";
import { KeyIcon } from "#components/identity/key-icon.tsx";
import { ownFailure } from "#components/identity/words.ts";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { OpenedNote } from "#components/signing/opened-note.tsx";
import { openSigningWindow } from "#components/signing/open-window.ts";
import type { WindowRow } from "#components/signing/window-list.tsx";
import type { Outcome } from "#components/ui/failure.ts";
import { Form } from "#components/ui/form.tsx";
import { Note } from "#components/ui/note.tsx";
import { TwoKeys } from "./two-keys.tsx";

type Asked = { id: string; url: string };
type Action = (previous: Outcome<Asked> | null, data: FormData) => Promise<Outcome<Asked>>;

/** The second key: made in a signing window like any other. The page moves on by itself once it is there. */
export function SigningStep({ action, label, host, last }: { action: Action; label: string; host: string; last: WindowRow | null }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const open = (given: Asked) => {
    setAsked(given);
    openSigningWindow(given.url);
  };
  const ended = last !== null && last.state !== "waiting" && last.state !== "open" && last.state !== "done";
  return (
    <>
      <RefreshWhile active everyMs={1_000} />
      <TwoKeys done={1} />
      <Form action={action} submit="Make my signing key" pending="Opening" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null} onDone={open}>
        <input type="hidden" name="label" value={label} />
      </Form>
      <p className="mt-2.5 text-12 text-pretty text-text-3">
        It opens a window at <span className="mono">{host}</span>, another host than this one: what signs there can never be asked for here.
      </p>
      {asked ? <OpenedNote key={asked.id} url={asked.url} /> : null}
      <div aria-live="polite">
        {ended ? (
          <Note className="mt-4" state="attention" title="No signing key was made.">
            {last.words ?? "The window ended without one."} Open it once more.
          </Note>
        ) : null}
      </div>
    </>
  );
}
