import { expect, test } from "vitest";
import { onStaged, stagedNow, tellStaged } from "./staged-now.ts";

test("the top bar hears each change of one's draft once, and nothing when nothing changed", () => {
  expect(stagedNow()).toBeNull();
  const heard: unknown[] = [];
  const end = onStaged(() => heard.push(stagedNow()));
  const four = { grant: 4, revoke: 2, alter: 1, more: false };
  tellStaged(four);
  tellStaged({ ...four });
  tellStaged({ ...four, grant: 0 });
  end();
  tellStaged(four);
  expect(heard).toEqual([four, { ...four, grant: 0 }]);
});
