import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeQuery } from "../find/language.ts";
import { kinds } from "./kind.ts";
import { inWindow, momentOf, parseQuery, qualifiers, suggest, toggled, windowOf, writeMoment } from "./query.ts";

const now = Date.UTC(2026, 10, 20, 14, 1, 48);
const names = { clients: [{ id: "a", name: "Château Vermeil Hôtels" }], people: [{ id: "b", name: "Priya Raman" }] };

describe("the audit's bar", () => {
  test("whatever is typed is read without an error, and what was read is written as the same", () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.tuple(fc.constantFrom(...qualifiers), fc.string()), { maxLength: 4 }).map((all) => all.map(([key, value]) => `${key}:${value}`).join(" "))), (text) => {
      const { terms } = parseQuery(text);
      expect(parseQuery(writeQuery(terms)).terms).toEqual(terms);
      suggest(names, text, text.length);
    }));
  });
  test.each(["since:yesterday", "kind:moon", "outcome:maybe", "actor:nobody", "plan:abc", "vault:1", "ip:<x>", "stream:third", "source:elsewhere", "fault:none", "weather:fine", "client:"])("%s is a problem with words, and selects nothing by itself", (text) => {
    const { terms, problems } = parseQuery(text);
    expect(terms).toEqual([]);
    expect(problems[0]?.why).toMatch(/ .* /);
  });
  test("capitals do not matter where they cannot", () => expect(parseQuery("KIND:Read outcome:DONE since:2026-11-20t14:00").terms.map(({ value }) => value)).toEqual(["read", "done", "2026-11-20T14:00"]));
  test("a time is what it says, in UTC", () => {
    expect(momentOf("3h", now)).toBe(now - 3 * 3_600_000);
    expect(momentOf("2w", now)).toBe(now - 14 * 86_400_000);
    expect(momentOf("2026-11-20", now)).toBe(Date.UTC(2026, 10, 20));
    expect(momentOf("2026-11-20T14:01:48.204", now)).toBe(Date.UTC(2026, 10, 20, 14, 1, 48, 204));
    for (const text of ["", "h", "3x", "2026-13-40", "99999d", "-3h", "now()"]) expect(momentOf(text, now)).toBeNull();
  });
  test("a moment is written so that it is read as the same", () => {
    fc.assert(fc.property(fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2099, 0, 1) }), (at) => { expect(momentOf(writeMoment(at), now)).toBe(at); }));
  });
  test("another time takes the place of the one there was, and leaves the rest", () => {
    const query = inWindow(parseQuery("since:24h kind:read until:1h"), now - 3_600_000, null);
    expect(parseQuery(query).terms.map(({ key }) => key)).toEqual(["since", "kind"]);
    expect(windowOf(parseQuery(query), now)).toEqual({ since: now - 3_600_000, until: null });
  });
  test("a facet is taken on and off", () => {
    const on = toggled(parseQuery("since:24h"), { key: "kind", value: "read", not: false });
    expect(on).toBe("since:24h kind:read");
    expect(toggled(parseQuery(on), { key: "kind", value: "read", not: false })).toBe("since:24h");
  });
  test("suggestions lead to terms that are read without a problem", () => {
    for (const key of qualifiers) for (const { text, done } of suggest(names, `${key}:`, key.length + 1)) expect(done && parseQuery(text).problems).toEqual([]);
    expect(suggest(names, "chat", 4).map(({ text }) => text)).toEqual(['client:"Château Vermeil Hôtels" ']);
  });
  test("kinds have ids of their own and words", () => {
    expect(new Set(kinds.map(({ id }) => id)).size).toBe(kinds.length);
    for (const { id, label } of kinds) expect([parseQuery(`kind:${id}`).problems, label.length > 2]).toEqual([[], true]);
  });
});
