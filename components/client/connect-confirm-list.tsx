"use client";
import { KeyRound } from "lucide-react";
import Link from "next/link";
import { useState, useTransition } from "react";
import { OpenedNote } from "#components/signing/opened-note.tsx";
import { openSigningWindow } from "#components/signing/open-window.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Name } from "#components/ui/name.tsx";
import { Empty, Failure } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { ConfirmLine } from "#lib/signing/confirm-list.ts";
import { spokenCode } from "#lib/protocol/crockford.ts";
import { NO_ANSWER, type Action } from "./connect-words.ts";

type Window = { id: string; url: string };

function State({ line }: { line: ConfirmLine }) {
  if (line.state === "waits") return <Badge state="attention">Waits</Badge>;
  if (line.state === "renamed") return <Badge state="attention">Waits, renamed</Badge>;
  return <span className="flex flex-wrap items-center gap-x-1.5"><Badge state="proven">Confirmed</Badge> <span className="text-12 text-text-3">by <bdi>{line.by.join(", ")}</bdi>{line.mine ? "" : ", not by a key of yours"}</span></span>;
}

/** Whose second code is still to be heard. The comparison is made in the signing window; this is the list of whom to call. */
export function ConnectConfirmList({ lines, confirm }: { lines: readonly ConfirmLine[]; confirm: Action<Window> }) {
  const [asked, setAsked] = useState<Window | null>(null);
  const [failed, setFailed] = useState<typeof NO_ANSWER | null>(null);
  const [busy, start] = useTransition();
  const waiting = lines.filter(({ state }) => state !== "confirmed").length;
  const others = lines.filter(({ state, mine }) => state === "confirmed" && !mine);
  const open = (refs: readonly string[] | null) =>
    start(async () => {
      setFailed(null);
      const data = new FormData();
      if (refs !== null) data.set("vaultRefs", refs.join(","));
      const outcome = await confirm(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      if (!outcome.ok) return setFailed(outcome.failure);
      setAsked(outcome.value);
      openSigningWindow(outcome.value.url);
    });
  const columns: Column<ConfirmLine>[] = [
    { id: "name", header: "Client", width: "34%", cell: (line) => <Link href={`/clients/${line.clientId}/connect`} className="link"><Name>{line.name}</Name></Link>, value: (line) => line.name },
    { id: "contact", header: "Whom to call", cell: (line) => <span className="block"><bdi>{line.contact || "their owner"}</bdi>{line.phone === "" ? null : <span className="block text-12 text-text-3 select-all">{line.phone}</span>}</span>, value: (line) => line.contact, hideBelow: "thumb" },
    { id: "code", header: "Code 2", cell: (line) => <span className="mono whitespace-nowrap">{spokenCode(line.code2)}</span> },
    { id: "state", header: "State", cell: (line) => <State line={line} />, value: (line) => line.state },
    { id: "at", header: "Answered", align: "end", width: "120px", cell: (line) => <RelativeTime at={line.repliedAt} className="text-text-3" />, value: (line) => line.repliedAt, hideBelow: "rail" },
  ];
  return (
    <section aria-labelledby="confirm-title">
      <div className="px-gutter pt-1 pb-5">
        <h2 id="confirm-title" className="sr-only">Clients to confirm</h2>
        <div className="flex flex-wrap items-center gap-2">
          <Button tone="sign" icon={<KeyRound aria-hidden />} pending={busy ? "Opening" : null} disabledReason={waiting === 0 ? "Nobody waits." : null} onClick={() => open(null)}>
            {waiting === 1 ? "Confirm the one that waits" : `Confirm the ${waiting.toLocaleString("en")} that wait`}
          </Button>
          {others.length > 0 ? <Button pending={busy ? "Opening" : null} onClick={() => open(others.slice(0, 1_000).map(({ vaultRef }) => vaultRef))}>Add my word for {others.length === 1 ? "1 more" : `${others.length.toLocaleString("en")} more`}</Button> : null}
        </div>
        {failed ? <Failure failure={failed} className="-mx-5" /> : null}
        {asked ? <OpenedNote key={asked.id} url={asked.url} /> : null}
      </div>
      <div className="border-t border-line">
        <Table label="Clients, those that wait first" columns={columns} rows={lines} rowId={(line) => line.vaultRef} loading={false} error={null} empty={<Empty title="No vault has answered yet">Once a client has tapped, their second code is compared here, by voice.</Empty>} />
      </div>
    </section>
  );
}
