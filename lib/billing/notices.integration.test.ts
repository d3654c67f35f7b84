/** Mails of the deletion clocks against a real database: each step once, and no deletion before somebody could have read the warning. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { personActor } from "../identity/actor.ts";
import { addDays } from "./days.ts";
import { tellDue } from "./notices.ts";
import { readClocks } from "./running.ts";
import { seedPortfolio, type Seeded } from "./testing/portfolio.ts";

let t: TestDatabase;
const on = (day: string) => ({ now: () => new Date(`${day}T12:00:00Z`) });
const today = "2026-11-21";

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(() => t.close());

async function world(name: string, portfolio: readonly Seeded[]) {
  const mspId = await t.msp(name);
  await t.asAdmin(async (admin) => {
    for (const [person, rights] of [["Petronel Vass", "{finance}"], ["Ines Halloran", "{owner}"], ["Sarah Lindqvist", "{technician}"], ["Gone Away", "{finance}"]]) {
      await admin.query("insert into person (msp_id, person_id, name, email, rights, frozen_at) values ($1, $2, $3, $4, $5, $6)", [mspId, crypto.randomUUID(), person, `${crypto.randomUUID()}@quillmoor.example`, rights, person === "Gone Away" ? "2026-01-01" : null]);
    }
    await seedPortfolio(admin, { mspId, today, portfolio });
  });
  const finance = personActor({ mspId, personId: crypto.randomUUID(), name: "Petronel Vass", rights: ["finance"] });
  const mails = () => t.asAdmin(async (admin) => (await admin.query<{ subject: string; to_name: string }>("select subject, to_name from mail where msp_id = $1 order by to_name, created_at", [mspId])).rows);
  const sent = (day: string) => t.asAdmin((admin) => admin.query("update mail set state = 'sent', sent_at = $2, sealed_body = null, next_at = null where msp_id = $1 and sent_at is null", [mspId, `${day}T12:00:01Z`]));
  return { mspId, finance, mails, sent };
}

test("finance and owners are told, once each, however many workers ask at once; technicians and the frozen are not", async () => {
  const { mails, finance } = await world("Once", [{ name: "Wexcombe Grain", plan: "team-10", started: "2025-08-30", pastDue: 8 }, { name: "Calm", plan: "team-10", started: "2026-06-01" }]);
  const counts = await Promise.all([tellDue(on(today), t.db), tellDue(on(today), t.db), tellDue(on(today), t.db)]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  expect(await tellDue(on(addDays(today, 1)), t.db)).toBe(0);
  expect((await mails()).map(({ subject, to_name }) => `${to_name}: ${subject}`)).toEqual(["Ines Halloran: First reminder: the vault of Wexcombe Grain", "Petronel Vass: First reminder: the vault of Wexcombe Grain"]);
  const [line] = await readClocks(finance, on(today), t.db);
  expect(line!.clock.told.map(({ step, toName }) => `${step} ${toName}`).toSorted()).toEqual(["reminder-1 Ines Halloran", "reminder-1 Petronel Vass"]);
});

test("after a long standstill only the last step is told, not three reminders at once", async () => {
  const { mails } = await world("Late", [{ name: "Wexcombe Grain", plan: "team-10", started: "2025-08-30", pastDue: 25 }]);
  await tellDue(on(today), t.db);
  expect(new Set((await mails()).map(({ subject }) => subject))).toEqual(new Set(["Third reminder: the vault of Wexcombe Grain"]));
});

test("nothing is deleted before seven days have passed since a transport took the warning", async () => {
  const { finance, sent } = await world("Warned", [{ name: "Wexcombe Grain", plan: "team-10", started: "2025-08-30", pastDue: 33 }]);
  const deletedOn = async (day: string) => (await readClocks(finance, on(day), t.db))[0]!.clock.deletedOn;
  expect(await deletedOn(today)).toBe(addDays(today, 7));
  await tellDue(on(today), t.db);
  // Queued, and not taken by any transport: it is no warning yet, and the day moves on.
  expect(await deletedOn(addDays(today, 3))).toBe(addDays(today, 10));
  await sent(addDays(today, 3));
  expect(await deletedOn(addDays(today, 5))).toBe(addDays(today, 10));
  expect((await readClocks(finance, on(addDays(today, 9)), t.db))[0]!.clock.stage).toBe("suspended");
  expect((await readClocks(finance, on(addDays(today, 10)), t.db))[0]!.clock.stage).toBe("deleted");
});

test("a second failed card of the same subscription is told of anew", async () => {
  const { mspId, mails } = await world("Card", [{ name: "Pro", plan: "pro", started: "2026-06-01", ours: true, cardFailed: 0 }]);
  await tellDue(on(today), t.db);
  await t.asAdmin((admin) => admin.query("update subscription set unpaid_since = '2027-06-01' where msp_id = $1", [mspId]));
  await tellDue(on("2027-06-01"), t.db);
  expect((await mails()).map(({ subject }) => subject)).toEqual(Array.from({ length: 4 }, () => "Card refused: the vault of Pro"));
});

test("a tenant whose clocks fail does not silence the others", async () => {
  const broken = await world("Broken", [{ name: "A", plan: "team-10", started: "2025-08-30", pastDue: 8 }]);
  const fine = await world("Fine", [{ name: "B", plan: "team-10", started: "2025-08-30", pastDue: 8 }]);
  await t.asAdmin((admin) => admin.query("update subscription set amount = 0, currency = 'EUR' where msp_id = $1", [broken.mspId]));
  await t.asAdmin((admin) => admin.query("update invoice set remaining = 9007199254740993, status = 'open' where msp_id = $1", [broken.mspId]));
  const failed: string[] = [];
  await tellDue(on(today), t.db, (mspId) => void failed.push(mspId));
  expect(failed).toEqual([broken.mspId]);
  expect(await fine.mails()).toHaveLength(2);
});
