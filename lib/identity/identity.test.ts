import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromB64u } from "../protocol/bytes.ts";
import { ceremonyChallenge } from "../protocol/challenge.ts";
import { authorize, holds, localOperator, personActor, serverOperator, workerFor } from "./actor.ts";
import { agentInWords } from "./agent.ts";
import { assertionShape, emailAddress, keyLabel, labelOf, linkSecret, personName, purposes, type KeyQuestion } from "./ceremony.ts";
import { bindingOf } from "./challenge.ts";
import { deedLength, deeds } from "./deed.ts";
import { json, rightsField } from "./form-value.ts";
import { drawSecret, hashOfSecret, joinLink } from "./link.ts";
import { inOrder, permissions, personRights, rights, rightsInWords, type Permission } from "./permission.ts";
import { placeAfter } from "./place.ts";
import { createPasskey, type Bent } from "./testing/passkey.ts";
import { userHandleOf } from "./user-handle.ts";
import { judgeAssertion, judgeForm, judgeRegistration } from "./webauthn.ts";

const person = (...held: string[]) => personActor({ mspId: "m", personId: "p", name: "Priya Raman", rights: held });

describe("rights", () => {
  test("a set of rights is always the same list, and unknown words are no right", () => {
    expect(inOrder(["auditor", "root", "owner", "owner", "operator", "worker"])).toEqual(["owner", "auditor"]);
    expect(rightsInWords(["finance", "technician"])).toBe("technician, finance");
  });
  test("a person never holds what the operator or the worker holds by their name", () => {
    expect(person("operator", "worker").rights).toEqual([]);
    expect(holds(person("operator"), "system.read")).toBe(false);
  });
  test("the auditor changes nothing but their own keys and sessions", () => {
    const may = permissions.filter((permission) => holds(person("auditor"), permission));
    // A file of what they may read anyway.
    expect(may.filter((permission) => permission !== "self" && permission !== "audit.export" && !permission.endsWith(".read"))).toEqual([]);
    expect(may).not.toContain("mail.read");
    expect(may).not.toContain("system.read");
  });
  test("technician and finance see neither members nor records nor mails, nor who opens which client", () => {
    expect(permissions.filter((permission) => holds(person("finance"), permission))).toEqual(["organisation.read", "price.read", "billing.read", "billing.write", "contract.read", "self"]);
    expect(permissions.filter((permission) => holds(person("technician"), permission))).toEqual(["organisation.read", "inbox_key.own", "role.read", "token.own", "request.make", "request.read", "break_glass.read", "break_glass.open", "self"]);
  });
  test("rights add up, and take nothing from each other", () => {
    fc.assert(fc.property(fc.subarray([...personRights]), (held) => {
      const together = permissions.filter((permission) => holds(person(...held), permission));
      const apart = permissions.filter((permission) => held.some((right) => (rights[right] as readonly Permission[]).includes(permission)));
      expect(together).toEqual(apart);
    }));
  });
  test("operator and worker reach no organisation's people", () => {
    for (const actor of [localOperator(), workerFor("m"), serverOperator("m")]) {
      for (const permission of ["organisation.read", "member.read", "member.invite", "member.rights", "member.freeze", "self", "recovery.stop"] as const) {
        expect(() => authorize(actor, permission), `${actor.id} ${permission}`).toThrow("forbidden");
      }
    }
  });
});

describe("where a sign-in leads", () => {
  test.each(["/settings/keys", "/settings/records?after=1.2", "/"])("%s is a place of ours, or the front", (place) => expect(placeAfter(place)).toBe(place === "/" ? "/overview" : place));
  test.each([undefined, null, "", "//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example", "javascript:alert(1)", "/%2F%2Fevil.example/../..//evil", "/api/auth/csrf", "/sign-in?next=/sign-in", `/${"a".repeat(600)}`])("%j is dropped or stays here", (place) => {
    const after = placeAfter(place);
    expect(new URL(after, "http://localhost:3000").origin).toBe("http://localhost:3000");
    expect(after).not.toMatch(/^\/\/|^\/api|sign-in|^\/\\/);
  });
  test("no text leads to another site", () => fc.assert(fc.property(fc.oneof(fc.string(), fc.string().map((tail) => `/${tail}`)), (place) => new URL(placeAfter(place), "http://localhost:3000").origin === "http://localhost:3000")));
});

