import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatScopes, scopeOf } from "../protocol/scopes.ts";
import { cellText, inWords, isEmpty, roleLetters, roleScopesOf, type RoleMark } from "./letters.ts";

const mark = (letter: string, name: string, position: number): RoleMark => ({ roleId: `role-${letter}`, letter, name, position });
const N = mark("N", "Networking", 0);
const M = mark("M", "Monitoring", 1);
const B = mark("B", "Backup", 2);
const harbour = roleScopesOf([{ scope: "0023", ...N }, { scope: "0011", ...M }, { scope: "0012", ...B }]);
const at = (scopes: string, full = false) => roleLetters(scopes, full, harbour);

describe("letters of a row", () => {
  test("numbers become this vault's roles, in the order of the roles, not of the numbers", () => {
    expect(at("0011,0012,0023")).toEqual({ full: false, roles: [N, M, B], unmapped: [] });
    expect(roleLetters("0010", false, roleScopesOf([{ scope: "0010", ...N }])).roles).toEqual([N]);
  });
  test("a number that no role has stays in sight", () => {
    expect(at("0011,0042")).toEqual({ full: false, roles: [M], unmapped: ["0042"] });
    expect(at("0042", true).unmapped).toEqual(["0042"]);
  });
  test("the empty list opens nothing, and full access does even with it", () => {
    expect(isEmpty(at(""))).toBe(true);
    expect(isEmpty(at("", true))).toBe(false);
    expect(isEmpty(at("0042"))).toBe(false);
  });
  test.each(["0023,0011", "0011,0011", "11", "0000", "0011, 0012", ","])("a damaged list %j is an error, never an empty cell", (list) => expect(() => at(list)).toThrow(TypeError));
  test("whatever the dictionary, no number is lost and none is invented", () =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 32 }), fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 25 }), fc.boolean(), (held, mapped, full) => {
        const dictionary = roleScopesOf(mapped.map((id, index) => ({ scope: scopeOf(id), roleId: String(index), name: `Role ${index}`, letter: "N", position: mapped.length - index })));
        const letters = roleLetters(formatScopes(held.map(scopeOf)), full, dictionary);
        const back = [...letters.roles.map(({ roleId }) => scopeOf(mapped[Number(roleId)]!)), ...letters.unmapped];
        expect(back.toSorted()).toEqual(held.map(scopeOf).toSorted());
        expect(letters.roles.map(({ position }) => position)).toEqual(letters.roles.map(({ position }) => position).toSorted((a, b) => a - b));
      }),
    ));
});

describe("a dictionary", () => {
  test("two roles on one number, and one role on two numbers, are refused", () => {
    expect(() => roleScopesOf([{ scope: "0010", ...N }, { scope: "0010", ...M }])).toThrow(TypeError);
    expect(() => roleScopesOf([{ scope: "0010", ...N }, { scope: "0011", ...N }])).toThrow(TypeError);
  });
  test("what is no scope is refused", () => expect(() => roleScopesOf([{ scope: "0000", ...N }])).toThrow(TypeError));
});

describe("a cell", () => {
  test.each([["", false, ""], ["0011", false, "M"], ["0011,0023", false, "NM"], ["0011,0012,0023", false, "N+2"], ["0042", false, "?"], ["0011,0042", false, "M?"], ["0041,0042,0043", false, "?+2"], ["0011,0023", true, "F"]])("of %j, full %j, shows %j", (scopes, full, text) => expect(cellText(at(scopes, full))).toBe(text));
  test("its words say every role and number", () => {
    expect(inWords(at("0011,0012,0023"))).toBe("Networking, Monitoring and Backup");
    expect(inWords(at("0011,0042,0043"))).toBe("Monitoring and the numbers 0042, 0043");
    expect(inWords(at("0042"))).toBe("the number 0042");
    expect(inWords(at(""))).toBe("no role");
    expect(inWords(at("0011", true))).toBe("full access");
  });
});
