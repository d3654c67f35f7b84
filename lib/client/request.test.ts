import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { looserMember } from "../protocol/grant.ts";
import type { ConnectReply, ConnectRequest } from "../protocol/messages.ts";
import { checkGrant } from "../protocol/schema.ts";
import { run } from "../protocol/check.ts";
import { freeLetter } from "./keep-roles.ts";
import { misfit } from "./open-reply.ts";
import { grantFrom, MAX_SIGNERS, peopleFor, pickSigners, proposeScope, type SignerKey, type Want } from "./request.ts";
import { askShape } from "./request-forms.ts";
import { clientShape } from "./shape.ts";
import { foldStep } from "./steps.ts";

const key = (person: string, id: string, lastUsedAt: number | null): SignerKey => ({ credential_id: id, public_key: "AA", label: id, person, rp_id: "sign.localhost", origin: "http://sign.localhost:1", enrol: { authenticator_data: "", client_data_json: "", signature: "" }, personId: person, lastUsedAt, createdAt: 1 });

describe("signers", () => {
  test("never more than eight, never the same twice, and of every person one before anybody's second, while there is room", () =>
    fc.assert(fc.property(fc.uniqueArray(fc.record({ person: fc.constantFrom("a", "b", "c", "d", "e"), id: fc.uuid(), at: fc.option(fc.integer({ min: 1, max: 9 })) }), { selector: ({ id }) => id, maxLength: 30 }), (given) => {
      const keys = given.map(({ person, id, at }) => key(person, id, at));
      const picked = pickSigners(keys);
      const people = new Set(keys.map(({ personId }) => personId));
      expect(picked).toHaveLength(Math.min(keys.length, MAX_SIGNERS));
      expect(new Set(picked).size).toBe(picked.length);
      expect(new Set(picked.slice(0, people.size).map(({ personId }) => personId))).toEqual(people);
    })));
  test("the key used last stands for its person", () => expect(pickSigners([key("a", "old", 1), key("a", "new", 5), key("b", "other", null)]).map(({ label }) => label)).toEqual(["new", "other", "old"]));
});

describe("the grant of the form", () => {
  const want: fc.Arbitrary<Want> = fc.record({ fullAccess: fc.constantFrom("never" as const, "leased" as const, "yes" as const), leaseDays: fc.integer({ min: 1, max: 3_650 }), people: fc.integer({ min: 1, max: 10_000 }), cosign: fc.constantFrom("1" as const, "2" as const), log: fc.constantFrom("own" as const, "all" as const), entries: fc.constantFrom("yes" as const, "no" as const) });
  test("is always one that the wire takes, and asks for no more than was written", () =>
    fc.assert(fc.property(want, (given) => {
      const grant = grantFrom(given);
      run(checkGrant, grant, "");
      expect(grant.entries).toBe(given.entries === "yes");
      return looserMember(grant, { ...grant, all_access: given.fullAccess, max_agents: given.people }) === null;
    })));
  test("a form with a number that is none, with no address or with roles that are no list is refused at its field", () => {
    const good = { clientId: crypto.randomUUID(), address: "x", roles: "[]", fullAccess: "leased", leaseDays: "90", people: "8", cosign: "1", log: "all" };
    expect(askShape.safeParse(good).success).toBe(true);
    for (const [field, value] of [["people", "0"], ["people", "many"], ["leaseDays", "1.5"], ["address", "  "], ["roles", "{}"], ["roles", "x"], ["cosign", "3"], ["fullAccess", "always"]] as const) {
      expect(askShape.safeParse({ ...good, [field]: value }).error?.issues[0]?.path, `${field} ${value}`).toEqual([field]);
    }
    expect(askShape.parse({ ...good, oneSigner: " One Key " }).oneSigner).toBe(true);
    expect(askShape.parse({ ...good, oneSigner: "yes" }).oneSigner).toBe(false);
  });
  test("eight people are asked for before there are technicians", () => expect([peopleFor(0), peopleFor(3)]).toEqual([8, 3]));
});

describe("numbers and letters for roles", () => {
  test("the number that most vaults use is proposed; else one far above a vault's first rows, another for each role", () => {
    expect(proposeScope(["0010", "0023", "0010"], 0)).toBe("0010");
    expect(proposeScope(["0023", "0010"], 0)).toBe("0010");
    expect([proposeScope([], 0), proposeScope([], 1), proposeScope([], 17)]).toEqual(["0100", "0101", "0111"]);
  });
  test("a letter is of the role's own name where one is free, never F, and none when all are taken", () => {
    expect(freeLetter("Firewall", new Set())).toBe("I");
    expect(freeLetter("Networking", new Set(["N", "E"]))).toBe("T");
    expect(freeLetter("Ärzte", new Set())).toBe("A");
    expect(freeLetter("网络", new Set(["A", "B"]))).toBe("C");
    expect(freeLetter("X", new Set("ABCDEGHIJKLMNOPQRSTUVWXYZ"))).toBeNull();
  });
});

describe("what a reply must be besides what the protocol says", () => {
  const reply = { vault_url: "https://vault.example.com/a", uid: "u1", roles: [{ name: "Networking", scope: "0010" }] } as unknown as ConnectReply;
  const request = { replaces: null } as ConnectRequest;
  test("from the address that was asked, for the row that was renewed, with one number per role", () => {
    expect(misfit(reply, request, "https://vault.example.com/a")).toBeNull();
    expect(misfit(reply, request, "https://vault.example.com/b")).toContain("strange address");
    expect(misfit(reply, { ...request, replaces: "u2" }, "https://vault.example.com/a")).toContain("another row");
    expect(misfit({ ...reply, roles: [...reply.roles, { name: "Backup", scope: "0010" }] }, request, "https://vault.example.com/a")).toContain("one number");
    expect(misfit({ ...reply, roles: [...reply.roles, { name: "Networking", scope: "0011" }] }, request, "https://vault.example.com/a")).toContain("one number");
  });
});

describe("a client as it is written", () => {
  const parse = (change: Record<string, string>) => clientShape.safeParse({ name: "Acme", plan: "pro", ...change });
  test("names are composed and tidied, lists are cut at commas, repeats fall out", () =>
    expect(parse({ name: "  Zoe\u0308’s   Bakery ", aliases: "Leeds, leeds ,, York", tags: "pod-a,pod-a, food" }).data).toMatchObject({ name: "Zoë’s Bakery", aliases: ["Leeds", "leeds", "York"], tags: ["pod-a", "food"] }));
  test("what a signer could not sign, or nobody could call, is refused at its field", () => {
    for (const [field, value] of [["name", ""], ["name", "a\u202eb"], ["name", "x".repeat(121)], ["plan", "gold"], ["contactPhone", "call me"], ["contactMail", "a@b"], ["contactMail", "a@b.example, c@d.example"], ["tags", "x".repeat(61)], ["region", "a\nb"]] as const) {
      expect(parse({ [field]: value }).error?.issues[0]?.path, `${field}: ${value}`).toEqual([field]);
    }
  });
  test("any text is taken or refused, and a name that is taken stays taken", () =>
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 130 }), (name) => {
      const once = parse({ name });
      return !once.success || parse({ name: once.data.name }).data?.name === once.data.name;
    })));
});

test("the step that is next follows from the vault alone, so that whoever comes back goes on where it stopped", () => {
  expect([[null, false], ["asking", false], ["asking", true], ["unconfirmed", true], ["connected", true], ["stopped", true]].map(([state, asked]) => foldStep(state as string | null, asked as boolean))).toEqual(["bounds", "bounds", "connect", "compare", "found", "bounds"]);
});
