"use client";
import { useRouter } from "next/navigation";
import { Button } from "#components/ui/button.tsx";
import { Failure } from "#components/ui/states.tsx";
import { useDeed, type Deed } from "./use-deed.ts";

export type OwnKey = { readonly id: string; readonly label: string; readonly person: string; readonly letters: string; readonly removedAt: number | null };
type Made = { planId: string };

/** What concerns our own row in every client's vault: who signs for us there, and the token that we keep. Each press makes a plan. */
export function OwnPlans({ keys, spread, renew }: { keys: readonly OwnKey[]; spread: Deed<Made> | null; renew: Deed<Made> | null }) {
  const router = useRouter();
  const go = ({ planId }: Made) => router.push(`/plans/${planId}`);
  const spreading = useDeed(spread, go);
  const renewing = useDeed(renew, go);
  const busy = spreading.busy || renewing.busy;
  const failed = spreading.failed ?? renewing.failed;
  if (keys.length === 0 || (spread === null && renew === null)) return null;
  return (
    <section aria-labelledby="own-title" className="border-t border-line px-gutter pt-4 pb-5">
      <h2 id="own-title">In the clients’ vaults</h2>
      <p className="mt-0.5 mb-2 max-w-[64ch] text-pretty text-text-2">
        Vaults count the keys they were told of. Each button asks every vault what it has, and makes one plan of what is missing: you see it before anything is signed. Compare the letters of a key with its person before you roll it out.
      </p>
      {failed ? <Failure failure={failed} className="-mx-gutter" /> : null}
      <ul className="max-w-[76ch]">
        {keys.map(({ id, label, person, letters, removedAt }) => (
          <li key={id} className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-1.5 first:border-t-0">
            <span className="min-w-0 flex-1 basis-60">
              <b className="font-medium"><bdi>{label}</bdi></b> <span className="text-text-2"><bdi>{person}</bdi></span>{removedAt === null ? null : <span className="text-12 text-text-3"> removed here</span>}
              <span className="mono block text-12 text-text-3">{letters}</span>
            </span>
            {spread === null ? null : (
              <span className="flex gap-2">
                {removedAt === null ? <Button size="small" disabledReason={busy ? "A plan is being made." : null} aria-label={`Roll out ${label} of ${person}`} onClick={() => spreading.run({ id, label, how: "add" })}>Roll out</Button> : null}
                <Button size="small" tone="danger" disabledReason={busy ? "A plan is being made." : null} aria-label={`Strike ${label} of ${person} in all vaults`} onClick={() => spreading.run({ id, label, how: "strike" })}>Strike</Button>
              </span>
            )}
          </li>
        ))}
        {renew === null ? null : (
          <li className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-1.5">
            <span className="min-w-0 flex-1 basis-60"><b className="font-medium">Our own tokens</b><span className="block text-12 text-text-3">One per vault; reads nothing there. Renew them when somebody may have seen where they are kept.</span></span>
            <Button size="small" pending={renewing.busy ? "Planning" : null} disabledReason={spreading.busy ? "A plan is being made." : null} onClick={() => renewing.run({})}>Renew in all vaults</Button>
          </li>
        )}
      </ul>
    </section>
  );
}
