import { expect, test } from "vitest";
import { rights, type Permission } from "../identity/permission.ts";
import type { WayOut } from "./check.ts";
import { leadOf } from "./leads.ts";

const as = (right: keyof typeof rights) => (permission: Permission) => (rights[right] as readonly Permission[]).includes(permission);
const way = (to: WayOut["do"]): WayOut => ({ words: "A way out", do: to });

test("a wider grant and a connection anew are asked of the very client, at the bounds of the request", () => {
  expect(leadOf(way("replaces"), "c1", as("owner"))).toEqual({ href: "/clients/c1/connect?step=bounds", label: "Ask" });
  expect(leadOf(way("replaces"), null, as("owner"))).toBeNull();
});
test("whose row it is, is said where technicians are", () => expect(leadOf(way("link"), "c1", as("owner"))).toEqual({ href: "/technicians", label: "Technicians" }));
test("nobody is led to a page that their rights do not open", () => {
  expect([leadOf(way("confirm"), "c1", as("auditor")), leadOf(way("replaces"), "c1", as("auditor"))]).toEqual([null, null]);
  expect(leadOf(way("read"), "c1", as("auditor"))).toEqual({ href: "/clients/c1", label: "The client" });
});
test("what is done at no page of its own leads nowhere", () => expect([leadOf(way(null), "c1", as("owner")), leadOf(way("wait"), "c1", as("owner"))]).toEqual([null, null]));
