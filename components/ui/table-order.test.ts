import { describe, expect, test } from "vitest";
import { compareSortValues, rowAfterKey } from "./table-order.ts";

describe("the order of a column", () => {
  test("reads words as people do: case and accents do not part them, figures inside count as figures", () => {
    expect(["Pod 10", "élan", "Pod 2", "Elder", "Ångström"].sort(compareSortValues)).toEqual(["Ångström", "élan", "Elder", "Pod 2", "Pod 10"]);
  });
  test("puts numbers by size, whatever their kind", () => {
    expect([10, 9n, -1, 2.5].sort(compareSortValues)).toEqual([-1, 2.5, 9n, 10]);
  });
  test("puts what is not known behind what is", () => {
    expect([null, 3, null, 1].sort(compareSortValues)).toEqual([1, 3, null, null]);
  });
});

describe("a key on a row", () => {
  test("moves by one, to the ends and by pages, and never out of the table", () => {
    expect(rowAfterKey("ArrowDown", 3, 5)).toBe(4);
    expect(rowAfterKey("ArrowDown", 4, 5)).toBe(4);
    expect(rowAfterKey("ArrowUp", 0, 5)).toBe(0);
    expect(rowAfterKey("Home", 4, 5)).toBe(0);
    expect(rowAfterKey("End", 0, 5)).toBe(4);
    expect(rowAfterKey("PageDown", 2, 100)).toBe(12);
    expect(rowAfterKey("PageUp", 2, 100)).toBe(0);
  });
  test("moves nothing when it is another key or there is no row", () => {
    expect(rowAfterKey("a", 0, 5)).toBeNull();
    expect(rowAfterKey("ArrowDown", 0, 0)).toBeNull();
  });
});
