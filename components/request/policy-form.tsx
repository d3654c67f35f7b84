"use client";
import { lazy, Suspense, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { Deed } from "#components/role/use-deed.ts";
import type { Policy, Rules } from "#lib/lease/policy.ts";

const RulesForm = lazy(async () => ({ default: (await import("./rules-form.tsx")).RulesForm }));

/** The organisation's own rules of length and schedule. Each client's grant bounds them further. */
export function PolicyButton({ rules, change }: { rules: Rules; change: Deed<Policy> }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Rules…</Button>
      <Dialog open={open} onOpenChange={setOpen} title="How long, and how often" description="For what is asked, planned and signed from now on. What a client’s own grant forbids stays forbidden.">
        <Suspense fallback={<Skeleton className="h-64" />}><RulesForm rules={rules} change={change} close={() => setOpen(false)} /></Suspense>
      </Dialog>
    </>
  );
}
