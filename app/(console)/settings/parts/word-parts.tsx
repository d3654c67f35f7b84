"use client";
import dynamic from "next/dynamic";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Money } from "#components/ui/money.tsx";
import { Name } from "#components/ui/name.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { ExactTime, RelativeTime } from "#components/ui/time.tsx";
import { WhenNear } from "#components/ui/when-near.tsx";

const Facts = dynamic(async () => (await import("#components/ui/tabs.tsx")).Tabs<"facts" | "money">, { loading: () => SHAPE });
const SHAPE = <Skeleton className="h-9" />;

const MINUTE = 60_000;
const SIGNED_AT = Date.parse("2026-11-20T14:01:48Z");

export function WordParts({ now }: { now: number }) {
  return (
    <WhenNear placeholder={SHAPE}>
    <Facts
      label="Facts"
      tabs={[
        {
          value: "facts",
          label: "Facts",
          panel: (
            <KeyValues
              of={[
                { key: "name", label: "Client", value: <Name place="Leith">Municipal Waterworks Cooperative of the Lower Wexcombe Valley</Name> },
                { key: "rtl", label: "Also", value: <Name place="Doha">مكتبة النخيل</Name> },
                { key: "id", label: "Plan id", value: <CopyableId id="pln_01JD8Z0Q5M7R2W4X6Y8A9B0C1D" what="plan" /> },
                { key: "ago", label: "Last used", value: <RelativeTime at={now - 41 * MINUTE} /> },
                { key: "soon", label: "Ends", value: <RelativeTime at={now + 6 * 60 * MINUTE} /> },
                { key: "exact", label: "Signed", value: <ExactTime at={SIGNED_AT} /> },
              ]}
            />
          ),
        },
        {
          value: "money",
          label: "Money",
          count: 4,
          panel: (
            <KeyValues
              lined
              of={[
                { key: "usd", label: "Locked", value: <Money of={{ minor: 149900, currency: "USD" }} /> },
                { key: "eur", label: "Today’s list", value: <Money of={{ minor: 1234567890, currency: "EUR" }} /> },
                { key: "chf", label: "Saved", value: <Money of={{ minor: -3705, currency: "CHF" }} /> },
                { key: "jpy", label: "Without small coins", value: <Money of={{ minor: 24900, currency: "JPY" }} /> },
              ]}
            />
          ),
        },
      ]}
    />
    </WhenNear>
  );
}
