import { afterAll, beforeAll, expect, test } from "vitest";
import { actorOf, setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import { listRecords } from "./list.ts";
import { record } from "./record.ts";

let t: TestDatabase;
let quillmoor: string;
beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  quillmoor = await t.msp("Quillmoor IT");
});
afterAll(async () => {
  await database().$disconnect();
  await t?.close();
});

const note = (to: string) => write(actorOf(quillmoor), (tx) => record(tx, { action: "mail.queued", fields: { template: "test", to } }));

test("a list of many entries is walked page by page, each entry once, newest first", async () => {
  for (let index = 0; index < 120; index += 1) await note(`${String(index).padStart(3, "0")}@quillmoor.example`);
  const seen: string[] = [];
  let next: string | null = null;
  do {
    const page = await listRecords(actorOf(quillmoor), next ?? undefined);
    seen.push(...page.lines.map((line) => line.sentence));
    next = page.next;
  } while (next);
  expect(seen).toHaveLength(120);
  expect(new Set(seen).size).toBe(120);
  expect(seen[0]).toContain("119@");
});

test("another tenant's entries are not in the list, and a place in it taken from there shows nothing of it", async () => {
  await note("private@quillmoor.example");
  const { next } = await listRecords(actorOf(quillmoor));
  const stranger = actorOf(await t.msp("Harbour Systems"));
  expect((await listRecords(stranger)).lines).toEqual([]);
  expect((await listRecords(stranger, next ?? "")).lines).toEqual([]);
});

test("who may not read entries is refused before the database is asked", async () => {
  await expect(listRecords(workerFor(quillmoor))).rejects.toMatchObject({ failure: { code: "forbidden" } });
});

test("an entry keeps fields, not documents", async () => {
  await expect(note("x".repeat(9_000))).rejects.toThrow(/name fewer fields/);
});
