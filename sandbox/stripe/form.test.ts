import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeForm } from "./form.ts";

describe("the form encoding", () => {
  test("holds objects, lists by number and lists by brackets", () => {
    expect(decodeForm("a=1&b[c]=2&items[0][price]=p&items[0][quantity]=3&items[1][price]=q&expand[]=x&expand[]=y&m[]=")).toEqual({
      a: "1", b: { c: "2" }, items: [{ price: "p", quantity: "3" }, { price: "q" }], expand: ["x", "y"], m: [""],
    });
  });
  test("never reaches what objects inherit, and refuses names that contradict each other", () => {
    expect(() => decodeForm("__proto__[admin]=1")).toThrow(RangeError);
    expect(() => decodeForm("a=1&a[b]=2")).toThrow(RangeError);
    expect(({} as { admin?: string }).admin).toBeUndefined();
  });
  test("takes any bytes without another failure than its own", () => {
    const failure = (text: string): unknown => {
      try {
        decodeForm(text);
        return null;
      } catch (error) {
        return error instanceof RangeError ? null : error;
      }
    };
    fc.assert(fc.property(fc.string(), (text) => { expect(failure(text)).toBeNull(); }));
  });
});
