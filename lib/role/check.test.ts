import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alarmKinds, alarmSentence, byHarm, checkVault, type Numbered, type VaultFacts } from "./check.ts";
import { suggest, usualNumber } from "./suggest.ts";
import { fold, freeLetter, usualRoles } from "./usual.ts";

const names = new Map([["n", "Networking"], ["m", "Monitoring"], ["b", "Backup"]]);
const at = (roleId: string, scope: string, clientName: string | null = null): Numbered => ({ roleId, scope, clientName });
const facts = (more: Partial<VaultFacts>): VaultFacts => ({ vaultRef: "v", readAt: 1, granted: "any", dictionary: [at("n", "0010")], scopes: new Map([["0010", { entries: 3, name: "Networking" }]]), agents: new Map(), held: new Map(), ...more });
const kinds = (more: Partial<VaultFacts>) => checkVault(facts(more), names).map(({ kind }) => kind);

describe("the check of a vault", () => {
  test("a number that entries carry, under the role's name, inside the grant, is no alarm", () => expect(kinds({})).toEqual([]));
  test("a row whose id is a role's number is an alarm, and names the row", () => {
    const [alarm] = checkVault(facts({ agents: new Map([["0010", "Deploy CI"]]) }), names);
    expect(alarm).toMatchObject({ kind: "collides", roleId: "n", scope: "0010", agent: "Deploy CI" });
  });
  test("two roles on one number are an alarm", () => expect(kinds({ dictionary: [at("n", "0010"), at("m", "0010")] })).toContain("shared"));
  test("another name than the role's is the client's change, until somebody here agrees to it", () => {
    const scopes = new Map([["0010", { entries: 3, name: "Firewalls" }]]);
    expect(kinds({ scopes })).toEqual(["renamed"]);
    expect(kinds({ scopes, dictionary: [at("n", "0010", "Firewalls")] })).toEqual([]);
    expect(kinds({ scopes: new Map([["0010", { entries: 3, name: "Everything" }]]), dictionary: [at("n", "0010", "Firewalls")] })).toEqual(["renamed"]);
  });
  test("case, spaces and the form of letters are no other name, and no name at all is none", () => {
    for (const name of [" networking ", "NETWORKING", null]) expect(kinds({ scopes: new Map([["0010", { entries: 3, name }]]) })).toEqual([]);
  });
  test("a number outside the grant is an alarm, and inside it none; a grant of any number holds all", () => {
    expect(kinds({ granted: ["0011"] })).toEqual(["outside"]);
    expect(kinds({ granted: ["0010"] })).toEqual([]);
    expect(kinds({ granted: null })).toEqual([]);
  });
  test("a number that no entry carries is unused, known to the vault or not, and says who holds it", () => {
    expect(kinds({ scopes: new Map() })).toEqual(["unused"]);
    expect(kinds({ scopes: new Map([["0010", { entries: 0, name: null }]]) })).toEqual(["unused"]);
    const [alarm] = checkVault(facts({ scopes: new Map(), held: new Map([["0010", 3]]) }), names);
    expect(alarmSentence(alarm!, (id) => names.get(id)!)).toBe("No entry carries 0010: 3 rows of ours hold it, and it opens nothing.");
  });
  test("a number that rows of ours carry and no role has is an alarm", () => {
    expect(checkVault(facts({ held: new Map([["0010", 1], ["0042", 2]]) }), names)).toEqual([{ vaultRef: "v", kind: "nameless", roleId: null, scope: "0042", held: 2, clientName: null }]);
  });
  test("a vault that was never read is not judged: nothing is known, not nothing wrong", () => expect(kinds({ readAt: null, scopes: new Map(), held: new Map([["0042", 2]]) })).toEqual([]));
  test("the worst stands first", () => {
    const found = kinds({ dictionary: [at("b", "0012"), at("n", "0010"), at("m", "0010")], agents: new Map([["0010", "CI"]]), held: new Map([["0042", 1]]), granted: [] });
    expect(found).toEqual(found.toSorted((a, b) => alarmKinds.indexOf(a) - alarmKinds.indexOf(b)));
    expect(found[0]).toBe("collides");
  });
  test("every alarm has a sentence with its number", () => {
    const all = checkVault(facts({ dictionary: [at("n", "0010"), at("m", "0010"), at("b", "0012")], agents: new Map([["0010", "CI"]]), held: new Map([["0042", 1]]), granted: [], scopes: new Map([["0010", { entries: 1, name: "Everything" }]]) }), names);
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(alarmKinds));
    for (const alarm of all) expect(alarmSentence(alarm, (id) => names.get(id)!)).toContain(alarm.scope);
    expect(all.toSorted(byHarm)).toEqual(all);
  });
});

