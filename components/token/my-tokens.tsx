"use client";
import { KeyRound } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useRef, useState } from "react";
import { readCopies, type Opener, type OwnPasskey, type StoredCopy } from "#components/inbox/ceremony.ts";
import { AskPhraseDialog } from "#components/inbox/phrase-dialogs.tsx";
import { send, worded, type Action } from "#components/inbox/words.ts";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { cx } from "#components/ui/class-names.ts";
import type { Failure as FailureValue } from "#components/ui/failure.ts";
import { Note } from "#components/ui/note.tsx";
import { Empty, Failure } from "#components/ui/states.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { InboxStatement } from "#lib/protocol/messages.ts";
import type { TokenLine } from "#lib/token/mine.ts";
import type { SealedLine } from "#lib/token/take.ts";
import { Letter, type Shown } from "./letter.tsx";
import { offerFile } from "./offer-file.ts";
import { openTokens, type OpenedToken } from "./open.ts";
import { commandLineProfile, extensionProfile } from "./profile.ts";
import { groupsOf, lineId, TokenGroups } from "./token-list.tsx";

export type TokenActions = { take: Action<SealedLine[]>; opened: Action<{ count: number }>; strange: Action<{ client: string }> };
type Key = { readonly statement: InboxStatement; readonly copies: readonly StoredCopy[]; readonly endorsed: boolean };

/** How long opened tokens stay in this page's memory. */
const MEMORY_MS = 300_000;
/** As many as the server hands out at once (lib/limits.ts). */
const AT_ONCE = 200;

const many = (count: number, one: string, more: string) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

