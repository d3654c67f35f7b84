"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { send, worded, type Action } from "#components/inbox/words.ts";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import type { Failure as FailureValue } from "#components/ui/failure.ts";
import { Failure } from "#components/ui/states.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { SetupForm } from "#lib/breakglass/setup.ts";
import { spokenCode } from "#lib/protocol/crockford.ts";
import { makeGlass } from "./ceremony.ts";

/** Who keeps a share: the maker, and one other at least. The key is made in this browser and forgotten by it. */
export function SetupDialog({ close, form, self, setUp, again }: { close: () => void; form: SetupForm; self: string; setUp: Action<{ id: string; fingerprint: string }>; again: boolean }) {
  const router = useRouter();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set([self]));
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<FailureValue | null>(null);
  const custodians = form.candidates.filter(({ id }) => chosen.has(id));
  const able = form.candidates.some(({ id }) => id === self);
  const off = !able ? "You need an endorsed inbox key of your own first." : custodians.length < 2 ? "It takes two people at least." : null;
  const make = async () => {
    setBusy(true);
    setFailed(null);
    try {
      const { fingerprint } = await send(setUp, { given: JSON.stringify(await makeGlass(form, custodians)) });
      toast({ state: "proven", words: `Made. A signer compares ${fingerprint} with you, and then clients can be planned` });
      close();
      router.refresh();
    } catch (error) {
      setFailed(worded(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open onOpenChange={(next) => { if (!busy && !next) close(); }} width={560} title={again ? "Make a new break-glass key" : "Make the break-glass key"}
      description="It is made in this browser, split so that any two shares open it, and each share is sealed to its keeper’s own inbox key. Then this browser forgets it."
      footer={<><Button onClick={close}>Not now</Button><Button tone="sign" pending={busy ? "Touch your passkey" : null} disabledReason={busy ? null : off} onClick={() => void make()}>Make it, {custodians.length} custodians</Button></>}
    >
      <div className="grid gap-3 pb-1">
        {failed ? <Failure failure={failed} className="-ml-5" /> : null}
        {form.candidates.length < 2 ? <p className="text-attention-text">Two people with endorsed inbox keys are needed; here {form.candidates.length === 1 ? "is one" : "is none"}. Owners make theirs under Settings, My inbox key.</p> : null}
        <ul aria-label="Who keeps a share" className="grid gap-1">
          {form.candidates.map(({ id, name, fingerprint }) => (
            <li key={id} className="flex items-center justify-between gap-3">
              <Checkbox checked={chosen.has(id)} disabledReason={id === self ? "Who makes it keeps a share." : null} onChange={(on) => setChosen((before) => new Set(on ? [...before, id] : [...before].filter((one) => one !== id)))}><bdi>{name}</bdi></Checkbox>
              <span className="mono text-12 text-text-3">{spokenCode(fingerprint).slice(0, 9)}…</span>
            </li>
          ))}
        </ul>
        {again ? <p className="text-text-2">What is sealed to the key of today stays until you plan its rotation, which is one tap over all clients.</p> : null}
      </div>
    </Dialog>
  );
}
