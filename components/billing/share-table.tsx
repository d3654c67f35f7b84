"use client";
import { Money } from "#components/ui/money.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { monthName } from "#lib/billing/clock-words.ts";

/** Amounts as decimal digits of minor units, since they cross to the browser. */
export type ShareRow = { readonly month: string; readonly currency: string; readonly paid: string; readonly share: string };

const columns: Column<ShareRow>[] = [
  { id: "month", header: "Month", width: "40%", value: ({ month }) => month, cell: ({ month }) => monthName(month) },
  { id: "paid", header: "Paid, net", align: "end", value: ({ paid }) => BigInt(paid), cell: ({ paid, currency }) => <Money of={{ minor: BigInt(paid), currency }} /> },
  { id: "share", header: "Yours", align: "end", value: ({ share }) => BigInt(share), cell: ({ share, currency }) => <span className="font-semibold"><Money of={{ minor: BigInt(share), currency }} /></span> },
];

export function ShareTable({ lines }: { lines: readonly ShareRow[] }) {
  return <Table label="What the contract brings, by month" columns={columns} rows={lines} rowId={({ month, currency }) => `${month} ${currency}`} loading={false} error={null} empty={<Empty title="Nothing was paid yet">Amounts appear here with the first payment that counts.</Empty>} />;
}
