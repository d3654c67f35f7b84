import type { Metadata } from "next";
import { FeatureTable, PlanTable } from "#components/billing/plan-table.tsx";
import { Money } from "#components/ui/money.tsx";
import { calendarDate } from "#components/ui/time-text.ts";
import { invoiceFromMinor } from "#lib/billing/account.ts";
import { plans } from "#lib/billing/plan.ts";
import { currencies, priceListAt } from "#lib/billing/price-list.ts";
import { systemClock } from "#lib/clock.ts";
import { pageActor } from "#lib/identity/session.ts";

export const metadata: Metadata = { title: "Plans and limits" };

export default async function PlansPage() {
  await pageActor("price.read");
  const list = priceListAt(systemClock.now());
  const missing = currencies.filter((currency) => plans.every(({ id }) => id === "self-hosted" || list.prices[id].annual[currency] === undefined));
  return (
    <>
      <div className="px-gutter pt-4 pb-3">
        <h2>Plans and limits</h2>
        <p className="text-text-2">{`List of ${calendarDate(Date.parse(`${list.published}T00:00:00Z`))}, net, in USD. ${missing.length > 0 ? `Prices in ${missing.slice(0, -1).join(", ")} and ${missing.at(-1)} are not published, and are not converted.` : ""}`}</p>
      </div>
      <PlanTable plans={plans.map((plan) => ({ ...plan, price: list.prices[plan.id] }))} currency="USD" />
      <div className="grid gap-x-10 gap-y-5 border-t border-line px-gutter py-5 min-[960px]:grid-cols-2">
        <section aria-labelledby="counts-title">
          <h3 id="counts-title">What counts</h3>
          <ul className="mt-1.5 grid max-w-[64ch] gap-1.5 text-pretty text-text-2">
            <li>Tokens count in each vault: people, agents, our own manager row, and rows that end by themselves. Personal, Family and Pro count agents beside the owner.</li>
            <li>Devices count over the whole subscription, signing keys included. How many of them one vault may hold is set at HQ.</li>
            <li>MME and Enterprise are bought per user, from 500 and 1,000 on. Each user is a personal vault and a share of the company vault.</li>
            <li>Limits are hard. A plan that would pass one is refused before the tap, with the ways out and their price, and the vault refuses it again.</li>
          </ul>
        </section>
        <section aria-labelledby="paid-title">
          <h3 id="paid-title">How it is paid</h3>
          <ul className="mt-1.5 grid max-w-[64ch] gap-1.5 text-pretty text-text-2">
            <li>The price of the first charge is locked for as long as the subscription lives. A new list touches nothing that exists.</li>
            <li>Personal, Family and Pro: by card, annually, after seven days of trial. Team: by card, due at once.</li>
            <li>Team plans of one account at or above <Money of={{ minor: invoiceFromMinor, currency: "USD" }} minorUnits="whenNeeded" /> a year together, with two or more subscriptions: by invoice, Net 60. MME and Enterprise: always by invoice, Net 60.</li>
            <li>The management plane is free. It opens with two subscriptions on one account, one of them Team or larger.</li>
          </ul>
        </section>
      </div>
      <section aria-labelledby="features-title" className="border-t border-line">
        <h3 id="features-title" className="px-gutter pt-5 pb-2">What each plan brings</h3>
        <FeatureTable />
      </section>
    </>
  );
}
