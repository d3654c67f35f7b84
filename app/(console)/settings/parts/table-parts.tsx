"use client";
import dynamic from "next/dynamic";
import { useMemo, useState } from "react";
import { Code } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Money } from "#components/ui/money.tsx";
import { Name } from "#components/ui/name.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { Slots } from "#components/ui/slots.tsx";
import { Empty, LoadingRows } from "#components/ui/states.tsx";
import type { Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import { WhenNear } from "#components/ui/when-near.tsx";
import { CLIENTS } from "./sample.ts";
import type { SampleClient } from "./sample.ts";

const ROWS = <LoadingRows what="the table" rows={7} widths={["minmax(0,2fr)", "60px", "90px", "90px", "80px"]} />;
const Table = dynamic(async () => (await import("#components/ui/table.tsx")).Table<SampleClient>, { loading: () => ROWS });

const DAY = 24 * 60 * 60 * 1000;

/** The distance of a day is told from `now`, so the columns are made for it. */
function columnsAt(now: number): readonly Column<SampleClient>[] {
  return [
    { id: "name", header: "Client", value: (row) => row.name, cell: (row) => <Name place={row.place}>{row.name}</Name>, width: "40%" },
    { id: "plan", header: "Plan", cell: (row) => <Code>{row.plan}</Code>, hideBelow: "thumb" },
    {
      id: "tokens",
      header: "Tokens",
      align: "end",
      value: (row) => row.used / row.limit,
      cell: (row) => (
        <span className="inline-flex items-center gap-2">
          <span className="contents max-thumb:hidden">
            <Slots used={row.used} limit={row.limit} />
          </span>
          <span aria-hidden className={row.used >= row.limit ? "text-danger-text" : undefined}>
            {row.used}/{row.limit}
          </span>
        </span>
      ),
    },
    { id: "locked", header: "Locked", align: "end", cell: (row) => <Money of={row.locked} minorUnits="whenNeeded" />, hideBelow: "thumb" },
    { id: "renews", header: "Renews", align: "end", value: (row) => row.renewsInDays, cell: (row) => <RelativeTime at={now + row.renewsInDays * DAY} /> },
  ];
}

export function TableParts({ now }: { now: number }) {
  const [state, setState] = useState<"rows" | "loading" | "empty" | "error">("rows");
  const columns = useMemo(() => columnsAt(now), [now]);
  return (
    <>
      <div className="px-5 pb-3">
        <Segmented
          label="What the table shows"
          value={state}
          onChange={setState}
          choices={[
            { value: "rows", label: "Rows" },
            { value: "loading", label: "Loading" },
            { value: "empty", label: "Empty" },
            { value: "error", label: "Error" },
          ]}
        />
      </div>
      <WhenNear placeholder={ROWS}>
      <Table
        label="Clients"
        columns={columns}
        rows={state === "rows" ? CLIENTS : []}
        rowId={(row) => row.id}
        loading={state === "loading"}
        error={
          state === "error"
            ? { code: "database", title: "The clients could not be read", detail: "The database did not answer. Nothing was changed.", remedy: "Wait a moment and ask again.", id: "err_1Zr8mC" }
            : null
        }
        retry={<Button onClick={() => setState("rows")}>Ask again</Button>}
        empty={
          <Empty as="h3" title="Connect your first client" actions={<Button tone="ink" onClick={() => setState("rows")}>Connect a client</Button>}>
            One tap by them, one by you. You will see who reaches what, and read nothing yourself.
          </Empty>
        }
        onOpen={(row) => toast({ state: "none", words: `Would open ${row.name}` })}
        initialSort={{ by: "renews", direction: "up" }}
        foot={
          <tr>
            <td>{CLIENTS.length} of 51</td>
            <td className="max-thumb:hidden">&nbsp;</td>
            <td>&nbsp;</td>
            <td className="num max-thumb:hidden">
              <Money of={{ minor: 214700, currency: "USD" }} minorUnits="whenNeeded" />
            </td>
            <td>&nbsp;</td>
          </tr>
        }
      />
      </WhenNear>
    </>
  );
}
