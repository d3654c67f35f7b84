"use client";
import { useEffect, useState } from "react";
import type { Failure, Outcome } from "#components/ui/failure.ts";
import { ask } from "./ceremony.ts";
import { useLinkSecret } from "./link-secret.ts";
import { failureOfCode } from "./code-words.ts";

export type LookedAt<Value> = { state: "loading" } | { state: "failed"; failure: Failure } | { state: "there"; secret: string; value: Value };

/** What a one-time link leads to. `unknown` is how a link without a secret is called. */
export function useLookedAt<Value>(door: string, unknown: "invitation_unknown" | "recovery_unknown" | "address_unknown" | "claim_unknown"): LookedAt<Value> {
  const secret = useLinkSecret();
  const [answer, setAnswer] = useState<{ of: string; outcome: Outcome<Value> } | null>(null);
  useEffect(() => {
    if (!secret) return undefined;
    let stale = false;
    const look = async () => {
      const outcome = await ask<Value>(door, { secret });
      if (!stale) setAnswer({ of: secret, outcome });
    };
    void look();
    return () => {
      stale = true;
    };
  }, [door, secret]);
  if (secret === "") return { state: "failed", failure: failureOfCode(unknown) };
  if (secret === null || answer?.of !== secret) return { state: "loading" };
  return answer.outcome.ok ? { state: "there", secret, value: answer.outcome.value } : { state: "failed", failure: answer.outcome.failure };
}