describe("what ceremonies are bound to", () => {
  test("two lists of parts never meet, however they are cut", () => {
    const seen = new Set([["a", "b"], ["ab"], ["a", "", "b"], ["", "ab"], ["b", "a"], []].map((parts) => Buffer.from(bindingOf(...parts)).toString("hex")));
    expect(seen.size).toBe(6);
  });
  test("sign-in, step-up and inbox have labels of their own, and none is the signing origin's", () => {
    expect([...new Set(purposes.map((purpose) => labelOf[purpose]))].toSorted()).toEqual(["inbox", "signin", "stepup"]);
  });
  test("a deed's text tells what, on whom, with which rights, whatever order they were ticked in", () => {
    expect(deeds.setRights("p1", ["finance", "owner"])).toBe("member.rights p1 owner+finance");
    expect(deeds.invite(" Ines@Quillmoor.example ", ["technician"])).toBe("member.invite ines@quillmoor.example technician");
    const all = [deeds.addKey(), deeds.removeKey("x"), deeds.invite("x", ["owner"]), deeds.setRights("x", ["owner"]), deeds.thaw("x")];
    expect(new Set(all).size).toBe(all.length);
    expect(deeds.invite("x".repeat(254), personRights).length).toBeLessThan(deedLength);
  });
  test("a removal names the longest credential id that there is within what a challenge is bound to", () => expect(deeds.removeKey("x".repeat(43)).length).toBeLessThan(deedLength));
});

describe("links", () => {
  test("carry 32 random bytes in the fragment; what is kept is their hash", () => {
    const { secret, sha256 } = drawSecret();
    expect(linkSecret.safeParse(secret).success).toBe(true);
    expect(new URL(joinLink("https://console.example.com", secret)).hash).toBe(`#${secret}`);
    expect(Buffer.from(hashOfSecret(secret))).toEqual(Buffer.from(sha256));
    expect(drawSecret().secret).not.toBe(secret);
  });
});

describe("what people type", () => {
  test("names may be long, accented and of any script, but hide nothing", () => {
    for (const name of ["Zoë Ångström-Œuvre", "נועה לוי", "=SUM(A1)", "x".repeat(120)]) expect(personName.safeParse(name).success, name).toBe(true);
    for (const name of ["", "   ", "x".repeat(121), "a\u202egnp.exe", "a\u0000b", "a\nb", "\u2066x"]) expect(personName.safeParse(name).success, JSON.stringify(name)).toBe(false);
    expect(keyLabel.safeParse("x".repeat(61)).success).toBe(false);
  });
  test("one address is one person, however it is written", () => expect(emailAddress.parse("  Ines@Quillmoor.Example ")).toBe("ines@quillmoor.example"));
  test("rights are known words, at least one", () => {
    expect(rightsField.parse("finance,owner")).toEqual(["owner", "finance"]);
    for (const wrong of ["", ",", "root", "owner,root", "operator"]) expect(rightsField.safeParse(wrong).success, wrong).toBe(false);
  });
  test("an answer that is no JSON, or of another shape, is a wrong field and nothing worse", () => {
    for (const wrong of ["", "{", "null", "[]", '{"id":"x"}', '{"id":"../","rawId":"x","type":"public-key","response":{}}']) expect(json(assertionShape).safeParse(wrong).success, wrong).toBe(false);
  });
});

describe("browsers in words", () => {
  test.each([
    ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/143.0 Safari/537.36", "Chrome on Linux"],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Safari/537.36 Edg/143.0", "Edge on Windows"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on macOS"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iOS"],
    ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Mobile Safari/537.36", "Chrome on Android"],
    ["<script>", "A browser"],
    [null, "A browser"],
  ])("%s", (text, words) => expect(agentInWords(text)).toBe(words));
});

