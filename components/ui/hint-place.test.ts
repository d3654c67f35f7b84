import { describe, expect, test } from "vitest";
import { placeHint } from "./hint-place.ts";

const VIEW = { width: 400, height: 300 };
const HINT = { width: 100, height: 24 };

describe("a hint", () => {
  test("stands above its element and centred on it", () => {
    expect(placeHint({ left: 150, top: 100, width: 40, height: 28 }, HINT, VIEW, "top")).toEqual({ left: 120, top: 70 });
  });
  test("goes below where there is no room above", () => {
    expect(placeHint({ left: 150, top: 10, width: 40, height: 28 }, HINT, VIEW, "top").top).toBe(44);
  });
  test("never comes closer to an edge than eight pixels", () => {
    expect(placeHint({ left: 0, top: 100, width: 20, height: 28 }, HINT, VIEW, "top").left).toBe(8);
    expect(placeHint({ left: 380, top: 100, width: 20, height: 28 }, HINT, VIEW, "top").left).toBe(292);
  });
  test("asked to the right, it stands there or, without room, to the left", () => {
    expect(placeHint({ left: 8, top: 100, width: 40, height: 36 }, HINT, VIEW, "right")).toEqual({ left: 54, top: 106 });
    expect(placeHint({ left: 350, top: 100, width: 40, height: 36 }, HINT, VIEW, "right").left).toBe(244);
  });
});
