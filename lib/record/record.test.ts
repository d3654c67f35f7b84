import { expect, test } from "vitest";
import { recordActions, sentence } from "./action.ts";
import { parseCursor } from "./list.ts";

test("every action has a sentence that says more than its name", () => {
  for (const action of recordActions) expect(sentence(action, { template: "test", to: "a@b.example", transport: "mail", attempts: 2, error: "e" })).toMatch(/ .* /);
});
test("an action of a newer release is named rather than hidden", () => expect(sentence("moon.landed", {})).toBe("moon.landed"));
test("an action whose name is a word of the language is no trap", () => expect(sentence("constructor", {})).toBe("constructor"));
test("a place in the list that is nonsense is the beginning of the list", () => {
  for (const text of [undefined, "", "x", "1.2", `1.${"a".repeat(36)}`, "99999999999999999.018f3c1e-0000-7000-8000-000000000002", "-5.018f3c1e-0000-7000-8000-000000000002", "'; drop table record; --"]) expect(parseCursor(text)).toBeUndefined();
  expect(parseCursor("1800000000000.018f3c1e-0000-7000-8000-000000000002")).toEqual({ at: new Date(1_800_000_000_000), id: "018f3c1e-0000-7000-8000-000000000002" });
});
