import { Download } from "lucide-react";
import type { Metadata } from "next";
import { PrintButton, StatementMonth } from "#components/billing/statement-month.tsx";
import { StatementSection } from "#components/billing/statement-section.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Empty } from "#components/ui/states.tsx";
import { longDay, monthName } from "#lib/billing/clock-words.ts";
import { readStatement } from "#lib/billing/statement.ts";
import { pageActor } from "#lib/identity/session.ts";
import { textOf, type Search } from "../asked.ts";

export const metadata: Metadata = { title: "Statements" };

export default async function StatementsPage({ searchParams }: { searchParams: Promise<Search> }) {
  const actor = await pageActor("billing.read");
  const statement = await readStatement(actor, textOf((await searchParams).month));
  const { month, months, over, day, sections } = statement;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-gutter pt-4 pb-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2>{`Statement of ${monthName(month)}`}</h2>
          <p className="text-pretty text-text-2">{over ? `From 1 to ${longDay(day)}, days in UTC.` : `So far, to ${longDay(day)}; the month is not over. Days in UTC.`} Amounts include tax.</p>
        </div>
        <div className="no-print flex flex-wrap items-center gap-2">
          <StatementMonth month={month} months={months} />
          <PrintButton />
          <a href={`/billing/sheet/statement?month=${month}`} download className={buttonClass({})}><Download aria-hidden />CSV</a>
        </div>
      </div>
      {sections.map((section) => <StatementSection key={`${section.accountId} ${section.currency}`} section={section} month={month} over={over} day={day} />)}
      {sections.length === 0 ? <Empty title="Nothing was owed or paid">There is no invoice, payment or credit up to the end of this month.</Empty> : null}
    </>
  );
}
