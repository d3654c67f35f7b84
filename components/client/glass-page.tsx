"use client";
import { useEffect, useState } from "react";
import { useLinkSecret } from "#components/identity/link-secret.ts";
import { failureOfProblem, ownFailure } from "#components/identity/words.ts";
import { Mark } from "#components/shell/mark.tsx";
import { Button } from "#components/ui/button.tsx";
import type { Failure as FailureValue, Outcome } from "#components/ui/failure.ts";
import { Failure, LoadingRows } from "#components/ui/states.tsx";
import { failure } from "#lib/errors.ts";
import type { GlassAnswer } from "#lib/glass/statement.ts";
import { GlassView } from "./glass-view.tsx";

async function ask(secret: string): Promise<Outcome<GlassAnswer>> {
  try {
    const response = await fetch("/api/glass", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify({ secret }), cache: "no-store" });
    const body: unknown = await response.json();
    return response.ok ? { ok: true, value: body as GlassAnswer } : { ok: false, failure: failureOfProblem(body) };
  } catch {
    return { ok: false, failure: ownFailure("no_answer") };
  }
}

const WIDTHS = ["minmax(0,1.2fr)", "minmax(0,1fr)", "92px", "72px"] as const;

/** Asks for what the link in the address leads to, and for it again whenever the visitor wants to see it fresh. */
export function GlassPage() {
  const secret = useLinkSecret();
  const [shown, setShown] = useState<{ of: string; outcome: Outcome<GlassAnswer> } | null>(null);
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    if (!secret) return undefined;
    let stale = false;
    const look = async () => {
      const outcome = await ask(secret);
      if (!stale) setShown({ of: secret, outcome });
    };
    void look();
    return () => {
      stale = true;
    };
  }, [secret]);
  const again = async () => {
    if (!secret || asking) return;
    setAsking(true);
    const outcome = await ask(secret);
    setShown({ of: secret, outcome });
    setAsking(false);
  };
  const outcome: Outcome<GlassAnswer> | null = secret === "" ? { ok: false, failure: failure("glass_unknown") } : shown && shown.of === secret ? shown.outcome : null;
  if (outcome?.ok) return <Sheet><GlassView answer={outcome.value} again={() => void again()} asking={asking} /></Sheet>;
  return <Sheet>{outcome === null ? <Waiting /> : <Refused failure={outcome.failure} {...(secret ? { again: () => void again() } : {})} />}</Sheet>;
}

function Sheet({ children }: { children: React.ReactNode }) {
  return (
    <div className="min-h-dvh bg-canvas print:bg-surface">
      <main className="mx-auto w-full max-w-[820px] border-line bg-surface px-14 py-11 max-rail:px-10 max-thumb:px-4 max-thumb:py-6 min-[820px]:my-10 min-[820px]:rounded-box min-[820px]:border print:my-0 print:border-0 print:p-0">{children}</main>
    </div>
  );
}

function Waiting() {
  return (
    <>
      <h1 className="sr-only">Who can reach your vault</h1>
      <LoadingRows what="who can reach your vault" rows={7} widths={WIDTHS} className="-mx-6 max-thumb:-mx-4" />
    </>
  );
}

function Refused({ failure: given, again }: { failure: FailureValue; again?: () => void }) {
  return (
    <>
      <p className="mb-4 flex items-center gap-2 font-semibold"><Mark className="size-5" />Clavitor <span className="-ml-1 font-normal text-text-3">MSP</span></p>
      <Failure as="h1" failure={given} className="-mx-5" actions={again ? <Button onClick={again}>Try again</Button> : undefined} />
    </>
  );
}
