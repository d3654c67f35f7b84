/** Twenty seeds of delivery under faults; `npm run faults -- 200 1000` runs two hundred from the thousandth on. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { openCourse, type OpenCourse } from "./testing/course.ts";
import { runSeed } from "./testing/faults.ts";

const [count, first] = [Number(process.env["FAULT_SEEDS"] ?? 20), Number(process.env["FAULT_FIRST_SEED"] ?? 1)];
let t: TestDatabase;
let course: OpenCourse;

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  course = await openCourse(t);
}, 120_000);
afterAll(async () => {
  await course.close();
  await t.close();
});

describe("whatever is lost, doubled, late or killed: applied once, or said not to be; a removal is never lost", () => {
  test.each(Array.from({ length: count }, (_, i) => first + i))("seed %i", async (seed) => {
    const told = await runSeed(seed, course);
    expect(told.seed).toBe(seed);
  }, 120_000);
});
