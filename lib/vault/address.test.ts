import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBaseUrl } from "../protocol/address.ts";
import { isPublicAddress, isRange, judgeAddress, makeRules, mayConnect } from "./address.ts";
import { AddressRefused, addressesOf, judgedLookup } from "./resolve.ts";

const real = makeRules({ local: false, ranges: [] });
const local = makeRules({ local: true, ranges: [] });
const withRange = makeRules({ local: false, ranges: ["10.20.0.0/16", "fd00:1::/32"] });
const words = (text: string, rules = real) => {
  const judged = judgeAddress(text, rules);
  return judged.ok ? `taken as ${judged.url}` : judged.words;
};

describe("what a person types becomes one address or none", () => {
  test.each([
    ["https://vault.example.com/abc_-1", "https://vault.example.com/abc_-1"],
    ["  https://vault.example.com/abc/ ", "https://vault.example.com/abc"],
    ["HTTPS://Vault.Example.COM", "https://vault.example.com"],
    ["https://vault.example.com:443/a", "https://vault.example.com/a"],
    ["https://vault.example.com:8443/hosted/a", "https://vault.example.com:8443/hosted/a"],
    ["https://93.184.215.14/a", "https://93.184.215.14/a"],
    ["https://[2606:2800:21f::1]/a", "https://[2606:2800:21f::1]/a"],
  ])("%s is taken", (text, url) => expect(judgeAddress(text, real)).toEqual({ ok: true, url }));

  test.each([
    ["", /no address/], ["vault.example.com", /no address/], ["ftp://vault.example.com", /begins with https/], ["javascript://x/%0aalert(1)", /begins with https/],
    ["http://vault.example.com", /begins with https/],
    ["https://user@vault.example.com", /user name or a password/], ["https://user:pass@vault.example.com/a", /user name or a password/], ["https://vault.example.com@evil.example/", /user name or a password/],
    ["https://vault.example.com/a?x=1", /\? or #/], ["https://vault.example.com/connect#abc", /\? or #/],
    ["https://vault.example.com/a/../b", /nothing more/], ["https://vault.example.com/%2e%2e/b", /nothing more/], ["https://vault.example.com//a", /nothing more/], ["https://vault.example.com\\@evil.example/", /nothing more|plain letters/],
    ["https://vault.example.com./a", /dot at the end/], ["https://vаult.example.com/a", /plain letters/], ["https://vault。example。com/a", /plain letters/], ["https://vault.example.com:99999/a", /not one that exists/],
  ])("%s is refused in words", (text, said) => expect(words(text)).toMatch(said));

  test.each(["https://2130706433/a", "https://0177.0.0.1/a", "https://0x7f.0.0.1/a", "https://0x7f000001/", "https://127.1/", "https://１２７.0.0.1/", "https://127.0.0.1./", "https://010.0.0.1/", "https://167772161/"])("the disguised host in %s is refused, also on this machine", (text) => {
    expect(judgeAddress(text, real).ok).toBe(false);
    expect(judgeAddress(text, local).ok).toBe(false);
  });

  test.each(["10.0.0.1", "172.16.9.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "198.18.0.1", "192.0.2.1", "127.0.0.2"])("the reserved address %s is refused", (address) => expect(words(`https://${address}/a`)).toMatch(/private or reserved/));
  test.each(["::", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::", "2001:0:1::1", "2001:db8::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "3fff::1"])("the IPv6 form %s is refused", (address) => {
    expect(isPublicAddress(address)).toBe(false);
    const { hostname } = new URL(`https://[${address}]/`);
    expect(words(`https://${hostname}/a`)).toMatch(/private or reserved/);
  });
  test("a zone id is no address of the internet", () => {
    expect(isPublicAddress("2606:2800::1%eth0")).toBe(false);
    expect(mayConnect("fe80::1%eth0", makeRules({ local: true, ranges: ["fe80::/10"] }))).toBe(false);
    expect(judgeAddress("https://[fe80::1%25eth0]/a", real).ok).toBe(false);
  });

  test.each(["http://127.0.0.1:4100/a", "http://[::1]:4100/a", "http://localhost:4100/a", "http://vault.localhost:4100/AAAAAA", "https://localhost/a"])("%s is this machine: for a local console only", (text) => {
    expect(judgeAddress(text, local)).toEqual({ ok: true, url: text });
    expect(judgeAddress(text, real).ok).toBe(false);
  });
  test("plain http is for those names only, even where a network is allowed", () => expect(words("http://10.20.1.1/a", withRange)).toMatch(/begins with https/));
  test("a network that an operator allowed is called, its neighbours are not", () => {
    expect(judgeAddress("https://10.20.255.1/a", withRange).ok).toBe(true);
    expect(judgeAddress("https://10.21.0.1/a", withRange).ok).toBe(false);
    expect(mayConnect("fd00:1::5", withRange)).toBe(true);
    expect(mayConnect("fd00:2::5", withRange)).toBe(false);
  });
  test("whatever is taken is a base URL of the protocol, and is taken again as itself; all else is refused with a sentence", () => {
    const host = fc.stringMatching(/^[a-zA-Z0-9.@:%[\]\\-]{0,30}$/);
    fc.assert(fc.property(fc.constantFrom("https://", "http://", "HTTPS://", ""), host, fc.stringMatching(/^[/a-zA-Z0-9?#%._-]{0,20}$/), fc.boolean(), (scheme, name, rest, isLocal) => {
      const rules = isLocal ? local : real;
      const judged = judgeAddress(`${scheme}${name}${rest}`, rules);
      const again = judged.ok ? judgeAddress(judged.url, rules) : judged;
      expect(judged.ok ? isBaseUrl(judged.url) : judged.words.endsWith(".")).toBe(true);
      expect(again).toEqual(judged);
    }), { numRuns: 3_000 });
  });
  test.each([["10.0.0.0/8", true], ["fd00::/8", true], ["10.0.0.0", false], ["10.0.0.0/33", false], ["x/8", false], ["10.0.0.0/8/8", false]])("%s as a network: %s", (text, is) => expect(isRange(text)).toBe(is));
});

describe("a name is judged by where it leads, each time", () => {
  const to = (...addresses: string[]) => async () => addresses;
  test("public addresses are given on, all of them", async () => expect(await addressesOf("vault.example.com", real, to("93.184.215.14", "2606:2800::1"))).toEqual([{ address: "93.184.215.14", family: 4 }, { address: "2606:2800::1", family: 6 }]));
  test("one private address among public ones spoils the name", async () => expect(addressesOf("vault.example.com", real, to("93.184.215.14", "10.0.0.1"))).rejects.toThrow(AddressRefused));
  test("a name that leads to this machine is refused, also on a local console", async () => {
    await expect(addressesOf("rebind.example.com", local, to("127.0.0.1"))).rejects.toThrow(AddressRefused);
    await expect(addressesOf("rebind.example.com", local, to("::1"))).rejects.toThrow(AddressRefused);
  });
  test("names below .localhost are this machine without asking anybody, and only locally", async () => {
    const never = () => Promise.reject(new Error("asked"));
    expect(await addressesOf("vault.localhost", local, never)).toEqual([{ address: "127.0.0.1", family: 4 }, { address: "::1", family: 6 }]);
    await expect(addressesOf("vault.localhost", real, never)).rejects.toThrow(AddressRefused);
  });
  test("the connection gets exactly what was judged: a name that moves on between two questions is judged anew", async () => {
    const answers = [["93.184.215.14"], ["127.0.0.1"]];
    const lookup = judgedLookup(real, async () => answers.shift()!);
    const ask = () => new Promise<unknown>((resolve) => {
      lookup("rebind.example.com", { all: true }, (error, found) => resolve(error ?? found));
    });
    expect(await ask()).toEqual([{ address: "93.184.215.14", family: 4 }]);
    expect(await ask()).toBeInstanceOf(AddressRefused);
  });
});
