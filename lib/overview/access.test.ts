import { expect, test } from "vitest";
import { accessNeeds, type AccessFacts } from "./access.ts";
import { byHarm } from "./needs.ts";

const none = { names: [], since: null };
const calm: AccessFacts = { strange: none, unopened: none, opening: none, rotate: none, requests: none, renewals: 0, slotsOver: none };
const at = new Date("2026-11-21T12:00:00Z");
const some = (...names: string[]) => ({ names, since: at });

test("nothing is said of what is in order", () => expect(accessNeeds(calm)).toEqual([]));
test("what harms stands before what waits", () => {
  const all = accessNeeds({ strange: some("Jim Okafor at Acme"), unopened: some("Acme"), opening: some("Birch"), rotate: some("Birch"), requests: some("Hana Kobayashi"), renewals: 12, slotsOver: some("Acme") });
  expect(byHarm(all).map(({ kind }) => kind)).toEqual(["glass_alarm", "strange_seal", "glass_open", "requests", "glass_rotate", "slots_over", "token_renewals"]);
});
test("one person who asked three times is named once, and three requests are counted", () => {
  const [need] = accessNeeds({ ...calm, requests: some("Hana Kobayashi", "Hana Kobayashi", "Jim Okafor") });
  expect(need).toMatchObject({ count: 3, what: "requests wait for an answer", sentence: "Hana Kobayashi and Jim Okafor asked.", href: "/requests" });
});
