"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState, useTransition, type ReactNode } from "react";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Glyph, type State } from "#components/ui/glyph.tsx";
import { TextArea } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { RequestState } from "#lib/client/connect-state.ts";
import { CodeBox } from "./connect-code.tsx";
import { ConnectLink } from "./connect-link.tsx";
import { StepHead } from "./connect-shell.tsx";
import { NO_ANSWER, type Action } from "./connect-words.ts";

export type WaitActions = { mail: Action<{ to: string }>; cancel: Action<{ clientId: string }>; paste: Action<{ state: string }>; again: Action<{ state: string }> };
type Props = { client: { id: string; name: string; contact: { name: string; mail: string; phone: string } }; vaultRef: string; request: RequestState; actions: WaitActions };

const Line = ({ state, children, aside }: { state: State; children: ReactNode; aside?: ReactNode }) => (
  <li className="grid min-h-[38px] grid-cols-[14px_minmax(0,1fr)_auto] items-center gap-3 border-b border-line py-1">
    <Glyph state={state} />
    <span className={state === "none" ? "text-text-3" : undefined}>{children}</span>
    <span className="text-12 text-text-3 max-thumb:hidden">{aside}</span>
  </li>
);

/** Step 3: the link goes out, code 1 is read over the telephone, and the page moves on by itself when their vault has answered. */
export function ConnectWait({ client, vaultRef, request, actions }: Props) {
  const router = useRouter();
  const [busy, start] = useTransition();
  const [pasting, setPasting] = useState(false);
  const who = client.contact.name === "" ? "their owner" : client.contact.name;
  const press = <Value,>(action: Action<Value>, done: string) =>
    start(async () => {
      const data = new FormData();
      data.set("vaultRef", vaultRef);
      const outcome = await action(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      if (outcome.ok) toast({ state: "proven", words: done });
      else toast({ state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
      router.refresh();
    });
  return (
    <>
      <RefreshWhile active={!request.over} everyMs={2_000} />
      <StepHead title="Ask their IT admin for one tap">They open the link at their own vault, read what you see on the right, compare the first code with you, and touch their key.</StepHead>
      {request.over ? (
        <Note state="attention" title="The link has ended." className="mb-5" action={<Link className="link" href={`/clients/${client.id}/connect?step=bounds`}>Make a new one</Link>}>Nobody tapped within seven days. What was compared does not count for the next one.</Note>
      ) : (
        <ConnectLink link={request.link} requestId={request.id} mail={actions.mail} mailed={request.mailedAt !== null} to={client.contact.mail} />
      )}
      {request.refused ? <Note state="refused" title="An answer was refused." className="mb-5">{request.refused.words} Nothing was taken from it. <RelativeTime at={request.refused.at} className="text-text-3" /></Note> : null}
      {request.held ? (
        <Note state="attention" title="Their answer is here, and cannot be checked yet." className="mb-5" action={<Button size="small" pending={busy ? "Asking" : null} onClick={() => press(actions.again, "Their vault answers again")}>Try again</Button>}>
          {request.held} It is kept. The client stays unconfirmed until their vault answers itself.
        </Note>
      ) : null}
      <div className="grid gap-2.5">
        <CodeBox name="Code 1" when="before their tap, on both screens" code={request.code1}>
          {client.contact.phone === "" ? "On a number you already have, not one from a mail." : <>On a number you already have, such as <b className="font-medium text-text-2 select-all">{client.contact.phone}</b>, not one from a mail.</>}
        </CodeBox>
        <CodeBox name="Code 2" when="after their tap" code={null}>Then you confirm it on the signing page.</CodeBox>
      </div>
      <ol aria-live="polite" className="mt-5 border-t border-line">
        {request.mailedAt === null ? <Line state="none">Not mailed from here</Line> : <Line state="proven" aside={<RelativeTime at={request.mailedAt} />}><b className="font-medium">Mailed</b> to <bdi>{who}</bdi></Line>}
        <Line state={request.held ? "proven" : "moving"} aside={request.held ? "" : <>since <RelativeTime at={request.madeAt} />; this page moves on by itself</>}><b className="font-medium">{request.held ? "Tapped" : "Waiting for their tap"}</b></Line>
        <Line state={request.held ? "moving" : "none"}>Pin the vault’s key, check its signature, prove that we are blind</Line>
      </ol>
      <div className="mt-5">
        <button type="button" className="link" aria-expanded={pasting} onClick={() => setPasting(!pasting)}>No connection between their vault and us? Paste its answer</button>
        {pasting ? (
          <Form<{ state: string }> action={actions.paste} submit="Take this answer" pending="Checking it with their vault" error={NO_ANSWER} disabledReason={null} onDone={() => router.refresh()} className="mt-3">
            <input type="hidden" name="vaultRef" value={vaultRef} />
            <Field name="reply" label="Answer of the vault" help="All of what their page shows after the tap. It holds nothing that others can use."><TextArea rows={5} spellCheck={false} autoComplete="off" className="font-mono" /></Field>
          </Form>
        ) : null}
      </div>
      <div className="mt-auto flex flex-wrap items-center gap-2 pt-6">
        <Button tone="quiet" size="large" pending={busy ? "Taking it back" : null} onClick={() => press(actions.cancel, "The request is taken back")}>Cancel the request</Button>
        <span className="flex-1" />
        <Link className={buttonClass({ size: "large" })} href={`/clients/${client.id}/connect?step=bounds`}>Change what is asked</Link>
        <Button size="large" tone="ink" disabledReason="It waits for their tap." onClick={() => undefined}>Compare</Button>
      </div>
    </>
  );
}
