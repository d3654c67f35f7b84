"use client";
import { useTransition } from "react";
import type { Outcome } from "#components/ui/failure.ts";
import { Switch } from "#components/ui/switch.tsx";
import { toast } from "#components/ui/toast.tsx";

type Change = (previous: Outcome<{ hardwareBound: boolean }> | null, data: FormData) => Promise<Outcome<{ hardwareBound: boolean }>>;

/** What the organisation asks of new signing keys. */
export function SigningPolicy({ hardwareBound, change }: { hardwareBound: boolean; change: Change | null }) {
  const [busy, start] = useTransition();
  const set = (on: boolean) =>
    start(async () => {
      const data = new FormData();
      data.set("hardwareBound", on ? "yes" : "no");
      const outcome = await change?.(null, data);
      if (outcome && !outcome.ok) toast({ state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
    });
  const reason = change === null ? "An owner decides this." : busy ? "It is being changed." : null;
  return (
    <section aria-labelledby="policy-title" className="border-t border-line px-gutter pt-4 pb-6">
      <h2 id="policy-title" className="mb-2">What new keys must be</h2>
      <div className="max-w-[64ch]">
        <Switch checked={hardwareBound} onChange={set} disabledReason={reason} help="A key that can be copied lives in a cloud account too, and is as safe as that account. Keys that are enrolled already stay as they are.">
          Only keys that stay on their device
        </Switch>
      </div>
    </section>
  );
}
