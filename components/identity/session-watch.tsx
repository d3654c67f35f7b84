"use client";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Note } from "#components/ui/note.tsx";
import type { Failure } from "#components/ui/failure.ts";
import { KeyIcon } from "./key-icon.tsx";
import { ownFailure } from "./words.ts";

type Told = { state: "live"; idleEndsAt: number; now: number } | { state: "ended"; why: string } | { state: "none" };

/** Looks this often whether the session still lives, while somebody could see the page. Looking is no activity. */
const lookEveryMs = 60_000;
/** Says at most this often that a person is at work. */
const tellEveryMs = 60_000;

/**
 * Knows when the session is over, and says so over the page: what was typed and staged stays behind it. The server decides;
 * this only asks. A person at work is told to the server by what they press, never by what the page fetches.
 */
export function SessionWatch() {
  const [over, setOver] = useState<Failure | null>(null);
  const isOver = over !== null;
  const hear = useCallback((told: Told | null) => {
    const why = told?.state === "ended" ? told.why : told?.state === "none" ? "sign_in_needed" : null;
    // The words are fetched when there is something to say. Where they cannot be, the next look asks again.
    if (why !== null) void import("./code-words.ts").then(({ failureOfCode }) => setOver(failureOfCode(why)), () => undefined);
  }, []);
  useEffect(() => {
    if (isOver) return undefined;
    const gone = new AbortController();
    let toldAt = Date.now();
    const ask = async (method: "GET" | "POST") => {
      try {
        const init = method === "POST" ? { body: "{}", headers: { "Content-Type": "application/json" } } : {};
        const response = await fetch("/api/session", { method, cache: "no-store", signal: gone.signal, ...init });
        // Anything but an answer means that we do not know; then nothing is said.
        hear(response.ok ? ((await response.json()) as Told) : null);
      } catch {
        // away, or no connection: asked again later
      }
    };
    const look = () => {
      if (!document.hidden) void ask("GET");
    };
    const work = () => {
      if (Date.now() - toldAt < tellEveryMs) return;
      toldAt = Date.now();
      void ask("POST");
    };
    const timer = setInterval(look, lookEveryMs);
    document.addEventListener("visibilitychange", look);
    document.addEventListener("pointerdown", work, { passive: true });
    document.addEventListener("keydown", work, { passive: true });
    return () => {
      gone.abort();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      document.removeEventListener("pointerdown", work);
      document.removeEventListener("keydown", work);
    };
  }, [hear, isOver]);
  return <Over failure={over} onBack={() => setOver(null)} />;
}

function Over({ failure, onBack }: { failure: Failure | null; onBack: () => void }) {
  const router = useRouter();
  const [refused, setRefused] = useState<Failure | null>(null);
  const [pending, setPending] = useState<string | null>(null);
  const underway = useRef(false);
  const touch = async () => {
    if (underway.current) return;
    underway.current = true;
    setRefused(null);
    setPending("Waiting for your key");
    // Fetched when it is needed: no console page pays for it before.
    const outcome = await import("./ceremony.ts").then(({ signIn }) => signIn(), () => ({ ok: false, failure: ownFailure("no_answer") }) as const);
    underway.current = false;
    setPending(null);
    if (!outcome.ok) return setRefused(outcome.failure);
    onBack();
    // Whoever came back may be another person, or one with other rights: the page is drawn for them.
    router.refresh();
  };
  return (
    <Dialog
      open={failure !== null}
      // Closing it means leaving: what stands behind it is not shown to whoever sits here now.
      onOpenChange={(open) => (open || pending ? undefined : location.assign("/sign-in"))}
      title={failure?.title ?? ""}
      description={failure?.detail}
      width={420}
      footer={
        <Button tone="sign" size="large" icon={<KeyIcon />} pending={pending} onClick={() => void touch()}>
          Touch your key
        </Button>
      }
    >
      {refused ? (
        <Note state="refused" title={`${refused.title}.`}>
          {refused.detail} {refused.remedy}
        </Note>
      ) : null}
    </Dialog>
  );
}
