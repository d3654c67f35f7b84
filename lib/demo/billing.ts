/**
 * The demo's money: a subscription for every client of its portfolio, bought through the same verbs as anybody's, over the last months
 * in the payment sandbox, whose time is led from day to day; then it follows real time again. Every step finds what an earlier run
 * left. Without the sandbox there is nothing to buy from, and the demo stays without.
 */
import "../billing/carriers.ts";
import { recomputeCollection } from "../billing/collection.ts";
import { claimVault } from "../billing/capacity.ts";
import { mirrorOwn, mirrorSubscription } from "../billing/mirror.ts";
import { isPlan, planOf, type PlanId } from "../billing/plan.ts";
import { payments } from "../billing/stripe.ts";
import { subscribe } from "../billing/subscribe.ts";
import type { Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";

const day = 86_400_000;
/** The payer of the demo transfers an invoice so long after its issue. */
const transferDays = 41;
/** How far back the first subscription was bought: no further than the first price list. */
const backDays = 170;

type Sandbox = { travel(to: Date | null): Promise<void>; post(url: string, form?: Record<string, string>): Promise<void> };

function sandboxAt(host: string): Sandbox {
  const near = (url: string) => url.replace("//localhost:", "//127.0.0.1:");
  const send = async (url: string, init: RequestInit) => {
    const answer = await fetch(near(url), { ...init, method: "POST", redirect: "manual", signal: AbortSignal.timeout(30_000) });
    if (answer.status >= 400) throw new Error(`the payment sandbox answered ${answer.status}`);
  };
  return {
    travel: (to) => send(`${host}/_sandbox/travel`, { headers: { "content-type": "application/json" }, body: JSON.stringify({ to: to && Math.floor(to.getTime() / 1_000) }) }),
    post: (url, form = {}) => send(url, { body: new URLSearchParams(form) }),
  };
}

type Client = { clientId: string; name: string; plan: PlanId; vaultId: string | null };

/** Clients without a subscription, in a steady order; the MSP's own individual plan first, so that its card is on file. */
async function waiting(actor: Actor, db: Database): Promise<{ clients: Client[]; bought: number }> {
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const rows = await tx.db.client.findMany({ where: { mspId, endedAt: null }, include: { vaults: { where: { state: { in: ["connected", "unconfirmed"] } }, take: 1 }, subscriptions: { take: 1 } }, orderBy: { name: "asc" } });
    const paid = rows.flatMap(({ clientId, name, plan, vaults, subscriptions }) => (isPlan(plan) && plan !== "self-hosted" ? [{ clientId, name, plan, vaultId: vaults[0]?.vaultId ?? null, held: subscriptions.length > 0 }] : []));
    const clients = paid.toSorted((a, b) => Number(planOf(b.plan).family === "individual") - Number(planOf(a.plan).family === "individual"));
    return { clients: clients.filter(({ held }) => !held), bought: clients.filter(({ held }) => held).length };
  }, db);
}

/** @returns how many subscriptions were bought. Throws PaymentsAway, Refusal. */
export async function buyPortfolio(actor: Actor, { now = new Date(), stillHeld, db }: { now?: Date; stillHeld: () => void; db: Database }): Promise<number> {
  const { STRIPE_HOST: host, POP_DOOR: pop } = env();
  if (host === undefined) return 0;
  const sandbox = sandboxAt(host);
  const deps = { payments: payments(), db };
  const { clients, bought } = await waiting(actor, db);
  if (clients.length === 0) return 0;
  const first = Math.max(now.getTime() - backDays * day, Date.parse("2026-06-02T09:00:00Z"));
  const step = (now.getTime() - 2 * day - first) / (clients.length + bought);
  const open: { at: number; subscriptionId: string }[] = [];
  const settle = async (until: number) => {
    while (open[0] && open[0].at + transferDays * day <= until) {
      const { at, subscriptionId } = open.shift()!;
      await sandbox.travel(new Date(at + transferDays * day));
      const pages = await read(actor, (tx) => tx.db.invoice.findMany({ where: { mspId: actor.mspId, subscriptionId, status: "open", pageUrl: { not: null } } }), db);
      for (const { pageUrl } of pages) await sandbox.post(pageUrl!);
      await mirrorOwn(actor, subscriptionId, deps);
    }
  };
  try {
    for (const [index, client] of clients.entries()) {
      stillHeld();
      const at = first + step * (bought + index);
      await settle(at);
      await sandbox.travel(new Date(at));
      const clock = { now: () => new Date(at) };
      try {
        const made = await subscribe(actor, { client: client.clientId, label: "", plan: client.plan, currency: "USD", interval: "year", users: planOf(client.plan).usersFrom ?? 1, trial: false }, { ...deps, clock, order: clients.slice(index + 1).map(({ plan }) => plan) });
        if (made.checkoutUrl) {
          await sandbox.post(made.checkoutUrl, { number: "4242424242424242" });
          // Checkout's answer comes as an event; the demo does not wait for it.
          await found(actor, made.subscriptionId, deps, db);
        } else open.push({ at, subscriptionId: made.subscriptionId });
        if (pop !== undefined && client.vaultId !== null) await claimVault(actor.mspId, { subscriptionId: made.subscriptionId, vaultId: client.vaultId, pop, devices: 0 }, db);
      } catch (error) {
        // Bought by a run before, or a vault that is hosted already.
        if (!(error instanceof Refusal) || !["billing_busy", "moved_on"].includes(error.failure.code)) throw error;
      }
    }
    await settle(now.getTime());
  } finally {
    await sandbox.travel(null);
  }
  await recomputeCollection(actor, deps);
  return clients.length;
}

/** Reads what Checkout opened, by our own id among the customer's. */
async function found(actor: Actor, subscriptionId: string, deps: { payments: ReturnType<typeof payments>; db: Database }, db: Database): Promise<void> {
  const row = await read(actor, (tx) => tx.db.subscription.findUniqueOrThrow({ where: { mspId_subscriptionId: { mspId: actor.mspId, subscriptionId } }, include: { account: true } }), db);
  const there = (await deps.payments.subscriptionsOf(row.account.stripeCustomer!)).find(({ ours }) => ours === subscriptionId);
  if (!there) return;
  await mirrorSubscription(actor, there.id, deps);
}
