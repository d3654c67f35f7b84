/** What of money needs somebody: clocks that end in a deletion, renewals that come, alarms. */
import { alarmsIn } from "../billing/alarms.ts";
import { aheadWords, causeWords, longDay, wayOut } from "../billing/clock-words.ts";
import { calendarIn, type Calendar } from "../billing/calendar.ts";
import { addDays, startOf, type Day } from "../billing/days.ts";
import { decimal } from "../billing/money.ts";
import type { PriceList } from "../billing/price-list.ts";
import { clocksIn, type ClockLine } from "../billing/running.ts";
import type { Read } from "../db/tenant.ts";
import { holds } from "../identity/actor.ts";
import { named, type Need } from "./needs.ts";

/** Beyond, a cancellation that somebody wished is no news yet. */
const cancellationNewsDays = 30;
const renewalNewsDays = 30;

/** Clocks for whoever sees clients or money; the rest only for money. */
export type MoneyFacts = { readonly clocks: readonly ClockLine[]; readonly calendar: Calendar | null; readonly alarms: { readonly count: number; readonly words: string; readonly since: Date | null } };

export async function moneyIn(scope: Read, now: Date, lists: readonly PriceList[]): Promise<MoneyFacts> {
  const money = holds(scope.actor, "billing.read");
  const clocks = await clocksIn(scope, now);
  return { clocks: money ? clocks : clocks.map((line) => ({ ...line, owed: null })), calendar: money ? await calendarIn(scope, now, lists) : null, alarms: money ? await alarmsIn(scope) : { count: 0, words: "", since: null } };
}

/** `USD 2,231.00`, for a sentence. Digits, not floats. */
export const amountWords = (minor: number, currency: string): string => {
  const [whole, cents] = decimal(minor).split(".") as [string, string];
  return `${currency} ${whole.replaceAll(/\B(?=(\d{3})+$)/g, ",")}${cents === "00" ? "" : `.${cents}`}`;
};

/** One line for each clock that needs somebody: days first, since that is what runs out. */
function clockNeed(line: ClockLine, today: Day, money: boolean): Need {
  const { clock, name, owed, clientId, subscriptionId } = line;
  const until = clock.suspendedOn !== null && clock.suspendedOn > today && clock.kind !== "cancellation" ? clock.suspendedOn : clock.deletedOn;
  const days = Math.max(0, Math.round((startOf(until) - startOf(today)) / 86_400_000));
  const what = clock.stage === "deleted" ? "vault was deleted" : `${days === 1 ? "day" : "days"} until ${name}’s vault is ${until === clock.deletedOn ? "deleted for good" : "suspended"}`;
  const out = wayOut(clock);
  return {
    kind: `clock ${subscriptionId}`, count: clock.stage === "deleted" ? 1 : days, what, since: new Date(startOf(until)), on: until, state: clock.kind === "cancellation" && clock.stage === "running" ? "none" : "refused",
    sentence: `${name}${owed ? ` owes ${amountWords(owed.minor, owed.currency)},` : ":"} ${causeWords(clock, today)}. ${aheadWords(clock, today)} Nobody else is touched.`,
    href: money ? `/billing/subscriptions/${subscriptionId}` : `/clients/${clientId ?? ""}`, deed: money && out ? out.deed : "Look",
  };
}

/** The clocks that are news: all but a cancellation that somebody wished and that is far ahead. */
export const pressingClocks = (clocks: readonly ClockLine[]): ClockLine[] => clocks.filter(({ clock }) => clock.kind !== "cancellation" || clock.stage !== "running" || clock.daysLeft <= cancellationNewsDays);

/** Pure. */
export function moneyNeeds({ clocks, calendar, alarms }: MoneyFacts, today: Day, money: boolean): Need[] {
  const pressing = pressingClocks(clocks);
  // Many at once is one line: the list would push everything else off the page.
  const needs = pressing.length <= 3 ? pressing.map((line) => clockNeed(line, today, money)) : [
    clockNeed(pressing[0]!, today, money),
    { kind: "clocks", count: pressing.length - 1, what: "more deletion clocks run", sentence: `${named(pressing.slice(1).map(({ name }) => name))}. The next ends on ${longDay(pressing[1]!.clock.deletedOn)}.`, since: null, href: money ? "/billing" : "/clients", deed: "See them", state: "refused" as const },
  ];
  if (alarms.count > 0) needs.push({ kind: "alarms", count: alarms.count, what: alarms.count === 1 ? "alarm about money" : "alarms about money", sentence: alarms.words, since: alarms.since, href: "/billing/alarms", deed: "Look", state: "refused" });
  const until = addDays(today, renewalNewsDays);
  const soon = (calendar?.days ?? []).filter(({ on }) => on >= today && on < until);
  if (soon.length > 0) {
    const count = soon.reduce((sum, day) => sum + day.count, 0);
    const sums = [...Map.groupBy(soon, ({ currency }) => currency)].map(([currency, days]) => {
      const locked = days.reduce((sum, day) => sum + day.locked, 0);
      const list = days.reduce((sum, day) => sum + day.list, 0);
      return `${amountWords(locked, currency)} at locked prices${list === locked ? "" : `, ${amountWords(list, currency)} at today’s list`}`;
    });
    needs.push({ kind: "renewals", count, what: count === 1 ? "subscription renews within 30 days" : "subscriptions renew within 30 days", sentence: `${sums.join("; ")}. First: ${soon[0]!.names[0] ?? ""}, ${longDay(soon[0]!.on)}.`, since: new Date(startOf(soon[0]!.on)), on: soon[0]!.on, href: "/billing/renewals", deed: "Calendar", state: "none" });
  }
  return needs;
}
