"use client";
import Link from "next/link";
import { useEffect, useRef, useState, useTransition } from "react";
import type { ReactNode } from "react";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Button } from "#components/ui/button.tsx";
import type { Failure as FailureValue, Outcome } from "#components/ui/failure.ts";
import { Glyph, type State } from "#components/ui/glyph.tsx";
import { Note } from "#components/ui/note.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Progress } from "#components/ui/progress.tsx";
import { Failure } from "#components/ui/states.tsx";
import { PhoneList, type PhoneRow } from "./phone-list.tsx";

/** Times in epoch milliseconds, counts of vaults; as lib/demo/progress.ts reads them. */
type Facts = {
  readonly startedAt: number | null; readonly clients: number | null; readonly members: number; readonly inboxKeys: { readonly made: number; readonly endorsed: number };
  readonly connected: number; readonly confirmed: number; readonly read: number; readonly connectedAt: number | null; readonly readAt: number | null;
  readonly perSecond: number | null; readonly words: string | null; readonly refused: readonly { readonly name: string; readonly words: string }[];
};
type Start = (previous: Outcome<{ started: boolean }> | null, data: FormData) => Promise<Outcome<{ started: boolean }>>;

const NO_ANSWER: FailureValue = { code: "no_answer", title: "No answer came", detail: "We cannot say whether connecting began.", remedy: "Try again; what began goes on." };

const seconds = (from: number, to: number) => `${((to - from) / 1_000).toLocaleString("en", { maximumFractionDigits: 1 })} s`;
const many = (count: number, one: string, more: string) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

function Step({ state, title, children }: { state: State; title: string; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[14px_minmax(0,1fr)] gap-x-3 border-t border-line px-gutter py-4">
      <Glyph state={state} className="mt-[3px]" />
      <div className="min-w-0">
        <h2 className="text-14 font-semibold">{title}</h2>
        <div className="mt-1 max-w-[68ch] text-pretty text-text-2">{children}</div>
      </div>
    </li>
  );
}

/** Begins by itself: the page is opened by whoever just made the key, and asking again changes nothing. */
function useStart(begun: boolean, start: Start): { failed: FailureValue | null; busy: boolean; again: () => void } {
  const [failed, setFailed] = useState<FailureValue | null>(null);
  const [busy, run] = useTransition();
  const asked = useRef(false);
  const again = () =>
    run(async () => {
      setFailed(null);
      const outcome = await start(null, new FormData()).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      if (!outcome.ok) setFailed(outcome.failure);
    });
  useEffect(() => {
    if (begun || asked.current) return;
    asked.current = true;
    again();
  });
  return { failed, busy, again };
}

/** The portfolio of a claimed demo, while it is connected and until the two taps that only a person can give. */
export function ProgressBoard({ progress, phones, start }: { progress: Facts; phones: readonly PhoneRow[] | null; start: Start }) {
  const { startedAt, clients, members, inboxKeys, connected, confirmed, read, connectedAt, readAt, perSecond, words, refused } = progress;
  const { failed, busy, again } = useStart(startedAt !== null, start);
  const all = clients ?? 0;
  const settled = readAt !== null;
  const allConfirmed = settled && confirmed >= all;
  const waiting = inboxKeys.made - inboxKeys.endorsed;
  const timed = startedAt !== null && connectedAt !== null ? `Connected in ${seconds(startedAt, connectedAt)}${readAt === null ? "" : `, all read after ${seconds(startedAt, readAt)}`}` : undefined;
  return (
    <>
      <RefreshWhile active={!allConfirmed || waiting > 0} everyMs={settled ? 3_000 : 1_000} />
      <PageHeader
        large title={settled ? "Your clients are connected" : "Your clients are being connected"}
        sub={settled ? "Each vault is a server of its own, and answered for itself." : "Each vault is a server of its own: its IT admin compares a code and taps, then the vault answers. Close this page if you like; it goes on."}
      />
      <div className="max-w-[760px] px-gutter pb-6" aria-live="off">
        <Progress
          large label="Vaults connected and read" total={all} noun={all === 0 ? "vaults: the list is on its way" : "vaults connected and read"} perSecond={settled ? null : perSecond}
          parts={[{ state: "proven", count: Math.min(read, connected) }, { state: "moving", count: Math.max(0, connected - read) }]}
          footer={timed ?? (connected > read ? `${connected} connected` : undefined)}
        />
        {failed ? <Failure failure={failed} className="-mx-5" actions={<Button onClick={again} pending={busy ? "Beginning" : null}>Begin again</Button>} /> : null}
        {!settled && words !== null ? <Note className="mt-4" state="attention" title="It is held up, and tries again by itself.">{words}</Note> : null}
        {refused.map(({ name, words: why }) => <Note key={name} className="mt-2" state="refused" title={<bdi>{name}</bdi>}>{why}</Note>)}
      </div>
      <ol>
        <Step state="proven" title="Two keys are yours">One signs you in, one approves. Every client’s admin saw the second one before they tapped.</Step>
        <Step state={inboxKeys.made > 0 ? "proven" : "moving"} title={inboxKeys.made > 0 ? `${many(members - 1, "colleague", "colleagues")}, ${many(inboxKeys.made, "inbox key", "inbox keys")}` : "Your colleagues join"}>
          Each technician’s key was stated by their own passkey, and checked like any other. Nobody signs in as them here: their passkeys are software of the demo.
        </Step>
        <Step state={settled ? "proven" : "moving"} title={settled ? `All ${all.toLocaleString("en")} vaults were read` : "Vaults are connected and read"}>
          {settled ? "What each says of its rows, roles and limits is here now, signed by the vault." : "What a vault says of its rows, roles and limits is read as soon as it is connected."}
        </Step>
        <Step state={allConfirmed ? "proven" : settled ? "staged" : "none"} title={allConfirmed ? "You confirmed whose vaults these are" : "One touch: whose vaults are these?"}>
          {allConfirmed ? "Changes can be planned for all of them." : (
            <>
              <p>Until you compared a code with each client, nothing can be planned for it. In the signing window you compare all of them and confirm them with one touch. The codes as the admins read them out are listed below.</p>
              <p className="mt-2.5">{settled ? <Link href="/clients/confirm" className={buttonClass({ tone: "ink" })}>Compare and confirm {many(all - confirmed, "client", "clients")}</Link> : null}</p>
            </>
          )}
        </Step>
        <Step state={inboxKeys.made > 0 && waiting === 0 ? "proven" : settled ? "staged" : "none"} title={inboxKeys.made > 0 && waiting === 0 ? "You endorsed your technicians’ keys" : "One touch: whose inbox keys are these?"}>
          {waiting === 0 && inboxKeys.made > 0 ? "Tokens can be sealed to every one of them." : (
            <>
              <p>Before a technician’s first token, a signer says that the key is theirs. All of them take one touch; comparing sixteen letters with each colleague is left to you.</p>
              <p className="mt-2.5">{settled ? <Link href="/settings/endorse" className={buttonClass({})}>Endorse {many(waiting, "key", "keys")}</Link> : null}</p>
            </>
          )}
        </Step>
      </ol>
      {phones === null ? null : <PhoneList phones={phones} />}
    </>
  );
}
