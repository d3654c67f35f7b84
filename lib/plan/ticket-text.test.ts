import { expect, test } from "vitest";
import type { PlanShare } from "./show.ts";
import { ticketText } from "./ticket-text.ts";

const share = (more: Partial<PlanShare>): PlanShare => ({ place: 0, client: "Acme Dental", vaultRef: "v", counts: { grant: 1, alter: 0, revoke: 0 }, state: "proven", kind: "fresh", words: "Proven by a signed re-read", detail: null, tookMs: 900, receiptId: "rc-1", stage: 4, standing: null, tries: 1, ...more });
const plan: Parameters<typeof ticketText>[0] = {
  id: "p1", title: "Jim takes over", sentence: "You give Jim Okafor 0010 at 2 clients.", reason: "Rota", ticket: null, groups: ["abcd", "ef01"], state: "running", madeBy: "Priya Raman",
  counts: { grant: 2, revoke: 1, alter: 0, reissue: 0, leave: 0, enrol: 0, strike: 0, renew: 0, vaults: 2 }, approvals: [{ id: "a", by: "Ines Halloran", key: "Desk", at: Date.UTC(2026, 10, 22, 2, 0, 5), stoppedAt: null }],
  shares: [share({ place: 1, client: "Birchgate Care", state: "sent", words: "On its way", receiptId: null }), share({})], leftOut: [],
};
const text = (more: Partial<typeof plan> = {}) => ticketText({ ...plan, ...more }, "https://msp.example", Date.UTC(2026, 10, 22, 2, 1, 0));

test("it says what, where to look, who signed under which digest, and what became of each vault with its receipt", () => {
  expect(text()).toBe([
    "Jim takes over", "https://msp.example/plans/p1", "", "You give Jim Okafor 0010 at 2 clients.", "Changes: 2 grants, 1 revoke, 2 vaults", "State at 2026-11-22 02:01:00 UTC: running; 1 of 2 proven", "Reason: Rota",
    "Made by Priya Raman", "Signed by Ines Halloran with the key “Desk”, 2026-11-22 02:00:05 UTC", "Digest: abcd ef01", "", "Vaults:", "- Acme Dental: Proven by a signed re-read, receipt rc-1", "- Birchgate Care: On its way", "",
  ].join("\n"));
});
test("a name with line breaks adds no line of its own, so nobody's name can pass for a receipt", () => {
  expect(text({ title: "A\n- Acme: proven", shares: [share({ client: "B\n- Acme: proven, receipt rc-2" })] }).split("\n").filter((one) => one.startsWith("- Acme"))).toEqual([]);
});
test("what was left out stands there with its cause", () => {
  expect(text({ leftOut: [{ vaultRef: "v2", name: "Calloway", findings: [{ vaultRef: "v2", weight: "blocks", code: "tokens", words: "1 token is needed, 0 of 11 are free.", ways: [] }] }] })).toContain("Left out:\n- Calloway: 1 token is needed, 0 of 11 are free.\n");
});
