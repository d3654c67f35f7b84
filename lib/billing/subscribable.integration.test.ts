/** Beginning a client's subscription: what is offered, what it costs, how it is paid, and what is refused before anybody is asked. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { annualPrice, priceLists } from "./price-list.ts";
import { begin, beginShape, subscribeForm } from "./subscribable.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";
import { handleEvents } from "./webhook.ts";

let w: BillingWorld;
let mspId: string;
let ruth: Actor;
beforeAll(async () => void (w = await billingWorld()));
afterAll(() => w?.close());
beforeEach(async () => void ({ mspId, ruth } = await w.anew()));

const deps = () => ({ ...w.deps, payments: () => w.deps.payments });
const form = (who = ruth, first?: string) => subscribeForm(who, { first }, w.deps);
const asked = (client: string, more: object = {}) => beginShape.parse({ client, plan: "team-10", currency: "USD", interval: "year", ...more });
const fails = (work: Promise<unknown>) => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? [error.failure.code, error.failure.fields] : Promise.reject(error as Error)));
/** What the provider says is handed over and handled. */
const heard = async () => {
  for (const event of w.events()) await w.hand(event);
  await handleEvents(w.deps);
};
const subscriptions = () => w.sql<{ state: string; plan: string; collection: string }>("select state, plan, collection from subscription where msp_id = $1 order by created_at", [mspId]);

test("clients without a subscription that the MSP pays are offered every published price; one that pays for itself is not", async () => {
  const [alder] = [await w.client(mspId, "Alder", "team-25"), await w.client(mspId, "Birch")];
  const own = await w.client(mspId, "Cedar");
  await w.sql("update client set payer = 'client' where client_id = $1", [own]);
  const { clients, offers, currency, cards, openings } = await form();
  expect(clients.map(({ name, plan }) => `${name} ${plan}`)).toEqual(["Alder team-25", "Birch team-10"]);
  expect({ currency, cards, openings }).toEqual({ currency: "USD", cards: {}, openings: [] });
  expect(offers.map(({ plan, collection }) => `${plan} ${collection}`)).toEqual(expect.arrayContaining(["team-10 card", "personal card", "mme invoice"]));
  expect(offers.find(({ plan }) => plan === "team-25")!.prices).toContainEqual({ currency: "USD", interval: "year", amount: annualPrice(priceLists[0]!, "team-25", "USD") });
  expect(offers.some(({ plan }) => plan === "self-hosted")).toBe(false);
  expect((await form(ruth, alder)).clients).toHaveLength(2);
  expect((await form(ruth, own)).clients).toHaveLength(2);
  expect(await fails(begin(ruth, asked(own), deps()))).toEqual(["not_found", undefined]);
});

test("without a card it waits at the provider's page, is listed until it is paid, and is bought once", async () => {
  const alder = await w.client(mspId, "Alder");
  const { subscriptionId, checkoutUrl, state } = await begin(ruth, asked(alder), deps());
  expect(state).toBe("done");
  expect(await form()).toMatchObject({ clients: [], openings: [{ id: subscriptionId, name: "Alder", plan: "team-10", url: checkoutUrl }] });
  // Two tabs, or two people: the second is told, and nothing is bought twice.
  expect(await fails(begin(ruth, asked(alder), deps()))).toEqual(["billing_busy", undefined]);
  const paid = await fetch(checkoutUrl!.replace("localhost", "127.0.0.1"), { method: "POST", body: new URLSearchParams({ number: "4242424242424242" }), redirect: "manual" });
  expect(paid.headers.get("location")).toContain(`/billing?paid=${subscriptionId}`);
  await heard();
  expect(await subscriptions()).toEqual([{ state: "active", plan: "team-10", collection: "card" }]);
  expect(await form()).toMatchObject({ clients: [], openings: [] });
  // The next one is charged to that card, which the form names before.
  const birch = await w.client(mspId, "Birch");
  expect((await form()).cards).toEqual({ USD: "4242" });
  expect(await begin(ruth, asked(birch), deps())).toMatchObject({ state: "done", checkoutUrl: null });
});

test("fewer users than a plan begins with, a strange client and a price that is not published are refused, and nothing is begun", async () => {
  const alder = await w.client(mspId, "Alder");
  expect(await fails(begin(ruth, asked(alder, { plan: "mme", users: 20 }), deps()))).toEqual(["invalid", { users: "It begins with 500 users." }]);
  expect(await fails(begin(ruth, asked(crypto.randomUUID()), deps()))).toEqual(["not_found", undefined]);
  const another = await w.t.msp("Fernhill");
  expect(await fails(begin(w.finance(another), asked(alder), deps()))).toEqual(["not_found", undefined]);
  expect(await fails(begin(ruth, asked(alder, { interval: "month" }), deps()))).toEqual(["price_unpublished", undefined]);
  expect(beginShape.safeParse({ client: "", plan: "team-10", currency: "USD", interval: "year" }).success).toBe(false);
  expect(beginShape.safeParse({ client: alder, plan: "self-hosted", currency: "USD", interval: "year" }).success).toBe(false);
  expect(await subscriptions()).toEqual([]);
});

test("a trial is given where the plan has one, and nowhere else", async () => {
  const [alder, birch] = [await w.client(mspId, "Alder"), await w.client(mspId, "Birch")];
  const { checkoutUrl } = await begin(ruth, asked(alder, { plan: "pro", trial: "yes" }), deps());
  await fetch(checkoutUrl!.replace("localhost", "127.0.0.1"), { method: "POST", body: new URLSearchParams({ number: "4242424242424242" }), redirect: "manual" });
  await heard();
  await begin(ruth, asked(birch, { trial: "yes" }), deps());
  expect((await subscriptions()).map(({ plan, state }) => `${plan} ${state}`)).toEqual(["pro trialing", "team-10 active"]);
});

test("who may not write money sees no form, and where no provider is set up nothing is written down", async () => {
  const alder = await w.client(mspId, "Alder");
  for (const right of ["technician", "auditor"]) {
    const other = personActor({ mspId, personId: crypto.randomUUID(), name: "Jim Okafor", rights: [right] });
    expect(await fails(form(other))).toEqual(["forbidden", undefined]);
    expect(await fails(begin(other, asked(alder), deps()))).toEqual(["forbidden", undefined]);
  }
  const none = () => { throw new Refusal("payments_not_set_up"); };
  expect(await fails(begin(ruth, asked(alder), { ...w.deps, payments: none }))).toEqual(["payments_not_set_up", undefined]);
  expect(await subscriptions()).toEqual([]);
});
