import { expect, test } from "vitest";
import { headline, named, needsOf, type Estate } from "./needs.ts";

const now = new Date("2026-11-20T14:00:00Z");
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
let seen = 0;
const vault = (client: string, more: Partial<Estate> = {}): Estate => ({
  vaultRef: `v${++seen}`, clientId: `c-${client}`, client, plan: "Team 10", state: "connected", endedBy: null, since: ago(9_000), health: "ok", healthSince: ago(9_000), words: null,
  tokensUsed: 8, tokensLimit: 11, probe: "blind", unprovenSince: null, drifts: 0, driftSince: null, billed: true, ...more,
});
const rest = { inboxKeysWaiting: 0, signingKeys: 2, endingSoon: 0, now, may: () => true };
const kinds = (rows: readonly Estate[], more: Partial<typeof rest> = {}) => needsOf(rows, { ...rest, ...more }).map(({ kind }) => kind);

test("a calm estate needs nobody", () => {
  expect(needsOf([vault("Acme"), vault("Birchgate", { tokensLimit: null })], rest)).toEqual([]);
  expect(headline(0)).toBe("Nothing needs you");
});

test("each trouble is listed once, the most harmful first", () => {
  const rows = [
    vault("Asked", { state: "asking", health: null, probe: null }), vault("Full", { tokensUsed: 11 }), vault("Away", { health: "silent" }), vault("Turned", { health: "failover" }), vault("Own", { drifts: 2, driftSince: ago(5) }),
    vault("New", { state: "unconfirmed" }), vault("Left", { state: "ended", endedBy: "client", since: ago(10) }), vault("Mute", { probe: "unproven", unprovenSince: ago(181) }), vault("Late", { health: "lapsed" }),
    vault("Liar", { state: "stopped", health: "lying" }), vault("Seeing", { probe: "not_blind" }),
  ];
  expect(kinds(rows, { signingKeys: 1, inboxKeysWaiting: 3, endingSoon: 2 })).toEqual(["not_blind", "lying", "lapsed", "unproven", "ended", "unconfirmed", "drift", "stuck", "full", "asked", "signers", "inbox", "ending"]);
});

test("silence about blindness is an alarm after three hours, not before", () => {
  expect(kinds([vault("Mute", { probe: "unproven", unprovenSince: ago(179) })])).toEqual([]);
  expect(kinds([vault("Mute", { probe: "unproven", unprovenSince: ago(180) })])).toEqual(["unproven"]);
});

test("the end of a connection is news for a week, and only when the client did it", () => {
  expect(kinds([vault("Left", { state: "ended", endedBy: "client", since: ago(8 * 1_440) }), vault("We", { state: "ended", endedBy: "msp", since: ago(1) })])).toEqual([]);
});

test("one client leads to its own page, several to the list, and the oldest gives the age", () => {
  const [one] = needsOf([vault("Own", { drifts: 1, driftSince: ago(5) })], rest);
  expect(one).toMatchObject({ count: 1, what: "client was changed by its own admin", href: "/clients/c-Own" });
  const [two] = needsOf([vault("A", { drifts: 1, driftSince: ago(5) }), vault("B", { drifts: 1, driftSince: ago(50) })], rest);
  expect(two).toMatchObject({ count: 2, what: "clients were changed by their own admins", href: "/clients?drift=open", since: ago(50) });
});

test("clients without a free token and endings lead to where they are answered, also where it is one client", () => {
  const lead = (more: Partial<typeof rest>) => needsOf([vault("Full", { plan: "team-10", tokensUsed: 11 })], { ...rest, endingSoon: 1, ...more }).map(({ kind, href, deed }) => `${kind} ${deed} ${href}`);
  expect(lead({})).toEqual(["full Ways out /billing/what-if?free=1&to=team-25", "ending Extend /leases"]);
  expect(lead({ may: () => false })).toEqual(["full Look /clients?free=0", "ending Look /clients"]);
});

test("names are said in full up to three, and counted beyond", () => {
  expect([named([]), named(["A"]), named(["A", "B"]), named(["A", "B", "C"]), named(["A", "B", "C", "D"])]).toEqual(["", "A", "A and B", "A, B and C", "A, B, C and 1 more"]);
});
