import { describe, expect, test } from "vitest";
import { runningClock } from "../billing/clock-cause.ts";
import type { ClockLine } from "../billing/running.ts";
import { grantLevels } from "./charts.ts";
import { mineNeeds, type MyReach } from "./mine.ts";
import { amountWords, moneyNeeds, type MoneyFacts } from "./money.ts";
import { byHarm, type Need } from "./needs.ts";
import { reachTitle, roleWords } from "./reach-words.ts";

const today = "2026-11-20";
const facts = { subscriptionId: "s1", state: "past_due", endedBecause: null, endedAt: null, unpaidSince: null, openDueAt: null, stopAskedAt: null, periodEnd: new Date("2027-08-30"), renews: true, collection: "invoice" };
const line = (name: string, more: Partial<typeof facts> | Record<string, unknown>): ClockLine => ({ subscriptionId: name, clientId: `c-${name}`, name, place: null, contactMail: "", plan: "team-10", clock: runningClock({ ...facts, subscriptionId: name, ...more }, [], today)!, owed: { minor: 21_900, currency: "USD", number: "2026-0443", pageUrl: null } });
const none: MoneyFacts = { clocks: [], calendar: null, alarms: { count: 0, words: "", since: null } };

describe("money", () => {
  test("a past-due invoice counts the days to the suspension, then to the deletion", () => {
    const past = (due: string) => moneyNeeds({ ...none, clocks: [line("Wexcombe Grain", { openDueAt: new Date(due) })] }, today, true)[0]!;
    expect(past("2026-10-29")).toMatchObject({ count: 8, what: "days until Wexcombe Grain’s vault is suspended", deed: "Pay this invoice", href: "/billing/subscriptions/Wexcombe Grain" });
    expect(past("2026-10-20")).toMatchObject({ count: 7, what: "days until Wexcombe Grain’s vault is deleted for good" });
  });
  test("a cancellation is news thirty days ahead, quietly, and loud in its last seven days", () => {
    const ends = (day: string) => moneyNeeds({ ...none, clocks: [line("Leaving", { state: "active", renews: false, stopAskedAt: new Date("2026-10-01"), periodEnd: new Date(day) })] }, today, true);
    expect(ends("2027-03-01")).toEqual([]);
    expect(ends("2026-12-15")).toMatchObject([{ state: "none", deed: "Keep the subscription" }]);
    expect(ends("2026-11-25")).toMatchObject([{ state: "refused" }]);
  });
  test("many clocks at once take two lines, not the page", () => {
    const clocks = Array.from({ length: 9 }, (_, index) => line(`Client ${index}`, { openDueAt: new Date("2026-10-29") }));
    expect(moneyNeeds({ ...none, clocks }, today, true).map(({ kind, count }) => [kind.split(" ")[0], count])).toEqual([["clock", 8], ["clocks", 8]]);
  });
  test("whoever sees no money is led to the client", () => expect(moneyNeeds({ ...none, clocks: [{ ...line("W", { openDueAt: new Date("2026-10-29") }), owed: null }] }, today, false)[0]).toMatchObject({ href: "/clients/c-W", deed: "Look" }));
  test("amounts in sentences are digits, with their currency", () => expect([amountWords(223_100, "USD"), amountWords(123_456_789, "CHF"), amountWords(5, "EUR")]).toEqual(["USD 2,231", "CHF 1,234,567.89", "EUR 0.05"]));
});

test("harm comes first, then what began or runs out first", () => {
  const need = (kind: string, state: Need["state"] = "refused", since = today): Need => ({ kind, count: 1, what: "", sentence: "", since: new Date(since), href: "", deed: "", state });
  expect(byHarm([need("renewals"), need("clock b", "refused", "2026-12-05"), need("plans"), need("revokes"), need("clock a", "refused", "2026-11-28"), need("not_blind"), need("clock c", "none")]).map(({ kind }) => kind)).toEqual(["not_blind", "revokes", "clock a", "clock b", "plans", "renewals", "clock c"]);
});

test("grants are counted back from what is in force now", () => {
  const days = grantLevels(385, new Map([["2026-11-18", 7]]), new Map([["2026-11-20", 34]]), today, 4);
  expect(days).toEqual([{ on: "2026-11-17", added: 0, removed: 0, level: 412 }, { on: "2026-11-18", added: 7, removed: 0, level: 419 }, { on: "2026-11-19", added: 0, removed: 0, level: 419 }, { on: "2026-11-20", added: 0, removed: 34, level: 385 }]);
});

test("a technician is told of a missing key, of new tokens and of what ends within a week, and of nothing later", () => {
  const now = new Date("2026-11-20T14:00:00Z");
  const reach = (client: string, more: Partial<MyReach>): MyReach => ({ vaultRef: `v-${client}`, uid: "u", clientId: client, client, place: null, access: "Networking", live: true, until: null, lastUsedAt: null, claimBy: null, ...more });
  const day = 86_400_000;
  const rows = [reach("Acme", { claimBy: now.getTime() + day }), reach("Birch", { until: now.getTime() + 6 * day }), reach("Cedar", { until: now.getTime() + 8 * day }), reach("Old", { claimBy: now.getTime() - day })];
  expect(mineNeeds(rows, "endorsed", "p", now).map(({ kind, count, sentence }) => [kind, count, sentence.split(".")[0]])).toEqual([["own_tokens", 1, "Acme"], ["own_ending", 1, "Birch"]]);
  expect(mineNeeds([], "none", "p", now)).toMatchObject([{ kind: "own_key", href: "/settings/inbox-key" }]);
  expect(mineNeeds([], "waiting", "p", now)).toMatchObject([{ kind: "own_endorsement", state: "moving" }]);
});

test("a technician reads roles by name and counts vaults, not tokens", () => {
  const role = (name: string, position: number) => ({ roleId: name, name, letter: name[0]!, position });
  expect(roleWords({ full: false, roles: [role("Networking", 1), role("backup", 2)], unmapped: [] })).toBe("Networking and backup");
  expect(roleWords({ full: false, roles: [], unmapped: ["0042"] })).toBe("The number 0042");
  expect([roleWords({ full: true, roles: [role("Backup", 1)], unmapped: [] }), roleWords({ full: false, roles: [], unmapped: [] })]).toEqual(["Everything", "No role"]);
  const row = (vaultRef: string, live = true) => ({ vaultRef, live });
  expect([reachTitle([]), reachTitle([row("a", false)]), reachTitle([row("a")]), reachTitle([row("a"), row("b"), row("c", false)]), reachTitle([row("a"), row("a"), row("b")])])
    .toEqual(["You reach no vault now", "You reach no vault now", "You reach 1 vault", "You reach 2 vaults", "You reach 2 vaults with 3 tokens"]);
});
