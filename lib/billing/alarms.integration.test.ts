/** Alarms about money: the newest of them, how many there are, where each can be looked at, and that somebody did. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { personActor, type Actor } from "../identity/actor.ts";
import { write } from "../db/tenant.ts";
import { raiseAlarm, type Alarm } from "./alarm.ts";
import { clearAlarm, readAlarms } from "./alarms.ts";
import { claimVault } from "./capacity.ts";
import { subscribe } from "./subscribe.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";

let w: BillingWorld;
let mspId: string;
let ruth: Actor;

beforeAll(async () => void (w = await billingWorld({})));
afterAll(() => w?.close());
beforeEach(async () => void ({ mspId, ruth } = await w.anew()));

const raise = (alarms: readonly Alarm[]) => write(ruth, async (tx) => {
  for (const alarm of alarms) await raiseAlarm(tx, alarm);
}, w.t.db);
const show = () => readAlarms(ruth, w.t.db);
const refusal = (asked: Promise<unknown>) => asked.then(() => "done", (error: unknown) => (error as { failure?: { code: string } }).failure?.code ?? String(error));

test("an alarm leads to the subscription it is about, whether it names that, its invoice, what was asked of it or its vault; what is only the provider's leads nowhere", async () => {
  const { subscriptionId } = await subscribe(ruth, { client: await w.client(mspId, "Alder"), label: "", plan: "mme", currency: "USD", interval: "year", users: 500, trial: false }, w.deps);
  await claimVault(mspId, { subscriptionId, vaultId: "vltAL1", pop: "http://127.0.0.1:1", devices: 0 }, w.t.db);
  const [invoice] = await w.sql<{ invoice_id: string }>("select invoice_id from invoice where subscription_id = $1", [subscriptionId]);
  const [intent] = await w.sql<{ intent_id: string }>("select intent_id from billing_intent where subscription_id = $1", [subscriptionId]);
  await raise([
    { kind: "card_needed", subject: subscriptionId, words: "card" },
    { kind: "lock_mismatch", subject: invoice!.invoice_id, words: "mismatch", expected: 1, found: 2, currency: "USD" },
    { kind: "intent_stuck", subject: intent!.intent_id, words: "stuck" },
    { kind: "reconcile_vault", subject: "vltAL1", words: "vault" },
    { kind: "reconcile_subscription", subject: "sub_123", words: "theirs" },
    { kind: "reconcile_invoice", subject: crypto.randomUUID(), words: "unknown" },
  ]);
  const { open } = await show();
  expect(Object.fromEntries(open.map(({ words, subscription }) => [words, subscription]))).toEqual({ card: subscriptionId, mismatch: subscriptionId, stuck: subscriptionId, vault: subscriptionId, theirs: null, unknown: null });
  expect(open.find(({ words }) => words === "mismatch")).toMatchObject({ expected: 1, found: 2, currency: "USD", clearedAt: null });
});

test("of many the newest are shown, and how many there are is said", async () => {
  await raise(Array.from({ length: 130 }, (_, at) => ({ kind: "reconcile_invoice", subject: `in_${at}`, words: `Number ${at}` })));
  await w.t.asAdmin((admin) => admin.query("update billing_alarm set raised_at = now() + make_interval(secs => substring(subject from 4)::int) where msp_id = $1", [mspId]));
  const { open, openCount, cleared, clearedCount } = await show();
  expect([open.length, openCount, open[0]!.words, open.at(-1)!.words, cleared, clearedCount]).toEqual([100, 130, "Number 129", "Number 30", [], 0]);
});

test("somebody looked at it: it is told so once, a second person is told that it is done, and it is not theirs who may only read, or of another organisation", async () => {
  await raise([{ kind: "reconcile_invoice", subject: "in_1", words: "One" }]);
  const { id } = (await show()).open[0]!;
  const auditor = personActor({ mspId, personId: ruth.id, name: "Somebody", rights: ["auditor"] });
  expect(await refusal(clearAlarm(auditor, { alarm: id }, w.deps.clock, w.t.db))).toBe("forbidden");
  const other = await w.anew();
  expect(await refusal(clearAlarm(other.ruth, { alarm: id }, w.deps.clock, w.t.db))).toBe("not_found");
  expect((await readAlarms(other.ruth, w.t.db)).openCount).toBe(0);
  await clearAlarm(ruth, { alarm: id }, w.deps.clock, w.t.db);
  expect(await refusal(clearAlarm(ruth, { alarm: id }, w.deps.clock, w.t.db))).toBe("moved_on");
  expect(await show()).toMatchObject({ open: [], openCount: 0, cleared: [{ id, clearedBy: ruth.name }], clearedCount: 1 });
  expect(await w.sql("select 1 from record where msp_id = $1 and action = 'alarm.cleared'", [mspId])).toHaveLength(1);
  // As long as it says the same, it stays looked at.
  await refusal(raise([{ kind: "reconcile_invoice", subject: "in_1", words: "One" }]));
  expect((await show()).openCount).toBe(0);
  await raise([{ kind: "reconcile_invoice", subject: "in_1", words: "Another" }]);
  expect(await show()).toMatchObject({ openCount: 1, clearedCount: 1 });
});
