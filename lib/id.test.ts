import { expect, test } from "vitest";
import { errorId, uuid7 } from "./id.ts";

test("ids made later sort later, and are of version 7", () => {
  const ids = [1, 2, 1_700_000_000_000, 1_800_000_000_000].map((at) => uuid7(at));
  expect(ids).toEqual([...ids].sort());
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
test("an error's id has no letter that could be read as another", () => expect(Array.from({ length: 200 }, () => errorId().slice(4)).join("")).not.toMatch(/[ilouA-Z]/));
