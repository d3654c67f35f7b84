"use client";
import { useState, useTransition } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import type { Failure as FailureValue, Outcome } from "#components/ui/failure.ts";
import { Empty, Failure } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { OpenedNote } from "./opened-note.tsx";
import { openSigningWindow } from "./open-window.ts";

/** Times in epoch milliseconds; `fingerprint`: sixteen letters. */
export type InboxRow = {
  readonly id: string; readonly name: string; readonly fingerprint: string; readonly key: string; readonly madeAt: number; readonly notAfter: number;
  readonly renamedTo: string | null; readonly state: "waits" | "endorsed" | "differs" | "renamed"; readonly endorsedBy: string | null; readonly endorsedAt: number | null; readonly replaces: boolean;
};
type Asked = { id: string; url: string };
type Action = (previous: Outcome<Asked> | null, data: FormData) => Promise<Outcome<Asked>>;

const NO_ANSWER: FailureValue = { code: "no_answer", title: "No answer came", detail: "No window was opened, so nothing can be signed.", remedy: "Try again." };

function StateCell({ row }: { row: InboxRow }) {
  if (row.state === "differs") return <Badge state="refused">Read differently</Badge>;
  if (row.state === "renamed") return <Badge state="attention">Now {row.renamedTo}: new key needed</Badge>;
  if (row.state === "waits") return <Badge state="attention">{row.replaces ? "Waits, new key" : "Waits"}</Badge>;
  return (
    <span className="flex flex-wrap items-center gap-x-1.5">
      <Badge state="proven">Endorsed</Badge>
      <span className="text-12 text-text-3">
        by <bdi>{row.endorsedBy}</bdi>
        {row.endorsedAt === null ? null : <>, <RelativeTime at={row.endorsedAt} /></>}
      </span>
    </span>
  );
}

/** Technicians' inbox keys: who waits for a signer's word, who has it. The comparison itself is made in the signing window. */
export function EndorseList({ keys, action }: { keys: readonly InboxRow[]; action: Action | null }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [failed, setFailed] = useState<FailureValue | null>(null);
  const [busy, start] = useTransition();
  const waiting = keys.filter(({ state }) => state === "waits").length;
  const open = (id?: string) =>
    start(async () => {
      setFailed(null);
      const data = new FormData();
      if (id !== undefined) data.set("id", id);
      const outcome = await (action?.(null, data) ?? Promise.resolve(null)).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      if (!outcome) return;
      if (!outcome.ok) return setFailed(outcome.failure);
      setAsked(outcome.value);
      openSigningWindow(outcome.value.url);
    });
  const columns: Column<InboxRow>[] = [
    { id: "name", header: "Technician", width: "38%", cell: (row) => <span className="block truncate font-medium" title={row.name}><bdi>{row.name}</bdi></span>, value: (row) => row.name },
    { id: "state", header: "State", cell: (row) => <StateCell row={row} />, value: (row) => row.state },
    { id: "key", header: "Passkey", cell: (row) => <bdi>{row.key}</bdi>, value: (row) => row.key, hideBelow: "rail" },
    { id: "made", header: "Made", align: "end", width: "120px", cell: (row) => <RelativeTime at={row.madeAt} className="text-text-3" />, value: (row) => row.madeAt, hideBelow: "thumb" },
    {
      id: "act", header: "Do", silent: true, align: "end", width: "112px",
      cell: (row) => (action && row.state === "waits" ? <Button size="small" aria-label={`Endorse ${row.name}`} pending={busy ? "Opening" : null} onClick={() => open(row.id)}>Endorse</Button> : null),
    },
  ];
  return (
    <section aria-labelledby="endorse-title" className="pt-5">
      <div className="px-gutter pb-4">
        <h2 id="endorse-title">Whose inbox key is it?</h2>
        <p className="mt-0.5 max-w-[64ch] text-pretty text-text-2">
          A technician’s tokens are sealed to the key of their own browser. Before the first one, a signer compares the sixteen letters of that key with its owner, face to face or on a number you already have, and endorses it with a tap in the signing window. The letters are shown there, not here.
        </p>
        {action ? (
          <div className="mt-3">
            <Button tone="ink" pending={busy ? "Opening" : null} disabledReason={waiting === 0 ? "Nobody waits." : null} onClick={() => open()}>
              {waiting === 1 ? "Endorse the one that waits" : `Endorse the ${waiting.toLocaleString("en")} that wait`}
            </Button>
          </div>
        ) : null}
        {failed ? <Failure failure={failed} className="-mx-5" /> : null}
        {asked ? <OpenedNote key={asked.id} url={asked.url} /> : null}
      </div>
      <div className="border-t border-line">
        <Table
          label="Inbox keys, those that wait first" columns={columns} rows={keys} rowId={(row) => row.id} loading={false} error={null}
          empty={<Empty title="No technician has an inbox key yet">Each makes one under Settings, My inbox key, with the passkey they sign in with. It then waits here.</Empty>}
        />
      </div>
    </section>
  );
}
