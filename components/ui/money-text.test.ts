import { describe, expect, test } from "vitest";
import { moneyText } from "./money-text.ts";

describe("an amount of money", () => {
  test("is written with its minor units and grouped thousands, the currency apart", () => {
    expect(moneyText({ minor: 149900, currency: "USD" })).toEqual({ currency: "USD", amount: "1,499.00" });
    expect(moneyText({ minor: 5, currency: "EUR" })).toEqual({ currency: "EUR", amount: "0.05" });
  });
  test("drops its minor units only when asked and only when they are zero", () => {
    expect(moneyText({ minor: 19900, currency: "GBP" }, "whenNeeded").amount).toBe("199");
    expect(moneyText({ minor: 19950, currency: "GBP" }, "whenNeeded").amount).toBe("199.50");
  });
  test("has a real minus before the figures, also below one unit", () => {
    expect(moneyText({ minor: -3705, currency: "CHF" }).amount).toBe("−37.05");
    expect(moneyText({ minor: -5, currency: "CHF" }).amount).toBe("−0.05");
  });
  test("knows currencies without minor units and with three digits of them", () => {
    expect(moneyText({ minor: 24900, currency: "JPY" }).amount).toBe("24,900");
    expect(moneyText({ minor: 1234, currency: "KWD" }).amount).toBe("1.234");
  });
  test("is exact beyond what a float can hold", () => {
    expect(moneyText({ minor: 900719925474099312n, currency: "USD" }).amount).toBe("9,007,199,254,740,993.12");
  });
  test("refuses a fraction of a minor unit and a currency that is none", () => {
    expect(() => moneyText({ minor: 1.5, currency: "USD" })).toThrow(RangeError);
    expect(() => moneyText({ minor: 1, currency: "dollars" })).toThrow(RangeError);
  });
});
