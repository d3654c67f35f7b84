import { createRequire } from "node:module";
import { argon2Sync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { b64u, randomBytes } from "../protocol/bytes.ts";
import { phraseCost } from "./copies.ts";
import { phraseWords } from "./phrase-words.ts";
import { drawPhrase, drawSalt, faultOfPhrase, normalPhrase, phraseBytes, phraseLength, unwrapUnderPhrase, wrapUnderPhrase } from "./phrase.ts";

const { argon2id } = createRequire(import.meta.url)("hash-wasm") as typeof import("hash-wasm");

describe("the words of a phrase", () => {
  test("are 7,776 different ones, small letters and hyphens only, so that six of them hold 77 bits", () => {
    expect(phraseWords).toHaveLength(7_776);
    expect(new Set(phraseWords).size).toBe(7_776);
    expect(phraseWords.filter((word) => !/^[a-z]+(-[a-z]+)*$/.test(word))).toEqual([]);
    expect(phraseLength * Math.log2(phraseWords.length)).toBeGreaterThan(77);
  });
  test("are drawn with equal chance: 60,000 draws over seven words differ from even by no more than chance does", () => {
    const seven = phraseWords.slice(0, 7);
    const seen = new Map<string, number>(seven.map((word) => [word, 0]));
    for (let i = 0; i < 10_000; i += 1) for (const word of drawPhrase(seven)) seen.set(word, seen.get(word)! + 1);
    const even = 60_000 / seven.length;
    // Chi-square with six degrees of freedom: 40 is passed by chance once in two million runs.
    const chi = [...seen.values()].reduce((sum, count) => sum + (count - even) ** 2 / even, 0);
    expect(chi).toBeLessThan(40);
  });
  test("reach the last word of the list too", () => {
    const drawn = new Set(Array.from({ length: 20_000 }, () => drawPhrase(phraseWords)).flat());
    expect(drawn.has(phraseWords.at(-1)!) && drawn.has(phraseWords[0]!)).toBe(true);
  });
});

describe("a phrase as somebody types it", () => {
  const words = ["abacus", "t-shirt", "zoom", "yo-yo", "able", "zone"];
  test.each([
    ["with capitals and spaces", "  Abacus  T-SHIRT zoom\tyo-yo\nable zone "],
    ["with a phone's hyphens", "abacus t\u2011shirt zoom yo\u2013yo able zone"],
    ["in full-width letters", "ａｂａｃｕｓ t-shirt zoom yo-yo able zone"],
  ])("%s is the phrase that was shown", (_how, typed) => expect(normalPhrase(typed)).toEqual(words));
  test("is told its first strange word by its place", () => expect(faultOfPhrase(["abacus", "qwert", "zzz", "zoom", "able", "zone"], phraseWords)).toContain("Word 2"));
  test("is told that words are missing or too many", () => {
    expect(faultOfPhrase(words.slice(1), phraseWords)).toContain("these are 5");
    expect(faultOfPhrase([...words, "able"], phraseWords)).toContain("these are 7");
    expect(faultOfPhrase(words, phraseWords)).toBeNull();
  });
});

describe("a private half under a phrase", () => {
  const context = () => ({ public_key: b64u(randomBytes(32)), technician: crypto.randomUUID(), salt: drawSalt() });
  test("opens with what wrapped it, and with nothing else", async () => {
    const [derived, key, bound] = [randomBytes(32), randomBytes(32), context()];
    const wrapped = await wrapUnderPhrase(derived, key, bound);
    expect(wrapped).toHaveLength(60);
    expect(await unwrapUnderPhrase(derived, wrapped, bound)).toEqual(key);
    expect(await unwrapUnderPhrase(randomBytes(32), wrapped, bound)).toBeNull();
    for (const change of [{ salt: drawSalt() }, { technician: crypto.randomUUID() }, { public_key: b64u(randomBytes(32)) }]) expect(await unwrapUnderPhrase(derived, wrapped, { ...bound, ...change })).toBeNull();
    const bent = Uint8Array.from(wrapped);
    bent[20]! ^= 1;
    expect(await unwrapUnderPhrase(derived, bent, bound)).toBeNull();
  });
  test("is derived as Node's own Argon2id derives, at 64 MiB, three passes and four lanes", async () => {
    const [phrase, salt] = [phraseBytes(["abacus", "able", "zoom", "zone", "yo-yo", "abide"]), new Uint8Array(16).fill(7)];
    const expected = argon2Sync("argon2id", { message: phrase, nonce: salt, memory: phraseCost.memory_kib, passes: phraseCost.passes, parallelism: phraseCost.lanes, tagLength: 32 });
    const derived = await argon2id({ password: phrase, salt, memorySize: phraseCost.memory_kib, iterations: phraseCost.passes, parallelism: phraseCost.lanes, hashLength: 32, outputType: "binary" });
    expect(b64u(derived)).toBe(b64u(expected));
    expect(phraseCost).toEqual({ memory_kib: 65_536, passes: 3, lanes: 4 });
  });
});