describe("a suggestion", () => {
  const backup = { roleId: "b", name: "Backup" };
  const said = (more: Record<string, { entries: number; name: string | null }>) => facts({ scopes: new Map(Object.entries(more)) });
  test("is the number that the client calls so, before the usual one", () => {
    expect(suggest(backup, "0012", said({ "0040": { entries: 2, name: "backup" }, "0012": { entries: 9, name: null } }))).toEqual({ scope: "0040", why: "name", entries: 2 });
  });
  test("is the usual number where entries carry it without a name", () => expect(suggest(backup, "0012", said({ "0012": { entries: 9, name: null } }))).toEqual({ scope: "0012", why: "usual", entries: 9 }));
  test("is not made of a number that the client calls otherwise, that nothing carries, or that the vault does not know", () => {
    expect(suggest(backup, "0012", said({ "0012": { entries: 9, name: "Payroll" } }))).toBeNull();
    expect(suggest(backup, "0012", said({ "0012": { entries: 0, name: null } }))).toBeNull();
    expect(suggest(backup, "0012", said({}))).toBeNull();
    expect(suggest(backup, null, said({ "0012": { entries: 9, name: null } }))).toBeNull();
  });
  test("is not made between two numbers of one name, nor where the role has a number, nor before the vault was read", () => {
    expect(suggest(backup, null, said({ "0040": { entries: 2, name: "Backup" }, "0041": { entries: 2, name: "BACKUP" } }))).toBeNull();
    expect(suggest({ roleId: "n", name: "Networking" }, "0010", facts({}))).toBeNull();
    expect(suggest(backup, "0012", { ...said({ "0012": { entries: 9, name: null } }), readAt: null })).toBeNull();
  });
  test("accepted, it never makes an alarm", () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("0010", "0011", "0012", "0013"), fc.record({ entries: fc.nat(3), name: fc.constantFrom(null, "Backup", "backup", "Payroll") })),
        fc.constantFrom("0010", "0011", "0012", null), fc.uniqueArray(fc.constantFrom("0010", "0011", "0012")), fc.constantFrom("any" as const, ["0010", "0012"], []),
        (scopes, usual, ids, granted) => {
          const before = facts({ dictionary: [], scopes: new Map(Object.entries(scopes)), agents: new Map(ids.map((id) => [id, "row"])), granted });
          const made = suggest(backup, usual, before);
          const after = made ? checkVault({ ...before, dictionary: [at("b", made.scope)] }, names) : [];
          expect(after.filter(({ kind }) => kind !== "unused")).toEqual([]);
        },
      ),
    ));
});

describe("the usual number", () => {
  test.each([[["0010", "0010", "0123"], "0010"], [["0010"], null], [["0010", "0011"], null], [["0010", "0010", "0123", "0123"], null], [[], null]])("of %j is %j", (scopes, usual) => expect(usualNumber(scopes)).toBe(usual));
});

describe("letters", () => {
  test("the usual roles have one each, and none is F", () => {
    expect(new Set(usualRoles.map(({ letter }) => letter)).size).toBe(usualRoles.length);
    expect(usualRoles.every(({ letter }) => /^[A-EG-Z]$/.test(letter))).toBe(true);
  });
  test("a free one is of the name if it can be, else the first that is left, never F", () => {
    expect(freeLetter("Firewalls", new Set())).toBe("I");
    expect(freeLetter("Élysée", new Set())).toBe("E");
    expect(freeLetter("نسخ", new Set(["A"]))).toBe("B");
    expect(freeLetter("FF", new Set("ABCDEGHIJKLMNOPQRSTUVWXY"))).toBe("Z");
    expect(freeLetter("Any", new Set("ABCDEGHIJKLMNOPQRSTUVWXYZ"))).toBeNull();
  });
  test("names are one when they read alike", () => expect(fold("  Ｎetworking\t TEAM ")).toBe("networking team"));
});
