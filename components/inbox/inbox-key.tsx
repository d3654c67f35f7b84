"use client";
import { useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import type { Failure as FailureValue } from "#components/ui/failure.ts";
import { Note } from "#components/ui/note.tsx";
import { Failure } from "#components/ui/states.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { InboxStatement } from "#lib/protocol/messages.ts";
import { phraseDerivation } from "#lib/inbox/copies.ts";
import { drawPhrase, phraseLength } from "#lib/inbox/phrase.ts";
import { randomBytes } from "#lib/protocol/bytes.ts";
import { checkInboxKey, copyInboxKey, makeInboxKey, readCopies, type Opener, type OwnPasskey, type StoredCopy, type Technician, type Unwrapped } from "./ceremony.ts";
import { Fingerprint } from "./fingerprint.tsx";
import { AskPhraseDialog, NewPhraseDialog, type Drawn } from "./phrase-dialogs.tsx";
import { send, worded, type Action } from "./words.ts";

/** Times in epoch milliseconds. */
export type MyKey = {
  readonly id: string; readonly statement: InboxStatement; readonly fingerprint: string; readonly passkey: string; readonly madeAt: number; readonly notAfter: number; readonly differsAt: number | null;
  readonly endorsedBy: string | null; readonly endorsedAt: number | null; readonly copies: readonly StoredCopy[];
  /** Today's name of the person, where the statement says another. */
  readonly renamedTo: string | null;
};
export type InboxActions = { stateKey: Action<{ id: string; fingerprint: string }>; beginCopy: Action<{ challengeId: string; bytes: string }>; addCopy: Action<{ copies: number }> };

const underPhrase = (key: MyKey) => key.copies.some((one) => one["derivation"] === phraseDerivation);

/** Two different places of a phrase, to be asked for. */
function twoPlaces(): readonly [number, number] {
  const [one, other] = randomBytes(2);
  const first = one! % phraseLength;
  const second = (first + 1 + (other! % (phraseLength - 1))) % phraseLength;
  return first < second ? [first, second] : [second, first];
}

function Standing({ mine }: { mine: MyKey }) {
  if (mine.differsAt !== null) {
    return (
      <Note state="refused" title="A signer was read another fingerprint.">
        This key is not endorsed and never will be. Either something was misread, or what the signer saw is not your key. Tell an owner, then make a new one.
      </Note>
    );
  }
  if (mine.renamedTo !== null) {
    return (
      <Note state="attention" title={<>It says “<bdi>{mine.statement.name}</bdi>”, and you are <bdi>{mine.renamedTo}</bdi> now.</>}>
        Signers are not shown a key under another name than its person’s, and no vault takes it for a new token. Make a new one; what is sealed to this one can still be opened until then.
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
  const [opens, setOpens] = useState<Opener["by"] | null>(null);
  const [drawn, setDrawn] = useState<(Drawn & { drop: () => void }) | null>(null);
  const [asking, setAsking] = useState<{ use: (words: readonly string[]) => Promise<void> } | null>(null);

  const run = (what: string, work: () => Promise<void>) => async () => {
    setBusy(what);
    setFailed(null);
    try {
      await work();
    } catch (error) {
      setFailed(worded(error));
    } finally {
      setBusy(null);
    }
  };
  const stated = () => {
    setOpens(null);
    toast({ state: "moving", words: "Made. It waits for a signer" });
  };
  const askForPhrase = async ({ under, drop }: Unwrapped) => {
    const { phraseWords } = await import("#lib/inbox/phrase-words.ts");
    const keep = async (words: readonly string[]) => {
      await send(actions.stateKey, { given: JSON.stringify(await under(words)) });
    };
    setDrawn({ words: drawPhrase(phraseWords), asked: twoPlaces(), keep, drop });
  };
  const make = run("make", async () => {
    const made = await makeInboxKey(technician, passkeys);
    if ("unwrapped" in made) return askForPhrase(made.unwrapped);
    await send(actions.stateKey, { given: JSON.stringify(made.stated) });
    return stated();
  });
  const closePhrase = (kept: boolean) => {
    drawn?.drop();
    setDrawn(null);
    if (kept) stated();
  };
  /** By a passkey where one opens the key; else the phrase is asked for. */
  const opened = (what: string, key: MyKey, work: (opener: Opener) => Promise<void>) => () => {
    setFailed(null);
    let kept: ReturnType<typeof readCopies>;
    try {
      kept = readCopies(key.copies); // refused before a word of a phrase is asked for
    } catch (error) {
      return setFailed(worded(error));
    }
    if (kept.phrase === null || passkeys.some((one) => kept.byPasskey.has(one.credential_id))) return void run(what, () => work({ by: "passkey", passkeys }))();
    return setAsking({ use: (words) => work({ by: "phrase", words }) });
  };
  const check = (key: MyKey) => opened("check", key, async (opener) => {
    setOpens(null);
    await checkInboxKey(key.statement, key.copies, opener);
    setOpens(opener.by);
  });
  const copy = (key: MyKey, target: OwnPasskey) => opened(target.credential_id, key, async (opener) => {
    const given = await copyInboxKey(key, opener, target, () => send(actions.beginCopy, { inbox_key_id: key.id }));
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
        Vaults seal your tokens to this key, so that neither the console nor anybody else here ever holds them in clear. It is made in this browser and kept under your passkey, or under six words where the passkey cannot; one touch makes and states it.
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
            <Button pending={busy === "check" ? "Touch your passkey" : null} disabledReason={busy === "check" ? null : off} onClick={check(mine)}>
              Check that it is mine
            </Button>
            {makeButton}
            {opens === null ? null : <output><Badge state="proven">{opens === "phrase" ? "Your words" : "Your passkey"} opened it: these are its letters</Badge></output>}
          </div>
          <div>
            <h3>What opens it</h3>
            <ul className="mt-1 grid gap-1">
              {underPhrase(mine) ? (
                <li className="flex min-h-8 items-center gap-2">
                  <span className="min-w-0 flex-1 truncate">The six words you wrote down</span>
                  <Badge state="proven">Opens it</Badge>
                </li>
              ) : null}
              {passkeys.map((passkey) => (
                <li key={passkey.credential_id} className="flex min-h-8 items-center gap-2">
                  <bdi className="min-w-0 flex-1 truncate">{passkey.label}</bdi>
                  {mine.copies.some((one) => one["credential_id"] === passkey.credential_id) ? (
                    <Badge state="proven">Opens it</Badge>
                  ) : (
                    <Button size="small" pending={busy === passkey.credential_id ? "Two touches" : null} disabledReason={busy === passkey.credential_id ? null : off} onClick={copy(mine, passkey)} aria-label={`Let it open it too: ${passkey.label}`}>
                      Let it open it too
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            {passkeys.length === 1 && !underPhrase(mine) ? <p className="mt-1 text-12 text-pretty text-text-3">With one passkey only, losing it means: a new key, and every token renewed. Add a second one under Keys.</p> : null}
          </div>
        </div>
      )}
      <NewPhraseDialog drawn={drawn} onClose={closePhrase} />
      <AskPhraseDialog use={asking?.use ?? null} onClose={() => setAsking(null)} />
    </section>
  );
}
