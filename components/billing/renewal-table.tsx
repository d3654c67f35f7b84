"use client";
import { Fragment } from "react";
import { Money } from "#components/ui/money.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import type { RenewalDay } from "#lib/billing/calendar.ts";
import { shortDay } from "#lib/billing/clock-words.ts";

const more = ({ names, count }: RenewalDay) => (count > names.length ? ` and ${count - names.length} more` : "");
const words = (day: RenewalDay) => `${day.names.join(", ")}${more(day)}`;
const money = (minor: number, currency: string) => <Money of={{ minor, currency }} minorUnits="whenNeeded" />;

const columns: Column<RenewalDay>[] = [
  { id: "on", header: "Day", width: "120px", value: ({ on }) => on, cell: ({ on }) => <span className="whitespace-nowrap">{shortDay(on, true)}</span> },
  { id: "names", header: "Renews", width: "60%", cell: (day) => <span className="block truncate" data-hint={words(day)} data-hint-clipped>{day.names.map((name, index) => <Fragment key={name}>{index > 0 ? ", " : ""}<bdi>{name}</bdi></Fragment>)}{more(day)}</span> },
  { id: "count", header: "Subscriptions", align: "end", value: ({ count }) => count, hideBelow: "thumb", cell: ({ count }) => count.toLocaleString("en") },
  { id: "locked", header: "Charged", align: "end", value: ({ locked }) => locked, cell: ({ locked, currency }) => <span className="font-semibold">{money(locked, currency)}</span> },
  { id: "list", header: "At list", align: "end", value: ({ list }) => list, hideBelow: "thumb", cell: ({ list, locked, currency }) => (list === locked ? <span className="text-text-3">same</span> : <span className="text-text-2">{money(list, currency)}</span>) },
];

/** Every day of the next twelve months on which something renews. */
export function RenewalTable({ days }: { days: readonly RenewalDay[] }) {
  return (
    <section aria-labelledby="renewal-title">
      <h2 id="renewal-title" className="px-gutter pt-4 pb-1">Day by day</h2>
      <Table label="Renewals of the next twelve months, day by day" columns={columns} rows={days} rowId={({ on, currency }) => `${on} ${currency}`} loading={false} error={null} empty={<Empty title="Nothing renews within twelve months">A subscription that renews by itself stands here with the day and the price of its lock.</Empty>} />
    </section>
  );
}
