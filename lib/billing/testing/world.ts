/** A console with Stripe's sandbox beside it, in one process, whose time is moved by hand: for tests of money over years. */
import { randomUUID } from "node:crypto";
import { StripeSandbox } from "#sandbox/stripe/server.ts";
import { testDatabase, setTestEnvironment, type TestDatabase } from "../../../tests/database.ts";
import type { Actor } from "../../identity/actor.ts";
import "../carriers.ts";
import type { Deps } from "../mirror.ts";
import type { PriceList } from "../price-list.ts";
import { priceLists } from "../price-list.ts";
import { receiveEvent } from "../webhook.ts";
import { stripePayments } from "../stripe.ts";
import { signatureOf } from "#sandbox/stripe/webhooks.ts";
import { shown } from "#sandbox/stripe/world.ts";
import type { StripeEvent } from "#sandbox/stripe/objects.ts";

export const secret = "whsec_test_of_the_console";

export type BillingWorld = {
  readonly t: TestDatabase; readonly sandbox: StripeSandbox; readonly deps: Required<Deps> & { readonly lists: readonly PriceList[] };
  now(): Date; /** Everything happens on the way. */ travel(to: Date | string): void;
  /** The same, by somebody who waits so long for an answer, milliseconds. */ hasty(answerMs: number): BillingWorld["deps"];
  finance(mspId: string, name?: string): Actor; client(mspId: string, name: string, plan?: string): Promise<string>;
  /** Hands an event over as Stripe would. */ hand(event: StripeEvent): Promise<{ fresh: boolean }>;
  /** As the administrator. */ sql<T extends object>(this: void, text: string, values: unknown[]): Promise<T[]>;
  /** No faults, the first moment again, and an organisation of its own with somebody who may see its money. */ anew(): Promise<{ mspId: string; ruth: Actor }>;
  events(): StripeEvent[]; close(): Promise<void>;
};

export async function billingWorld({ start = "2026-07-01T09:00:00Z", lists = priceLists }: { start?: string; lists?: readonly PriceList[] } = {}): Promise<BillingWorld> {
  const t = await testDatabase();
  setTestEnvironment(t.urls);
  const sandbox = new StripeSandbox({ key: "sk_test_console", ticks: false });
  const port = await sandbox.open();
  sandbox.travel(Date.parse(start) / 1_000);
  const now = () => new Date(sandbox.world.real() * 1_000);
  const waiting = (answerMs?: number) => stripePayments({ key: "sk_test_console", webhookSecret: secret, host: `http://127.0.0.1:${port}`, ...(answerMs !== undefined && { answerMs }) });
  const deps = { payments: waiting(), clock: { now }, db: t.db, lists };
  const finance = (mspId: string, name = "Ruth Okonjo"): Actor => ({ kind: "person", id: randomUUID(), name, mspId, rights: ["finance"] });
  const travel = (to: Date | string) => sandbox.travel(new Date(to).getTime() / 1_000);
  return {
    t, sandbox, deps, now, travel, finance,
    hasty: (answerMs) => ({ ...deps, payments: waiting(answerMs) }),
    sql: (text, values) => t.asAdmin(async (admin) => (await admin.query(text, values)).rows as never),
    anew: async () => {
      sandbox.faults.clear();
      travel(start);
      const mspId = await t.msp("Quillmoor IT");
      return { mspId, ruth: finance(mspId) };
    },
    client: async (mspId, name, plan = "team-10") => {
      const clientId = randomUUID();
      await t.asAdmin((admin) => admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, $3, '{}', '{}', $4)", [mspId, clientId, name, plan]));
      return clientId;
    },
    hand: (event) => {
      const body = JSON.stringify(shown(event));
      return receiveEvent(body, signatureOf(body, secret, sandbox.world.real()), deps);
    },
    events: () => [...sandbox.store.of("event").values()],
    close: async () => {
      await sandbox.close();
      await t.close();
    },
  };
}
