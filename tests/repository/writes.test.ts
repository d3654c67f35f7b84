import { expect, test } from "vitest";
import { importsOf, isTest, read, sources } from "./sources.ts";

const code = sources.filter((file) => !isTest(file) && /^(lib|app|worker|server|proxy|prisma\/seed)/.test(file));

test("a transaction is opened in one place only", () => {
  expect(code.filter((file) => read(file).includes(".$transaction(")).toSorted()).toEqual(["lib/db/tenant.ts"]);
});

test("every file that writes also records, or leaves it to a verb that does", () => {
  const recordsItself = /\brecord\(|\brecordAll\(|\bqueueMail\(|\bstartSession\(|\bfreezeAndKeep\(|\bkeepPlan\(|\bwriteIntent\(/;
  const writers = code.filter((file) => file !== "lib/db/tenant.ts" && importsOf(file).some(({ to }) => to === "lib/db/tenant.ts") && /\bwrite\(/.test(read(file)));
  expect(writers.length).toBeGreaterThan(2);
  expect(writers.filter((file) => !recordsItself.test(read(file)))).toEqual([]);
});

test("every server action goes through the one seam that authorizes, parses and words failures", () => {
  const doors = code.filter((file) => /^\s*["']use server["']/.test(read(file)));
  expect(doors.length).toBeGreaterThan(0);
  for (const file of doors) {
    const text = read(file);
    const exported = [...text.matchAll(/^export (?:async )?(?:function|const) (\w+)/gm)].map((match) => match[1]);
    expect(exported.length, file).toBeGreaterThan(0);
    expect([...text.matchAll(/\bact\(/g)].length, `${file}: each of ${exported.join(", ")} calls act()`).toBeGreaterThanOrEqual(exported.length);
  }
});

test("the environment is read in one place", () => {
  // What runs before the environment is judged, or must not judge it: programs with the owner's login, the clients' addresses, the log's level, the leash.
  const allowed = new Set(["lib/env.ts", "lib/db/client.ts", "lib/db/prepare.ts", "lib/demo/remove.ts", "lib/leash.ts", "lib/log.ts", "prisma/diff.ts", "proxy.ts"]);
  expect(code.filter((file) => read(file).includes("process.env") && !allowed.has(file))).toEqual([]);
});
