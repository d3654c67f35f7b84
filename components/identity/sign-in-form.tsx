"use client";
import Link from "next/link";
import { useRef, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import type { Failure as FailureValue } from "#components/ui/failure.ts";
import { Note } from "#components/ui/note.tsx";
import { signIn } from "./ceremony.ts";
import { KeyIcon } from "./key-icon.tsx";

/** One button. `next` is a path of this console; `ended` is why the last session is over. */
export function SignInForm({ next, ended, signUpOpen }: { next: string; ended: { title: string; detail: string } | null; signUpOpen: boolean }) {
  const [failure, setFailure] = useState<FailureValue | null>(null);
  const [pending, setPending] = useState<string | null>(null);
  const underway = useRef(false);
  const touch = async () => {
    if (underway.current) return;
    underway.current = true;
    setFailure(null);
    setPending("Waiting for your key");
    const outcome = await signIn();
    // A whole new page: nothing of before the sign-in stays in memory.
    if (outcome.ok) return location.assign(next);
    underway.current = false;
    setPending(null);
    setFailure(outcome.failure);
  };
  return (
    <>
      <Button tone="sign" size="large" wide icon={<KeyIcon />} pending={pending} onClick={() => void touch()}>
        Touch your key
      </Button>
      <div aria-live="polite" className="mt-3 grid gap-3 empty:hidden">
        {failure ? (
          <Note state="refused" title={`${failure.title}.`}>
            {failure.detail} {failure.remedy} {failure.id ? <span className="mono">{failure.id}</span> : null}
          </Note>
        ) : null}
      </div>
      <details className="group mt-5">
        <summary className="link w-fit cursor-pointer text-text-2">I lost my key</summary>
        <div className="mt-2 grid gap-1.5 text-pretty text-text-2">
          <p>Any other key of yours opens the same door. Otherwise an owner of your organisation can invite you again: a link comes to your address.</p>
          <p>An owner without any key is helped by whoever runs this installation: the way back takes effect after 24 hours, and every owner is told.</p>
        </div>
      </details>
      {signUpOpen ? (
        <p className="mt-3 text-text-2">
          New here?{" "}
          <Link href="/sign-up" className="link">
            Start an organisation
          </Link>
        </p>
      ) : null}
      {ended && !failure ? (
        <Note className="mt-8" title={`${ended.title}.`}>
          {ended.detail}
        </Note>
      ) : null}
    </>
  );
}
