"use client";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Failure } from "#components/ui/states.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Failure as Words } from "#components/ui/failure.ts";
import { useDeed, type Deed } from "./use-deed.ts";

/** Above any plan over 1,500 vaults; the server unpacks no more either (lib/limits.ts). */
const MOST = 4_000_000;
const TOO_LARGE: Words = { code: "plan_file", title: "This file cannot be taken", detail: "It is larger than any plan. Nothing was made.", remedy: "Choose a file that was taken away here." };

async function packed(file: File): Promise<string> {
  const bytes = new Uint8Array(await new Response(file.stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}

/** Brings back a plan that was taken away as a file. It is judged anew by how the vaults are now. */
export function BringPlan({ bring }: { bring: Deed<{ planId: string; known: boolean }> }) {
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<Words | null>(null);
  const deed = useDeed(bring, ({ planId, known }) => {
    toast({ state: "proven", words: known ? "This plan is here already, unchanged" : "Judged and frozen anew, as the vaults are now" });
    router.push(`/plans/${planId}`);
  });
  const choose = async (file: File | undefined) => {
    if (file === undefined) return;
    setWrong(file.size > MOST ? TOO_LARGE : null);
    if (file.size <= MOST) deed.run({ packed: await packed(file) });
    if (input.current) input.current.value = "";
  };
  const failed = wrong ?? deed.failed;
  return (
    <>
      <Button pending={deed.busy ? "Reading it" : null} disabledReason={null} onClick={() => input.current?.click()}>Bring a plan’s file</Button>
      <input ref={input} type="file" accept=".json,application/json" className="sr-only" tabIndex={-1} aria-label="File of a plan" onChange={(event) => void choose(event.target.files?.[0])} />
      {failed ? <Failure failure={failed} className="basis-full" /> : null}
    </>
  );
}
