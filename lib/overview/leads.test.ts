import { expect, test } from "vitest";
import { holds, personActor } from "../identity/actor.ts";
import type { Permission } from "../identity/permission.ts";
import { endingLead, fullLead } from "./leads.ts";

const as = (...rights: string[]) => (permission: Permission) => holds(personActor({ mspId: "m", personId: "p", name: "Somebody", rights }), permission);
const full = (plan: string, tokensUsed: number, billed = true) => ({ plan, tokensUsed, billed });

test("endings lead to their calendar: an owner extends there, an auditor looks", () => {
  expect(endingLead(as("owner"))).toEqual({ href: "/leases", deed: "Extend" });
  expect(endingLead(as("auditor"))).toEqual({ href: "/leases", deed: "Look" });
});

test("clients without a free token lead to the priced ways out, with a plan into which all of them fit", () => {
  expect(fullLead([full("team-10", 11)], as("owner"))).toEqual({ href: "/billing/what-if?free=1&to=team-25", deed: "Ways out" });
  expect(fullLead([full("team-10", 11), full("team-25", 26)], as("owner")).href).toBe("/billing/what-if?free=1&to=team-100");
});

test("who sees no money, and what is no subscription of ours, is led to the rows in the matrix", () => {
  expect(fullLead([full("team-10", 11)], as("auditor"))).toEqual({ href: "/matrix?q=free%3A0", deed: "Look" });
  for (const rows of [[full("team-10", 11, false)], [full("team-10", 11), full("team-25", 26, false)], [full("Team 10", 11)], [full("enterprise", 4_000)]]) expect(fullLead(rows, as("owner"))).toEqual({ href: "/matrix?q=free%3A0", deed: "Make room" });
});