test("a person's handle in an authenticator is their id's 16 bytes", () => expect(fromB64u(userHandleOf("018f3c1e-0000-7000-8000-000000000002"))).toHaveLength(16));

describe("what a key answered", () => {
  const origin = "https://console.example.com";
  const question = (): KeyQuestion => ({ challengeId: crypto.randomUUID(), bytes: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url"), rpName: "Quillmoor IT", userId: userHandleOf(crypto.randomUUID()), userName: "ines@quillmoor.example", displayName: "Ines Halloran", exclude: [] });
  const expected = ({ bytes }: { bytes: string }) => ({ challenge: ceremonyChallenge("signin", fromB64u(bytes)), origin });
  const code = (work: Promise<unknown>) => work.then(() => "done", (error: { failure?: { code: string } }) => error.failure?.code);

  async function registered() {
    const key = await createPasskey(origin);
    const asked = question();
    const { registration } = await key.register("signup", asked);
    return { key, stored: await judgeRegistration(registration, expected(asked)) };
  }
  test("a registration gives the key, bound to its device, with its transports", async () => {
    const { key, stored } = await registered();
    expect(stored).toMatchObject({ backupEligible: false, backedUp: false, counter: 1n, transports: ["usb"] });
    expect(Buffer.from(stored.credentialId).toString("base64url")).toBe(key.credentialId);
  });
  test("an answer is good against its own key, at its own origin, for its own challenge", async () => {
    const { key, stored } = await registered();
    const asked = question();
    const { assertion } = await key.answer("signin", asked);
    expect(await judgeAssertion(assertion, expected(asked), stored)).toEqual({ counter: 2n, backedUp: false });
    expect(await code(judgeAssertion(assertion, { ...expected(asked), origin: "https://console.example.org" }, stored))).toBe("key_refused");
    expect(await code(judgeAssertion(assertion, expected(question()), stored))).toBe("key_refused");
    expect(await code(judgeAssertion(assertion, expected(asked), { ...stored, publicKey: (await registered()).stored.publicKey }))).toBe("key_refused");
    expect(await code(judgeAssertion(assertion, expected(asked), undefined))).toBe("key_refused");
  });
  const rungs: [string, Bent, string][] = [
    ["challenge before origin", { raw: true, origin: "http://evil.example" }, "ceremony_foreign"],
    ["origin before RP id", { origin: "http://evil.example", rpId: "evil.example" }, "wrong_origin"],
    ["RP id before verification", { rpId: "evil.example", flags: 0 }, "wrong_rp"],
    ["verification before the signature", { flags: 0 }, "not_verified"],
    ["an origin that begins alike", { origin: `${origin}.evil.example` }, "wrong_origin"],
    ["clientDataJSON that is no JSON", { clientDataJson: new Uint8Array([0x7b]) }, "key_refused"],
  ];
  test.each(rungs)("one refusal each, in order: %s", async (_what, bent, wanted) => {
    const { key } = await registered();
    const asked = question();
    const { assertion } = await key.answer("signin", asked, bent);
    let refused: string | undefined;
    try {
      judgeForm(assertion, expected(asked));
    } catch (error) {
      refused = (error as { failure: { code: string } }).failure.code;
    }
    expect(refused).toBe(wanted);
  });
  test("no bytes make the ladder fail in another way than by refusing", async () => {
    const { key } = await registered();
    const asked = question();
    const { assertion } = await key.answer("signin", asked);
    fc.assert(fc.property(fc.constantFrom("clientDataJSON", "authenticatorData"), fc.oneof(fc.base64String(), fc.string()), (member, text) => {
      if (text === assertion.response[member]) return;
      let refused: unknown;
      try {
        judgeForm({ ...assertion, response: { ...assertion.response, [member]: text } }, expected(asked));
      } catch (error) {
        refused = (error as { failure?: { code: string } }).failure?.code;
      }
      expect(refused).toMatch(/^(key_refused|ceremony_foreign|wrong_origin|wrong_rp|not_verified)$/);
    }));
  });
});
