/** The palette leads to every page of the console that needs no thing to be of: held against the table of doors. */
import { expect, test, vi } from "vitest";
import { pagesFor } from "../../app/(console)/pages.ts";
import { placesFor } from "../../app/(console)/places.tsx";
import { personActor } from "../../lib/identity/actor.ts";
import { personRights, rights, type Permission } from "../../lib/identity/permission.ts";
import { doors } from "./doors.ts";

vi.mock("lucide-react", () => new Proxy({}, { get: (_target, name) => (name === "then" ? undefined : () => null), has: () => true }));

// Icons are drawn by a browser's React.
vi.mock("react/jsx-dev-runtime", () => ({ jsxDEV: () => null, Fragment: null }));

const person = (held: readonly string[]) => personActor({ mspId: crypto.randomUUID(), personId: crypto.randomUUID(), name: "Priya Raman", rights: held }, crypto.randomUUID());
/** Of no use to be led to: begun once by a claim. */
const left = new Set(["/claim/progress"]);
const plain = Object.entries(doors).flatMap(([door, need]) => (door.startsWith("page ") && !door.includes("[") && need !== "visitor" && need !== "actor" ? [{ href: door.slice("page ".length), need }] : [])).filter(({ href }) => !left.has(href));
const ledTo = (held: readonly string[], terms = true) => {
  const actor = person(held);
  const navigation = placesFor(actor);
  return [...navigation, ...pagesFor(actor, navigation, { terms })].map(({ href }) => href);
};

test.each([...personRights.map((right) => [right]), [...personRights]])("%s is led to every page that they may open, and to no other", (...held) => {
  const may = new Set(held.flatMap((right): readonly Permission[] => rights[right]));
  const hrefs = ledTo(held);
  expect(plain.length).toBeGreaterThan(30);
  expect(plain.filter(({ href, need }) => may.has(need) && !hrefs.includes(href))).toEqual([]);
  expect(plain.filter(({ href, need }) => !may.has(need) && hrefs.includes(href))).toEqual([]);
  expect(new Set(hrefs).size).toBe(hrefs.length);
});
test("what it names, there is", () => {
  const own = person(["owner", "technician", "finance", "auditor"]);
  const navigation = placesFor(own);
  for (const { href } of pagesFor(own, navigation, { terms: true })) expect(doors, href).toHaveProperty([`page ${href}`]);
});
test("without a contract nothing says that there could be one", () => expect([ledTo(["finance"], false).includes("/billing/contract"), ledTo(["finance"]).includes("/billing/contract"), ledTo(["owner"]).includes("/billing/contract")]).toEqual([false, true, false]));
test("a visitor is led nowhere", () => expect(pagesFor(null, [], { terms: false })).toEqual([]));
