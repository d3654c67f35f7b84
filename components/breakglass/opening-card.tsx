"use client";
import { Copy, KeyRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { readCopies, type Opener, type OwnPasskey } from "#components/inbox/ceremony.ts";
import { AskPhraseDialog } from "#components/inbox/phrase-dialogs.tsx";
import { send, worded, type Action } from "#components/inbox/words.ts";
import { offerFile } from "#components/token/offer-file.ts";
import { commandLineProfile } from "#components/token/profile.ts";
import type { OpenedToken } from "#components/token/open.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import type { Failure as FailureValue } from "#components/ui/failure.ts";
import { Failure } from "#components/ui/states.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { ToOpen, ToRelease } from "#lib/breakglass/opening.ts";
import type { OpeningLine } from "#lib/breakglass/view.ts";
import { openGlass, releaseShare, type OwnKey } from "./ceremony.ts";

export type OpeningActions = { takeShare: Action<ToRelease>; release: Action<{ id: string }>; takeBoth: Action<ToOpen>; opened: Action<{ id: string }>; close: Action<{ id: string }> };

/** How long an opened token stays in this page's memory. */
const MEMORY_MS = 300_000;

/** One opening on its way: what waits for whom, and the one thing that this person can do about it. */
export function OpeningCard({ line, self, custodian, owner, own, passkeys, actions }: { line: OpeningLine; self: string; custodian: boolean; owner: boolean; own: OwnKey | null; passkeys: readonly OwnPasskey[]; actions: OpeningActions }) {
  const router = useRouter();
  const token = useRef<OpenedToken | null>(null);
  const [tail, setTail] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<FailureValue | null>(null);
  const [asking, setAsking] = useState<{ use: (words: readonly string[]) => Promise<void> } | null>(null);
  const mine = line.askedById === self;
  useEffect(() => () => void (token.current = null), []);
  useEffect(() => {
    if (tail === null) return;
    const timer = setTimeout(() => {
      token.current = null;
      setTail(null);
    }, MEMORY_MS);
    return () => clearTimeout(timer);
  }, [tail]);

  const withKey = (work: (key: OwnKey, opener: Opener) => Promise<void>) => {
    if (own === null) return;
    setFailed(null);
    let kept: ReturnType<typeof readCopies>;
    try {
      kept = readCopies(own.copies);
    } catch (error) {
      return setFailed(worded(error));
    }
    const byPasskey = passkeys.some((one) => kept.byPasskey.has(one.credential_id));
    if (!byPasskey && kept.phrase !== null) return setAsking({ use: (words) => work(own, { by: "phrase", words }) });
    setBusy(true);
    void work(own, { by: "passkey", passkeys }).catch((error: unknown) => setFailed(worded(error))).finally(() => setBusy(false));
  };
  const release = () => withKey(async (key, opener) => {
    const given = await send(actions.takeShare, { id: line.id });
    await send(actions.release, { given: JSON.stringify(await releaseShare(key, opener, given)) });
    toast({ state: "proven", words: `Your share is sealed to ${line.askedBy}, for this opening alone` });
    router.refresh();
  });
  const open = () => withKey(async (key, opener) => {
    const opened = await openGlass(key, opener, await send(actions.takeBoth, { id: line.id }));
    if (!line.drill) {
      token.current = opened;
      setTail(opened.inside.token.slice(-4));
    }
    await send(actions.opened, { id: line.id });
    toast({ state: "proven", words: line.drill ? "It works: both shares made the key, and the key opened the sealed token" : "Open. Owners and the client were told" });
    router.refresh();
  });
  const close = () => {
    setBusy(true);
    setFailed(null);
    void send(actions.close, { id: line.id }).then(() => router.refresh(), (error: unknown) => setFailed(worded(error))).finally(() => setBusy(false));
  };
  const take = (how: "copy" | "file") => {
    const held = token.current;
    if (held === null) return;
    const forget = () => {
      token.current = null;
      setTail(null);
    };
    if (how === "file") {
      offerFile("clavitor-break-glass.conf", commandLineProfile([held], new Map(), new Date()), "text/plain");
      return forget();
    }
    void navigator.clipboard.writeText(held.inside.token).then(() => true, () => false).then((done) => {
      if (done) forget();
      else setFailed({ code: "no_clipboard", title: "It could not be copied", detail: "This browser did not let the page write to the clipboard. The token is still here.", remedy: "Download a profile instead." });
      return done;
    });
  };
  const off = own === null ? "You have no inbox key." : null;
  return (
    <li className="grid gap-3 border-b border-line px-gutter py-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h3 className="text-14 font-semibold text-pretty"><bdi>{mine ? "You" : line.askedBy}</bdi> {mine ? "ask" : "asks"} to {line.drill ? "try" : "open"} <bdi>{line.client}</bdi></h3>
          <p className="text-pretty [overflow-wrap:anywhere]"><bdi>{line.reason}</bdi></p>
          <p className="text-12 text-text-3">asked <RelativeTime at={line.askedAt} />, over <RelativeTime at={line.endsAt} />{line.secondBy === null ? "" : <>; <bdi>{line.secondBy}</bdi> released their share</>}</p>
        </div>
        <Badge state={line.state === "asked" ? "attention" : line.state === "released" ? "moving" : "proven"}>{line.state === "asked" ? "Waits for a second" : line.state === "released" ? "Both shares are there" : "Opened"}</Badge>
      </div>
      {tail === null ? null : (
        <div className="flex h-12 max-w-[560px] items-center gap-2 rounded-box border border-line-control bg-surface pr-2 pl-3.5 font-mono text-13 font-medium">
          <span className="min-w-0 flex-1 overflow-hidden text-ellipsis whitespace-nowrap text-text-2" role="img" aria-label={`A token that ends with ${tail}`}>cvt_•••••••••••••••••{tail}</span>
          <Button tone="ink" icon={<Copy aria-hidden />} onClick={() => take("copy")}>Copy once</Button>
          <Button onClick={() => take("file")}>Profile</Button>
        </div>
      )}
      {failed ? <Failure as="h3" failure={failed} className="-ml-5" /> : null}
      <div className="flex flex-wrap items-center gap-2">
        {custodian && !mine && line.state === "asked" ? <Button tone="sign" icon={<KeyRound aria-hidden />} pending={busy ? "Touch your passkey" : null} disabledReason={busy ? null : off} onClick={release}>Release my share to {line.askedBy}</Button> : null}
        {mine && (line.state === "released" || (line.state === "opened" && tail === null)) ? <Button tone="sign" icon={<KeyRound aria-hidden />} pending={busy ? "Touch your passkey" : null} disabledReason={busy ? null : off} onClick={open}>{line.drill ? "Try it" : line.state === "opened" ? "Open it again" : "Open it"}</Button> : null}
        {mine && line.state === "asked" ? <span className="text-text-2">Call another custodian: it opens only with their share.</span> : null}
        {custodian || owner ? <Button disabledReason={busy ? "Something is under way." : null} onClick={close}>Close it</Button> : null}
      </div>
      <AskPhraseDialog use={asking?.use ?? null} onClose={() => setAsking(null)} />
    </li>
  );
}
