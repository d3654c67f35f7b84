/* oxlint-disable unicorn/consistent-function-scoping -- small makers stay beside their test */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { b64u, hex } from "./bytes.ts";
import {
  ceremonyChallenge,
  challengeMacInput,
  formatDatedChallenge,
  formatVaultChallenge,
  isInWindow,
  parseDatedChallenge,
  parseVaultChallenge,
  refuseDated,
} from "./challenge.ts";

const NOW = 1_794_000_000;

describe("a vault's challenge", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((data) => new Uint8Array(data));

  test("is 43 characters and reads back to its parts", () => {
    fc.assert(fc.property(bytes(12), fc.nat(2 ** 32 - 1), bytes(16), (r, expiry, mac) => {
      const text = formatVaultChallenge({ r, expiry, mac });
      expect(text).toHaveLength(43);
      expect(parseVaultChallenge(text)).toEqual({ r, expiry, mac });
    }));
  });

  test.each(["", "AA", "A".repeat(44), `${"A".repeat(42)}B`, "standing/1/2"])("%j is malformed", (text) => {
    expect(parseVaultChallenge(text)).toBeNull();
  });

  test("the MAC covers random part, expiry and agent", () => {
    const r = new Uint8Array(12);
    const inputs = [challengeMacInput(r, 1, 2), challengeMacInput(r, 2, 1), challengeMacInput(r.with(0, 1), 1, 2)].map(hex);
    expect(new Set(inputs).size).toBe(3);
    expect(() => challengeMacInput(new Uint8Array(11), 1, 2)).toThrow(RangeError);
  });
});

describe("dated challenges", () => {
  test("standing reaches 30 days, cosign one hour, and not a second more", () => {
    expect(parseDatedChallenge(`standing/${NOW}/${NOW + 2_592_000}`)).toEqual({ kind: "standing", issuedAt: NOW, notAfter: NOW + 2_592_000 });
    expect(parseDatedChallenge(`standing/${NOW}/${NOW + 2_592_001}`)).toBeNull();
    expect(parseDatedChallenge(`cosign/${NOW}/${NOW + 3_600}`)).not.toBeNull();
    expect(parseDatedChallenge(`cosign/${NOW}/${NOW + 3_601}`)).toBeNull();
  });

  test.each([
    `standing/${NOW}/${NOW}`,
    `standing/${NOW}/${NOW - 1}`,
    `standing/0${NOW}/${NOW + 1}`,
    `standing/+1/2`,
    `standing/-1/2`,
    `standing/1.5/2`,
    `standing/1/2/`,
    `standing/1/2\n`,
    "standing/1/",
    "Standing/1/2",
    "other/1/2",
    "standing/9007199254740992/9007199254740993",
  ])("%j is malformed", (text) => {
    expect(parseDatedChallenge(text)).toBeNull();
  });

  test("only what parses is formatted", () => {
    expect(formatDatedChallenge({ kind: "standing", issuedAt: 0, notAfter: 1 })).toBe("standing/0/1");
    expect(() => formatDatedChallenge({ kind: "cosign", issuedAt: NOW, notAfter: NOW + 3_601 })).toThrow(RangeError);
    expect(() => formatDatedChallenge({ kind: "cosign", issuedAt: 1.5, notAfter: 2 })).toThrow(RangeError);
  });

  test("the window opens 300 seconds early and closes after its last second", () => {
    const dated = { kind: "standing", issuedAt: NOW, notAfter: NOW + 10 } as const;
    expect([NOW - 301, NOW - 300, NOW, NOW + 10, NOW + 11].map((now) => isInWindow(dated, now))).toEqual([false, true, true, true, false]);
  });

  test("malformed or another kind is unknown, outside its window expired", () => {
    const text = formatDatedChallenge({ kind: "standing", issuedAt: NOW, notAfter: NOW + 10 });
    expect(refuseDated(text, "standing", NOW)).toBeNull();
    expect(refuseDated(text, "cosign", NOW)).toBe("challenge_unknown");
    expect(refuseDated("junk", "standing", NOW)).toBe("challenge_unknown");
    expect(refuseDated(text, "standing", NOW + 11)).toBe("challenge_expired");
    expect(refuseDated(text, "standing", NOW - 301)).toBe("challenge_expired");
  });
});

test("one purpose's challenge is never another's, whatever the server's bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
    const challenges = (["signin", "stepup", "inbox", "unlock"] as const).map((purpose) => b64u(ceremonyChallenge(purpose, data)));
    expect(new Set([...challenges, b64u(data)]).size).toBe(5);
  }));
});
