import { expect, test } from "vitest";
import type { Grant } from "#lib/protocol/messages.ts";
import type { Agent } from "../store/rows.ts";
import { manages, refuseEntry, refuseReach } from "./rules.ts";

const row = (change: Partial<Agent>): Agent => ({
  id: 9,
  uid: "row",
  name: "Row",
  kind: "human",
  scopes: "",
  allAccess: false,
  admin: false,
  managedBy: null,
  createdAt: 0,
  expiresAt: null,
  claimBy: null,
  usedAt: null,
  usedBefore: null,
  locked: false,
  handOver: "sealed",
  sealedTo: null,
  limits: undefined,
  grant: null,
  connect: null,
  revision: 1,
  ...change,
});
const grant: Grant = { scopes: ["0010"], all_access: "yes", max_lease: null, max_agents: 1, entries: true, cosign: 1, signer_delay: 0, audit: "own" };
const facts = { now: 1_000, managed: 1, isForeignId: (scope: string) => scope === "0009" };

test("a manager manages plain rows that name it, never itself or an admin row, whatever the table says", () => {
  const manager = row({ id: 2, uid: "manager", admin: true, managedBy: "manager" });
  expect(manages(manager, row({ managedBy: "manager" }))).toBe(true);
  expect(manages(manager, row({ managedBy: "other" }))).toBe(false);
  expect(manages(manager, row({ managedBy: "manager", admin: true }))).toBe(false);
  expect(manages(manager, manager)).toBe(false);
  expect(manages(manager, { ...manager, admin: false })).toBe(false);
});

test("no grant allows nothing", () => {
  expect(refuseReach(null, row({}), facts)).toBe("not_granted");
  expect(refuseEntry(null, "", {}, facts.isForeignId)).toBe("not_granted");
});

test.each<[string, Partial<Agent>, Partial<Grant>, string | null]>([
  ["all_access yes needs no lease", { allAccess: true }, {}, null],
  ["all_access never allows none, leased or not", { allAccess: true, expiresAt: 1_001 }, { all_access: "never" }, "not_granted"],
  ["all_access leased needs one", { allAccess: true }, { all_access: "leased" }, "not_granted"],
  ["a lease of exactly max_lease fits", { expiresAt: 1_060 }, { max_lease: 60 }, null],
  ["one second more does not", { expiresAt: 1_061 }, { max_lease: 60 }, "not_granted"],
  ["max_lease binds only rows with a lease", {}, { max_lease: 60 }, null],
  ["an admin row is never reached", { admin: true }, {}, "not_granted"],
  ["any scope but a foreign row's number", { scopes: "0008" }, { scopes: "any" }, null],
  ["a foreign row's number collides", { scopes: "0008,0009" }, { scopes: "any" }, "scope_collision"],
  ["a number that the owner listed does not", { scopes: "0009" }, { scopes: ["0009"] }, null],
  ["an empty list allows no scope", { scopes: "0010" }, { scopes: [] }, "not_granted"],
])("%s", (_, change, tightened, expected) => {
  expect(refuseReach({ ...grant, ...tightened }, row(change), facts)).toBe(expected);
});

test("an entry gains only scopes of the grant; those that stood may stay or go", () => {
  expect(refuseEntry(grant, "0001,0002", { scopes: "0001,0010" }, facts.isForeignId)).toBeNull();
  expect(refuseEntry(grant, "0001", { scopes: "0001,0003" }, facts.isForeignId)).toBe("not_granted");
  expect(refuseEntry({ ...grant, scopes: "any" }, "", { scopes: "0009" }, facts.isForeignId)).toBe("scope_collision");
  expect(refuseEntry({ ...grant, scopes: "any" }, "0009", { scopes: "0009" }, facts.isForeignId)).toBeNull();
});
