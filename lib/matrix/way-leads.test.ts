import { expect, test } from "vitest";
import { askOf } from "../billing/what-if.ts";
import { moveUpLead } from "./way-leads.ts";

const way = { kind: "plan", from: "team-10", plan: "team-25", name: "Team 25", price: 30_000, currency: "USD" } as const;

test("whoever sees money is led to the question itself, which the page takes as it is written", () => {
  const { href, label } = moveUpLead(way, true);
  const { pathname, searchParams } = new URL(href, "http://localhost");
  expect([pathname, label]).toEqual(["/billing/what-if", "What if"]);
  expect(askOf(Object.fromEntries(searchParams))).toMatchObject({ from: "team-10", to: "team-25", free: null });
});
test("whoever sees none is led to the price list", () => expect(moveUpLead(way, false)).toEqual({ href: "/billing/plans", label: "Plans" }));
