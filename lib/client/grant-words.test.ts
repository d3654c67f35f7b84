import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Grant } from "../protocol/messages.ts";
import { durationWords, grantFacts, grantSentences, listWords } from "./grant-words.ts";

const grant: Grant = { scopes: ["0010", "0011"], all_access: "never", max_lease: 604_800, max_agents: 8, entries: false, cosign: 1, signer_delay: 86_400, audit: "own" };
const roles = [{ name: "Networking", scope: "0010" }, { name: "Monitoring", scope: "0011" }, { name: "Backup", scope: "0012" }];
const say = (given: Partial<Grant>, key: string, named = roles) => grantFacts({ ...grant, ...given }, named).find((fact) => fact.key === key)!;

describe("a grant in sentences", () => {
  test("says every member of the grant, in one order", () => {
    expect(grantSentences(grant, roles)).toEqual([
      "Technicians may be given Networking and Monitoring, and no other role.",
      "Nobody may be given full access.",
      "Access with an end lasts at most 7 days.",
      "At most 8 people and programs may hold a token.",
      "What is stored in the vault may not be changed.",
      "One signer is enough for a change.",
      "A new hardware key of theirs counts after 24 hours, unless two people signed for it.",
      "Of the vault's log, only what concerns them may be read.",
    ]);
  });
  test("a role outside the grant is not named, and a number without a role is", () => {
    expect(say({ scopes: ["0011", "0042"] }, "roles").sentence).toBe("Technicians may be given Monitoring and the number 0042, and no other role.");
    expect(say({ scopes: [] }, "roles").sentence).toBe("Technicians may be given no role.");
  });
  test("roles that the client has not numbered yet are named", () => expect(say({ scopes: [] }, "roles", [{ name: "Web", scope: null }] as never).short).toBe("Web"));
  test("full access says its end, or that it has none", () => {
    expect(say({ all_access: "leased", max_lease: 86_400 }, "full").short).toBe("for at most 24 hours");
    expect(say({ all_access: "leased", max_lease: null }, "full").sentence).toContain("a time that is set");
    expect(say({ all_access: "yes" }, "full").short).toBe("yes, also without an end");
  });
  test("what gives away more than usual is marked, and nothing else", () => {
    expect(grantFacts(grant, roles).filter(({ wide }) => wide)).toEqual([]);
    const loose: Grant = { ...grant, scopes: "any", all_access: "yes", entries: true, signer_delay: 0 };
    expect(grantFacts(loose, roles).filter(({ wide }) => wide).map(({ key }) => key)).toEqual(["roles", "full", "entries", "new_key"]);
  });
  test("two grants that differ in a member never read the same", () => {
    const any: fc.Arbitrary<Grant> = fc.record({
      scopes: fc.oneof(fc.constant("any" as const), fc.subarray(["0010", "0011", "0012", "0042"])), all_access: fc.constantFrom("never" as const, "leased" as const, "yes" as const),
      max_lease: fc.option(fc.integer({ min: 1, max: 31_536_000 })), max_agents: fc.integer({ min: 0, max: 500 }), entries: fc.boolean(), cosign: fc.constantFrom(1 as const, 2 as const),
      signer_delay: fc.integer({ min: 0, max: 2_592_000 }), audit: fc.constantFrom("own" as const, "all" as const),
    });
    fc.assert(fc.property(any, any, (a, b) => (JSON.stringify(a) === JSON.stringify(b)) === (grantSentences(a, roles).join() === grantSentences(b, roles).join())), { numRuns: 500 });
  });
});

describe("words", () => {
  test.each([[1, "1 second"], [60, "1 minute"], [5_400, "90 minutes"], [3_600, "1 hour"], [86_400, "24 hours"], [172_800, "2 days"], [604_800, "7 days"], [61, "61 seconds"]])("%d seconds are %s", (seconds, words) => expect(durationWords(seconds)).toBe(words));
  test("durations keep every second", () =>
    fc.assert(fc.property(fc.integer({ min: 1, max: 40_000_000 }), (seconds) => {
      const [count, unit] = durationWords(seconds).split(" ");
      const size = { day: 86_400, hour: 3_600, minute: 60, second: 1 }[unit!.replace(/s$/, "")]!;
      expect(Number(count) * size).toBe(seconds);
    })));
  test("lists read as people say them", () => expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listWords)).toEqual(["", "a", "a and b", "a, b and c"]));
});
