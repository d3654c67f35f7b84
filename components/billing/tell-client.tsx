"use client";
import { Mail } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useDeed, type Deed } from "#components/role/use-deed.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { toast } from "#components/ui/toast.tsx";
import { clientWords } from "#lib/billing/clock-words.ts";
import type { ClockLine } from "#lib/billing/running.ts";

/** Writes to the client's contact; what is sent is read first. */
export function TellClient({ line, today, tell }: { line: ClockLine; today: string; tell: Deed<{ to: string }> }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const { busy, run } = useDeed(tell);
  const { clock, name, contactMail, subscriptionId, clientId } = line;
  if (clientId === null || clock.stage === "deleted") return null;
  const { subject, paragraphs } = clientWords(clock, name, today);
  const off = contactMail === "" ? "The client has no mail address. Enter one on its page." : clock.told.some(({ step }) => step === `client ${today}`) ? "The client was told today. Once a day is enough." : null;
  const send = () => run({ subscription: subscriptionId }, ({ to }) => {
    setOpen(false);
    toast({ state: "moving", words: `Written to ${to}` });
    router.refresh();
  });
  return (
    <>
      <Button icon={<Mail aria-hidden />} disabledReason={off} onClick={() => setOpen(true)}>Tell the client<span className="sr-only">: {name}</span></Button>
      <Dialog open={open} onOpenChange={(next) => (busy ? undefined : setOpen(next))} title="Tell the client?" description={<>To <span className="font-medium text-text [overflow-wrap:anywhere]">{contactMail}</span>. It says no amount.</>}>
        <div className="grid gap-2 rounded-box border border-line bg-sunken px-3.5 py-3 text-pretty [overflow-wrap:anywhere]">
          <p className="font-medium">{subject}</p>
          {paragraphs.map((words) => <p key={words} className="text-text-2">{words}</p>)}
        </div>
        <div className="mt-4 flex flex-wrap justify-end gap-2 pb-3">
          <Button size="large" onClick={() => setOpen(false)} disabledReason={busy ? "It is under way and can no longer be stopped here." : null}>Write later</Button>
          <Button size="large" tone="ink" pending={busy ? "Writing" : null} onClick={send}>Send it</Button>
        </div>
      </Dialog>
    </>
  );
}
