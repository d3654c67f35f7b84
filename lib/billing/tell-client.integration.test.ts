/** A client is told of its deletion clock when somebody asks for it: worded, recorded, once a day, and never of what another owes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { asText, compose } from "../mail/template.ts";
import { clientWords } from "./clock-words.ts";
import { addDays } from "./days.ts";
import { tellDue } from "./notices.ts";
import { readClocks } from "./running.ts";
import { tellClient } from "./tell-client.ts";
import { seedPortfolio, type Seeded } from "./testing/portfolio.ts";

let t: TestDatabase;
const today = "2026-11-21";
const on = (day: string) => ({ now: () => new Date(`${day}T12:00:00Z`) });
const code = (given: Promise<unknown>) => given.then(() => "told", (error: unknown) => (error as { failure?: { code: string } }).failure?.code ?? String(error));

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(() => t.close());

async function world(name: string, portfolio: readonly Seeded[], mail = "it@wexcombe.example") {
  const mspId = await t.msp(name);
  const made = await t.asAdmin(async (admin) => {
    const seeded = await seedPortfolio(admin, { mspId, today, portfolio });
    await admin.query("update client set contact_mail = $2, contact_name = 'Ada Wexcombe' where msp_id = $1", [mspId, mail]);
    return seeded;
  });
  const someone = (right: "owner" | "finance" | "auditor" | "technician"): Actor => personActor({ mspId, personId: crypto.randomUUID(), name: "Petronel Vass", rights: [right] });
  const rows = <T extends object>(text: string) => t.asAdmin(async (admin) => (await admin.query<T>(text, [mspId])).rows);
  return { mspId, someone, rows, of: (client: string) => made.find((one) => one.name === client)!.subscriptionId, tell: (subscription: string, day = today, actor = someone("finance")) => tellClient(actor, { subscription }, on(day), t.db) };
}
const wexcombe: Seeded = { name: "Wexcombe Grain", plan: "team-10", started: "2025-08-30", pastDue: 22 };

describe("telling a client", () => {
  test("writes one mail to its contact, records it, and stands in the clock; of many who press at once one is done", async () => {
    const { tell, of, rows, someone } = await world("Told", [wexcombe]);
    const answers = await Promise.all(Array.from({ length: 4 }, () => code(tell(of("Wexcombe Grain")))));
    expect(answers.toSorted((a, b) => a.localeCompare(b))).toEqual(["client_told", "client_told", "client_told", "told"]);
    expect(await rows("select template, to_address, to_name, subject from mail where msp_id = $1")).toEqual([{ template: "client_clock", to_address: "it@wexcombe.example", to_name: "Ada Wexcombe", subject: "The vault of Wexcombe Grain is to be deleted on 6 December 2026" }]);
    expect(await rows("select fields from record where msp_id = $1 and action = 'clock.client_told'")).toEqual([{ fields: { name: "Wexcombe Grain", to: "it@wexcombe.example", deleted_on: "2026-12-06" } }]);
    const [line] = await readClocks(someone("finance"), on(today), t.db);
    expect(line!.clock.told.map(({ step, toName }) => [step, toName])).toEqual([[`client ${today}`, "Ada Wexcombe"]]);
    expect(await tell(of("Wexcombe Grain"), addDays(today, 1), someone("owner"))).toEqual({ to: "it@wexcombe.example" });
  });

  test("is no warning: finance and owners are told as before, and the deletion waits for theirs", async () => {
    const { tell, of, mspId, rows } = await world("No warning", [{ ...wexcombe, pastDue: 30 }]);
    await t.asAdmin((admin) => admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, 'Ines Halloran', $3, '{owner}')", [mspId, crypto.randomUUID(), `${crypto.randomUUID()}@quillmoor.example`]));
    await tell(of("Wexcombe Grain"));
    await tellDue(on(today), t.db);
    expect(await rows("select step from clock_notice where msp_id = $1 order by step")).toEqual([{ step: `client ${today}` }, { step: "warning" }]);
  });

  test("once a day over all its subscriptions, and says no amount", async () => {
    const { tell, of, rows, mspId } = await world("Twice", [wexcombe, { name: "Other", plan: "team-25", started: "2025-08-30", cardFailed: 3 }]);
    await rows("update subscription set client_id = (select client_id from client where msp_id = $1 and name = 'Wexcombe Grain') where msp_id = $1");
    expect([await code(tell(of("Wexcombe Grain"))), await code(tell(of("Other")))]).toEqual(["told", "client_told"]);
    const clock = (await readClocks(personActor({ mspId, personId: crypto.randomUUID(), name: "Petronel Vass", rights: ["finance"] }), on(today), t.db))[0]!.clock;
    expect(asText(compose("client_clock", { organisation: "Twice", name: "Wexcombe Grain", ...clientWords(clock, "Wexcombe Grain", today) }))).not.toMatch(/USD|219|\d\.\d\d/);
  });

  test("is refused without an address, where no clock runs, for the MSP's own vault, without the right, and for another's client", async () => {
    const { tell, of, someone, rows } = await world("Refused", [wexcombe, { name: "Calm", plan: "team-10", started: "2026-06-01" }, { name: "Own vault", plan: "pro", started: "2025-09-01", ours: true, cardFailed: 2 }], "");
    expect(await code(tell(of("Wexcombe Grain")))).toBe("client_unaddressed");
    expect([await code(tell(of("Calm"))), await code(tell(of("Own vault"))), await code(tell(crypto.randomUUID()))]).toEqual(["client_not_in_danger", "client_not_in_danger", "client_not_in_danger"]);
    for (const right of ["auditor", "technician"] as const) expect(await code(tell(of("Wexcombe Grain"), today, someone(right)))).toBe("forbidden");
    const fernhill = await world("Fernhill", []);
    expect(await code(fernhill.tell(of("Wexcombe Grain")))).toBe("client_not_in_danger");
    expect(await rows("select 1 from mail where msp_id = $1")).toEqual([]);
  });
});
