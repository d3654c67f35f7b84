"use client";
import { Copy, Mail } from "lucide-react";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Action } from "./connect-words.ts";

/** The link, to be copied or mailed. Whoever opens it can do nothing without a key of the vault's owner. */
export function ConnectLink({ link, requestId, mail, mailed, to }: { link: string; requestId: string; mail: Action<{ to: string }>; mailed: boolean; to: string }) {
  const [copied, setCopied] = useState<"rest" | "copied" | "refused">("rest");
  const [busy, start] = useTransition();
  const copy = () => navigator.clipboard.writeText(link).then(() => setCopied("copied"), () => setCopied("refused"));
  const send = () =>
    start(async () => {
      const data = new FormData();
      data.set("requestId", requestId);
      const outcome = await mail(null, data).catch(() => null);
      if (outcome === null) toast({ state: "refused", words: "No answer came. Look whether the mail stands under Settings, Mail." });
      else if (outcome.ok) toast({ state: "proven", words: `On its way to ${outcome.value.to}` });
      else toast({ state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
    });
  return (
    <div className="mb-5 flex gap-2 max-thumb:flex-wrap">
      <input aria-label="Connect link" readOnly value={link} onFocus={(event) => event.currentTarget.select()} className="h-8 min-w-0 flex-1 rounded-box border border-line-control bg-surface px-2.5 font-mono text-12 text-text-2 max-thumb:basis-full" />
      <Button icon={<Copy aria-hidden />} onClick={() => void copy()}>Copy link</Button>
      <Button icon={<Mail aria-hidden />} pending={busy ? "Sending" : null} disabledReason={to === "" ? "The client has no mail address here." : null} onClick={send}>{mailed ? "Mail again" : "Mail it"}</Button>
      <output className={copied === "refused" ? "text-12 text-danger-text" : "sr-only"}>{copied === "copied" ? "Copied" : copied === "refused" ? "The browser refused; select the link and copy it" : ""}</output>
    </div>
  );
}
