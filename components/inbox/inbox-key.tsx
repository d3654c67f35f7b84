"use client";
import { useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import type { Failure as FailureValue, Outcome } from "#components/ui/failure.ts";
import { Note } from "#components/ui/note.tsx";
import { Failure } from "#components/ui/states.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { InboxStatement } from "#lib/protocol/messages.ts";
import { checkInboxKey, copyInboxKey, InboxStop, makeInboxKey, type OwnPasskey, type StopReason, type StoredCopy, type Technician } from "./ceremony.ts";
import { Fingerprint } from "./fingerprint.tsx";

/** Times in epoch milliseconds. */
export type MyKey = {
  readonly id: string; readonly statement: InboxStatement; readonly fingerprint: string; readonly passkey: string; readonly madeAt: number; readonly notAfter: number; readonly differsAt: number | null;
  readonly endorsedBy: string | null; readonly endorsedAt: number | null; readonly copies: readonly StoredCopy[];
};
type Action<Value> = (previous: Outcome<Value> | null, data: FormData) => Promise<Outcome<Value>>;
export type InboxActions = { stateKey: Action<{ id: string; fingerprint: string }>; beginCopy: Action<{ challengeId: string; bytes: string }>; addCopy: Action<{ copies: number }> };

const STOPS: Record<StopReason, FailureValue> = {
  no_tap: { code: "no_tap", title: "No tap came", detail: "The passkey was not touched in time, or the window was closed. Nothing was changed.", remedy: "Press the button again." },
  no_prf: { code: "no_prf", title: "This passkey cannot keep a key", detail: "It, or this browser, lacks the PRF extension under which the private half is wrapped. A six-word phrase in its place is not part of this release. Nothing was changed.", remedy: "Take another passkey, or a current browser; most hardware keys and phones can." },
  strange_copies: { code: "strange_copies", title: "The server offered a weaker way to keep your key", detail: "How a key is wrapped is fixed in this page, and the server's answer says otherwise. The page refused it. Nothing was opened.", remedy: "Do not try again. Tell an owner of your organisation; an operator has to look." },
  not_opened: { code: "not_opened", title: "Your passkey does not open this key", detail: "The key that is shown is not the one that was made with your passkey.", remedy: "Do not read its letters to anybody. Tell an owner, then make a new key." },
  strange_key: { code: "strange_key", title: "Another key answered", detail: "It is none of the passkeys that were asked. Nothing was changed.", remedy: "Press the button again and take a passkey of the list." },
  unsupported: { code: "unsupported", title: "This browser cannot do it", detail: "Passkeys are missing or switched off here. Nothing was changed.", remedy: "Open this page in a current browser." },
  elsewhere: { code: "elsewhere", title: "This page stands at another address than its console", detail: "A key made here would not be taken. Nothing was changed.", remedy: "Open the console at its own address." },
};
const NO_ANSWER: FailureValue = { code: "no_answer", title: "No answer came", detail: "We cannot say whether it was kept.", remedy: "Load the page and look." };

class Refused extends Error {
  readonly failure: FailureValue;
  constructor(failure: FailureValue) {
    super(failure.code);
    this.failure = failure;
  }
}

async function send<Value>(action: Action<Value>, fields: Record<string, string>): Promise<Value> {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  const outcome = await action(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
  if (!outcome.ok) throw new Refused(outcome.failure);
  return outcome.value;
}

function Standing({ mine }: { mine: MyKey }) {
  if (mine.differsAt !== null) {
    return (
      <Note state="refused" title="A signer was read another fingerprint.">
        This key is not endorsed and never will be. Either something was misread, or what the signer saw is not your key. Tell an owner, then make a new one.
      </Note>
    );
  }
  if (mine.endorsedBy === null) {
    return (
      <Note state="attention" title="It waits for a signer.">
        One of them asks you for the sixteen letters, face to face or on a number they already have. Read all of them. Until then nothing can be sealed to it.
      </Note>
    );
  }
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <Badge state="proven">Endorsed</Badge>
      <span className="text-text-2">
        by <bdi>{mine.endorsedBy}</bdi>
        {mine.endorsedAt === null ? null : <>, <RelativeTime at={mine.endorsedAt} /></>}
      </span>
    </p>
  );
}

/** A technician's own inbox key: make it, read its fingerprint, see whether it opens, put it under another passkey. */
export function InboxKey({ mine, passkeys, technician, actions }: { mine: MyKey | null; passkeys: readonly OwnPasskey[]; technician: Technician; actions: InboxActions }) {
  const [busy, setBusy] = useState<string | null>(null);
  const [failed, setFailed] = useState<FailureValue | null>(null);
  const [opens, setOpens] = useState(false);

  const run = (what: string, work: () => Promise<void>) => async () => {
    setBusy(what);
    setFailed(null);
    try {
      await work();
    } catch (error) {
      if (error instanceof InboxStop) setFailed(STOPS[error.reason]);
      else if (error instanceof Refused) setFailed(error.failure);
      else throw error;
    } finally {
      setBusy(null);
    }
  };
  const make = run("make", async () => {
    const { stated } = await makeInboxKey(technician, passkeys);
    await send(actions.stateKey, { given: JSON.stringify(stated) });
    setOpens(false);
    toast({ state: "moving", words: "Made. It waits for a signer" });
  });
  const check = (key: MyKey) => run("check", async () => {
    setOpens(false);
    await checkInboxKey(key.statement, key.copies, passkeys);
    setOpens(true);
  });
  const copy = (key: MyKey, target: OwnPasskey) => run(target.credential_id, async () => {
    const given = await copyInboxKey(key, passkeys, target, () => send(actions.beginCopy, { inbox_key_id: key.id }));
    await send(actions.addCopy, { given: JSON.stringify(given) });
    toast({ state: "proven", words: `“${target.label}” opens it too` });
  });

  const off = busy === null ? null : "Touch your passkey first.";
  const makeButton = (
    <Button tone={mine ? "plain" : "ink"} pending={busy === "make" ? "Touch your passkey" : null} disabledReason={busy === "make" ? null : off} onClick={() => void make()}>
      {mine ? "Make a new key" : "Make my inbox key"}
    </Button>
  );
  return (
    <section aria-labelledby="inbox-title" className="px-gutter pt-5 pb-6">
      <h2 id="inbox-title">My inbox key</h2>
      <p className="mt-0.5 mb-4 max-w-[64ch] text-pretty text-text-2">
        Vaults seal your tokens to this key, so that neither the console nor anybody else here ever holds them in clear. It is made in this browser and kept under your passkey; one touch makes and states it.
      </p>
      {failed ? <Failure failure={failed} className="mb-2 -ml-5" /> : null}
      {mine === null ? (
        makeButton
      ) : (
        <div className="grid max-w-[64ch] gap-4">
          <div>
            <Fingerprint letters={mine.fingerprint} />
            <p className="text-12 text-text-3">
              Made <RelativeTime at={mine.madeAt} /> with “<bdi>{mine.passkey}</bdi>”. Counts until {new Date(mine.notAfter).toISOString().slice(0, 10)}.
            </p>
          </div>
          <Standing mine={mine} />
          <div className="flex flex-wrap items-center gap-2">
            <Button pending={busy === "check" ? "Touch your passkey" : null} disabledReason={busy === "check" ? null : off} onClick={() => void check(mine)()}>
              Check that it is mine
            </Button>
            {makeButton}
            {opens ? <output><Badge state="proven">Your passkey opened it: these are its letters</Badge></output> : null}
          </div>
          <div>
            <h3>Passkeys that open it</h3>
            <ul className="mt-1 grid gap-1">
              {passkeys.map((passkey) => (
                <li key={passkey.credential_id} className="flex min-h-8 items-center gap-2">
                  <bdi className="min-w-0 flex-1 truncate">{passkey.label}</bdi>
                  {mine.copies.some((one) => one.credential_id === passkey.credential_id) ? (
                    <Badge state="proven">Opens it</Badge>
                  ) : (
                    <Button size="small" pending={busy === passkey.credential_id ? "Two touches" : null} disabledReason={busy === passkey.credential_id ? null : off} onClick={() => void copy(mine, passkey)()} aria-label={`Let ${passkey.label} open it too`}>
                      Let it open it too
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            {passkeys.length === 1 ? <p className="mt-1 text-12 text-pretty text-text-3">With one passkey only, losing it means: a new key, and every token renewed. Add a second one under Keys.</p> : null}
          </div>
        </div>
      )}
    </section>
  );
}
