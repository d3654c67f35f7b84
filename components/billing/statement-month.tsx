"use client";
import { Printer } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { Button } from "#components/ui/button.tsx";
import { Select } from "#components/ui/select.tsx";
import { monthName } from "#lib/billing/clock-words.ts";

/** Another month's statement. */
export function StatementMonth({ month, months }: { month: string; months: readonly string[] }) {
  const router = useRouter();
  const [pending, start] = useTransition();
  const choices = months.includes(month) ? months : [...months, month].toSorted().toReversed();
  return <Select aria-label="Month" aria-busy={pending || undefined} className="w-44" value={month} onChange={(value) => start(() => router.push(`/billing/statements?month=${value}`))} choices={choices.map((value) => ({ value, label: monthName(value) }))} />;
}

export const PrintButton = () => <Button icon={<Printer aria-hidden />} onClick={() => window.print()}>Print</Button>;