/** A technician's tokens: what waits is opened with one touch, here and nowhere else. `now`: when the page was drawn. */
export function MyTokens({ tokens, keyLabel, mine, passkeys, now, actions, ask }: { tokens: readonly TokenLine[]; keyLabel: string | null; mine: Key | null; passkeys: readonly OwnPasskey[]; now: number; actions: TokenActions; ask: React.ReactNode }) {
  const router = useRouter();
  // The tokens themselves stand in no state that a tool could show, and in nothing that outlives the page.
  const memory = useRef(new Map<string, OpenedToken>());
  const [held, setHeld] = useState<{ ids: ReadonlyMap<string, Shown>; until: number }>({ ids: new Map(), until: 0 });
  const [current, setCurrent] = useState<string | null>(() => { const [first] = tokens; return first ? lineId(first) : null; });
  const [all, setAll] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState<string | null>(null);
  const [failed, setFailed] = useState<FailureValue | null>(null);
  const [asking, setAsking] = useState<{ use: (words: readonly string[]) => Promise<void> } | null>(null);
  const groups = useMemo(() => groupsOf(tokens, keyLabel, now), [tokens, keyLabel, now]);
  const waiting = tokens.filter(({ state, openable }) => state === "waits" && openable);
  const line = tokens.find((one) => lineId(one) === current) ?? tokens[0] ?? null;

  const forget = (ids: Iterable<string>) => {
    for (const id of ids) memory.current.delete(id);
    setHeld(({ ids: before, until }) => ({ until, ids: new Map([...before].filter(([id]) => memory.current.has(id))) }));
  };
  useEffect(() => {
    const tokensHeld = memory.current;
    return () => tokensHeld.clear();
  }, []);
  useEffect(() => {
    if (held.until === 0) return;
    const timer = setTimeout(() => {
      memory.current.clear();
      setHeld({ ids: new Map(), until: 0 });
    }, Math.max(0, held.until - Date.now()));
    return () => clearTimeout(timer);
  }, [held.until]);

  const openWith = (key: Key, lines: readonly TokenLine[]) => async (opener: Opener) => {
    const ids = lines.slice(0, AT_ONCE).map(({ id }) => id!);
    const sealed = await send(actions.take, { ids: ids.join(",") });
    const { opened, strange } = await openTokens(key, opener, sealed);
    for (const one of opened) memory.current.set(one.id, one);
    const at = Date.now();
    setHeld((before) => ({ until: at + MEMORY_MS, ids: new Map([...before.ids, ...opened.map((one): [string, Shown] => [one.id, { id: one.id, client: one.client, tail: one.inside.token.slice(-4), openedAt: at }])]) }));
    // The alarm first: what is said to be opened may wait.
    for (const { id, why } of strange) await send(actions.strange, { id, why });
    if (opened.length > 0) await send(actions.opened, { ids: opened.map(({ id }) => id).join(",") });
    if (strange.length > 0) toast({ state: "refused", words: `${many(strange.length, "token is", "tokens are")} not sealed to you: owners were told` });
    const [first] = opened;
    const shown = lines.find(({ id }) => id === first?.id);
    if (shown) setCurrent(lineId(shown));
    router.refresh();
  };

  const start = (what: string, lines: readonly TokenLine[]) => {
    if (mine === null || lines.length === 0) return;
    setFailed(null);
    const work = openWith(mine, lines);
    let kept: ReturnType<typeof readCopies>;
    try {
      kept = readCopies(mine.copies); // refused before a word of a phrase is asked for
    } catch (error) {
      return setFailed(worded(error));
    }
    const byPasskey = passkeys.some((one) => kept.byPasskey.has(one.credential_id));
    if (!byPasskey && kept.phrase !== null) return setAsking({ use: (words) => work({ by: "phrase", words }) });
    setBusy(what);
    void work({ by: "passkey", passkeys }).catch((error: unknown) => setFailed(worded(error))).finally(() => setBusy(null));
  };

  const copy = (id: string) => {
    const token = memory.current.get(id)?.inside.token;
    if (token === undefined) return;
    void navigator.clipboard.writeText(token).then(() => true, () => false).then((done) => {
      if (!done) return setFailed({ code: "no_clipboard", title: "It could not be copied", detail: "This browser did not let the page write to the clipboard. The token is still here.", remedy: "Download a profile instead." });
      forget([id]);
      return toast({ state: "proven", words: "Copied. This page has forgotten it; the clipboard has it until you copy something else" });
    });
  };
  const profile = (kind: "extension" | "command_line", ids: readonly string[]) => {
    const chosen = ids.flatMap((id) => memory.current.get(id) ?? []);
    const ends = new Map(tokens.flatMap(({ id, until }) => (id === null ? [] : [[id, until] as const])));
    const name = chosen.length === 1 ? "clavitor-profile" : `clavitor-profile-${chosen.length}`;
    if (kind === "extension") offerFile(`${name}.json`, extensionProfile(chosen, ends, new Date()), "application/json");
    else offerFile(`${name}.conf`, commandLineProfile(chosen, ends, new Date()), "text/plain");
    forget(ids);
    toast({ state: "proven", words: `${many(chosen.length, "token is", "tokens are")} in the file. This page has forgotten ${chosen.length === 1 ? "it" : "them"}; keep the file where only you read` });
  };

  const off = mine === null ? "You have no inbox key." : busy === null ? null : "Touch your passkey first.";
  const heldIds = [...held.ids.keys()];
  const shown = line?.id ? (held.ids.get(line.id) ?? null) : null;
  return (
    <div className="grid min-h-full grid-cols-[404px_minmax(0,1fr)] max-rail:grid-cols-[320px_minmax(0,1fr)] max-thumb:flex max-thumb:flex-col">
      <RefreshWhile active={tokens.some(({ letters, state }) => letters === null && state === "waits")} everyMs={3_000} />
      <section aria-labelledby="tokens-title" className="border-r border-line max-thumb:border-r-0">
        <div className="px-5 pt-5 pb-3">
          <h1 id="tokens-title" className="text-20 font-semibold">My tokens</h1>
          <p className="text-text-2">{waiting.length > 0 ? many(waiting.length, "is new. Nobody has seen what is in it.", "are new. Nobody has seen what is in them.") : heldIds.length > 0 ? `${many(heldIds.length, "is open", "are open")} in this page.` : "Nothing new waits for you."}</p>
          <div className="mt-3 flex flex-wrap gap-2">
            {waiting.length > 0 ? (
              <Button tone="sign" size="large" icon={<KeyRound aria-hidden />} pending={busy === "all" ? "Touch your passkey" : null} disabledReason={busy === "all" ? null : off} onClick={() => start("all", waiting)}>
                {waiting.length === 1 ? "Open it with one tap" : `Open all ${Math.min(waiting.length, AT_ONCE)} with one tap`}
              </Button>
            ) : null}
            {heldIds.length > 1 ? (
              <>
                <Button onClick={() => profile("extension", heldIds)}>All {heldIds.length} for the extension</Button>
                <Button onClick={() => profile("command_line", heldIds)}>All {heldIds.length} for the command line</Button>
              </>
            ) : null}
          </div>
          {failed ? <Failure failure={failed} className="mt-3 -ml-5" /> : null}
          {mine === null ? <Note state="attention" title="You have no inbox key." className="mt-3" action={<Link className={buttonClass({ size: "small" })} href="/settings/inbox-key">Make one</Link>}>Vaults seal tokens to it. Until a signer has endorsed yours, none can be given to you.</Note> : null}
          {mine !== null && !mine.endorsed ? <Note state="attention" title="Your inbox key waits for a signer." className="mt-3" action={<Link className="link" href="/settings/inbox-key">Its letters</Link>}>Nothing new can be sealed to it until one has compared its letters with you.</Note> : null}
        </div>
        <TokenGroups groups={groups} current={line === null ? null : lineId(line)} choose={setCurrent} now={now} all={all} showAll={(id) => setAll(new Set([...all, id]))} />
      </section>
      <div className={cx("grid grid-rows-[auto_1fr] bg-canvas", heldIds.length > 0 ? "max-thumb:order-first" : "max-thumb:border-t max-thumb:border-line")}>
        {line === null ? (
          <Empty title="You have no token yet">Ask for access below, or wait for an owner to give you some. It arrives here sealed, and only your key opens it.</Empty>
        ) : (
          <Letter
            line={line} shown={shown} keyLabel={keyLabel} memoryUntil={held.until} memoryMs={MEMORY_MS} copy={() => copy(line.id!)} profile={(kind) => profile(kind, [line.id!])}
            actions={
              <>
                {line.openable ? <Button tone={line.state === "waits" ? "sign" : "plain"} icon={<KeyRound aria-hidden />} pending={busy === lineId(line) ? "Touch your passkey" : null} disabledReason={busy === lineId(line) ? null : off} onClick={() => start(lineId(line), [line])}>{line.state === "waits" ? "Open this one" : "Open it again"}</Button> : null}
                {line.state === "in_use" || line.state === "opened" || line.state === "former_key" ? <Link className={buttonClass({})} href={`/requests?renew=${line.vaultRef}`}>Ask for a new one</Link> : null}
                {line.state === "former_key" && line.id !== null ? <NeverMine onReport={() => send(actions.strange, { id: line.id!, why: "former_key" }).then(() => router.refresh(), (error: unknown) => setFailed(worded(error)))} /> : null}
                {line.state === "taken_back" || line.state === "gone" ? <Link className={buttonClass({})} href={`/requests?ask=${line.vaultRef}`}>Ask for access again</Link> : null}
              </>
            }
          />
        )}
        {ask}
      </div>
      <AskPhraseDialog use={asking?.use ?? null} onClose={() => setAsking(null)} />
    </div>
  );
}

function NeverMine({ onReport }: { onReport: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  return <Button tone="danger" pending={busy ? "Telling the owners" : null} onClick={() => { setBusy(true); void onReport().finally(() => setBusy(false)); }}>That key was never mine</Button>;
}
