"use client";
/** From the review of what is staged to the page of its plan: the draft is saved first, and the plan names the draft it was made from. */
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ownFailure } from "#components/identity/words.ts";
import type { Failure } from "#components/ui/failure.ts";
import type { Outcome } from "#lib/errors.ts";
import type { MatrixModel } from "./model.ts";
import { planTitle } from "./plan-title.ts";
import type { DraftSync } from "./sync.ts";

export type PlanAction = (previous: unknown, form: FormData) => Promise<Outcome<{ planId: string }>>;
export type MakePlan = { run: () => void; pending: string | null; disabledReason: string | null; failure: Failure | null };

export function usePlan(model: MatrixModel, sync: DraftSync, make: PlanAction | null): MakePlan {
  const router = useRouter();
  const [pending, setPending] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const run = async () => {
    if (make === null || pending !== null) return;
    setFailure(null);
    setPending("Freezing");
    const revision = await sync.settled();
    const form = new FormData();
    form.set("title", planTitle(model));
    form.set("revision", String(revision ?? 0));
    const outcome = revision === null ? null : await make(null, form).catch(() => null);
    if (outcome?.ok) return router.push(`/plans/${outcome.value.planId}`);
    setPending(null);
    setFailure(outcome && !outcome.ok ? outcome.failure : ownFailure("no_answer"));
  };
  return { run: () => void run(), pending, failure, disabledReason: make === null ? "Only an owner makes plans." : null };
}
