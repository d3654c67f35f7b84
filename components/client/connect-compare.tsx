"use client";
import { KeyRound } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { WindowList, type WindowRow } from "#components/signing/window-list.tsx";
import { OpenedNote } from "#components/signing/opened-note.tsx";
import { openSigningWindow } from "#components/signing/open-window.ts";
import { Button } from "#components/ui/button.tsx";
import { Failure } from "#components/ui/states.tsx";
import { Note } from "#components/ui/note.tsx";
import { TypedConfirmation } from "#components/ui/typed-confirmation.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { AnsweredState } from "#lib/client/connect-state.ts";
import { CodeBox } from "./connect-code.tsx";
import { StepHead } from "./connect-shell.tsx";
import { NO_ANSWER, type Action } from "./connect-words.ts";

type Window = { id: string; url: string };
type Props = { client: { id: string; name: string; contact: { name: string; phone: string } }; vaultRef: string; answered: AnsweredState; code1: string | null; windows: readonly WindowRow[]; confirm: Action<Window>; giveUp: Action<{ name: string }> };

/** Step 4: code 2 is read over the telephone, and said to be the same with one tap on the signing page. */
export function ConnectCompare({ client, vaultRef, answered, code1, windows, confirm, giveUp }: Props) {
  const router = useRouter();
  const [asked, setAsked] = useState<Window | null>(null);
  const [failed, setFailed] = useState<typeof NO_ANSWER | null>(null);
  const [busy, start] = useTransition();
  const [leaving, setLeaving] = useState(false);
  const who = client.contact.name === "" ? "their owner" : client.contact.name;
  const open = () =>
    start(async () => {
      setFailed(null);
      const data = new FormData();
      data.set("vaultRef", vaultRef);
      const outcome = await confirm(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      if (!outcome.ok) return setFailed(outcome.failure);
      setAsked(outcome.value);
      openSigningWindow(outcome.value.url);
    });
  const leave = () =>
    start(async () => {
      const data = new FormData();
      data.set("clientId", client.id);
      const outcome = await giveUp(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      setLeaving(false);
      if (outcome.ok) router.push("/clients");
      else toast({ state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
    });
  return (
    <>
      <StepHead title="Is it really their vault?">{who === "their owner" ? "Their owner" : <bdi>{who}</bdi>} has tapped. The page of their vault now shows a second code: have it read to you, all sixteen letters, on the telephone. Until a signer confirms it, nothing can be planned here.</StepHead>
      <div className="grid gap-2.5">
        {code1 === null ? null : <CodeBox name="Code 1" when="was compared before their tap" code={code1}>They saw it beside what we ask for.</CodeBox>}
        <CodeBox name="Code 2" when="on both screens now" code={answered.code2}>
          {client.contact.phone === "" ? "On a number you already have." : <>On a number you already have, such as <b className="font-medium text-text-2 select-all">{client.contact.phone}</b>.</>} The signing page makes it once more, from the vault’s own signature; that one counts.
        </CodeBox>
      </div>
      {answered.tightened ? <Note state="attention" title="They tightened what we asked for." className="mt-4">What they allow is shown at the right, and is what counts.</Note> : null}
      {failed ? <Failure failure={failed} className="-mx-5" /> : null}
      {asked ? <OpenedNote key={asked.id} url={asked.url} /> : null}
      <div className="-mx-[var(--gutter)] mt-2"><WindowList windows={windows} /></div>
      <div className="mt-auto flex flex-wrap items-center gap-2 pt-6">
        <Button tone="quiet" size="large" onClick={() => setLeaving(true)}>Give up this client</Button>
        <span className="flex-1" />
        <Button size="large" tone="sign" icon={<KeyRound aria-hidden />} pending={busy ? "Opening" : null} onClick={open}>Compare and confirm with a tap</Button>
      </div>
      <p className="mt-2 text-12 text-text-3">It differs? Say so in the signing window: this connection is then stopped. More than one waits? <Link className="link" href="/clients/confirm">Confirm several with one tap</Link>.</p>
      <TypedConfirmation open={leaving} onOpenChange={setLeaving} title={`Give up ${client.name}?`} name={client.name} keep="Keep it" confirm="Give it up" pending={busy ? "Giving up" : null} onConfirm={leave}>
        The token that we were given is thrown away. Our row stays in their vault until they remove it on their own page: tell them.
      </TypedConfirmation>
    </>
  );
}
