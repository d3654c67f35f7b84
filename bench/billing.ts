/**
 * Money at ten thousand subscriptions. The nightly comparison against the sandbox of Stripe, beside a bare listing of the same pages with
 * the official SDK in the same run: a night with nothing new, and one in which one of a hundred moved. Then finance's pages as the verbs that read
 * them, p50 and p95, beside a bare count in the database. BENCH_CLIENTS and BENCH_TURNS make it smaller.
 */
import { randomUUID } from "node:crypto";
import { loadavg } from "node:os";
import pg from "pg";
import { Stripe } from "stripe";
import { readAlarms } from "../lib/billing/alarms.ts";
import { readCalendar } from "../lib/billing/calendar.ts";
import { readInvoices, splitByClient } from "../lib/billing/invoices.ts";
import { allLines, readLedger } from "../lib/billing/ledger.ts";
import { priceLists } from "../lib/billing/price-list.ts";
import { readEvents } from "../lib/billing/received.ts";
import { reconcile } from "../lib/billing/reconcile.ts";
import { readClocks } from "../lib/billing/running.ts";
import { invoiceSheet, ledgerSheet, statementSheet } from "../lib/billing/sheet.ts";
import { readStatement } from "../lib/billing/statement.ts";
import { stripePayments } from "../lib/billing/stripe.ts";
import { manyClients, seedPortfolio } from "../lib/billing/testing/portfolio.ts";
import { readWhatIf } from "../lib/billing/what-if.ts";
import { createDatabase, type Database } from "../lib/db/client.ts";
import { personActor } from "../lib/identity/actor.ts";
import { limits } from "../lib/limits.ts";
import { readOverview } from "../lib/overview/load.ts";
import { StripeSandbox } from "../sandbox/stripe/server.ts";
import { create, itemOf } from "../sandbox/stripe/subscriptions.ts";
import { setTestEnvironment } from "../tests/database.ts";
import { median, quantile, table, timed } from "./measure.ts";
import { database } from "./read.ts";

const CLIENTS = Number(process.env["BENCH_CLIENTS"] ?? 10_000);
const TURNS = Number(process.env["BENCH_TURNS"] ?? 20);
const NIGHTS = 5;
const KEY = "sk_test_bench";
const today = "2026-11-21";
const clock = { now: () => new Date(`${today}T12:00:00Z`) };

const at = (seconds: number | null) => (seconds === null ? null : new Date(seconds * 1_000));

/** Clients with a subscription and an invoice each at the sandbox, and rows of ours that say the same. */
async function openSandbox(admin: pg.Client): Promise<{ sandbox: StripeSandbox; port: number; mspId: string; customer: string; stripeIds: string[] }> {
  const sandbox = new StripeSandbox({ key: KEY, ticks: false });
  const port = await sandbox.open();
  sandbox.travel(clock.now().getTime() / 1_000);
  const [mspId, accountId] = [randomUUID(), randomUUID()];
  const payments = stripePayments({ key: KEY, webhookSecret: "whsec_bench", host: `http://127.0.0.1:${port}` });
  const { id: customer } = await payments.saveCustomer(null, { name: "Quillmoor IT", email: "finance@quillmoor.example", country: "GB", address: {}, taxId: null, purchaseOrder: null, msp: mspId, account: accountId }, { intent: randomUUID(), key: randomUUID() });
  const list = priceLists.at(-1)!;
  const price = await payments.price({ plan: "team-10", list: list.id, currency: "USD", interval: "year", amount: list.prices["team-10"].annual.USD! });
  await admin.query("insert into msp (msp_id, name) values ($1, 'Quillmoor IT')", [mspId]);
  await admin.query("insert into billing_account (msp_id, account_id, payer, currency, name, email, stripe_customer) values ($1, $2, 'msp', 'USD', 'Quillmoor IT', 'finance@quillmoor.example', $3)", [mspId, accountId, customer]);
  const subscriptions = Array.from({ length: CLIENTS }, () => create(sandbox.world, { customer, price: price.id, quantity: 1, metadata: { clavitor_subscription: randomUUID() }, collection: "send_invoice", daysUntilDue: 60, trialEnd: null, automaticTax: true, description: null, paymentMethod: null, behavior: "error_if_incomplete" }));
  const common = { msp_id: mspId, account_id: accountId, currency: "USD", collection: "invoice", created_at: clock.now(), seen: 0 };
  const clients = subscriptions.map((_, index) => ({ msp_id: mspId, client_id: randomUUID(), name: `Client ${index}`, aliases: [], tags: [], plan: "team-10", region: "", contact_name: "", contact_phone: "", contact_mail: "" }));
  const ours = new Map<string, string>();
  const rows = subscriptions.map((subscription, index) => {
    const item = itemOf(subscription);
    const subscriptionId = subscription.metadata.clavitor_subscription!;
    ours.set(subscription.id, subscriptionId);
    return { ...common, subscription_id: subscriptionId, client_id: clients[index]!.client_id, label: "", plan: "team-10", interval: "year", quantity: 1, state: "active", amount: price.amount, renews: true, version: 1, stripe_subscription: subscription.id, stripe_price: price.id, stripe_item: item.id, started_at: at(subscription.start_date), period_start: at(item.current_period_start), period_end: at(item.current_period_end) };
  });
  const invoices = sandbox.store.ofCustomer("invoice", customer).map((invoice) => ({
    ...common, invoice_id: randomUUID(), subscription_id: ours.get(invoice.parent.subscription_details.subscription), stripe_invoice: invoice.id, number: invoice.number, status: invoice.status, reason: "first", net: invoice.total_excluding_tax, tax: invoice.total - invoice.total_excluding_tax, total: invoice.total, paid: invoice.amount_paid, remaining: invoice.amount_remaining, credited: 0, refunded: 0,
    attempts: 0, created_at: at(invoice.created), issued_at: at(invoice.status_transitions.finalized_at), due_at: at(invoice.due_date), period_start: at(invoice.created), period_end: at(invoice.created),
  }));
  for (const [into, all] of [["client", clients], ["subscription", rows], ["invoice", invoices]] as const) {
    const columns = Object.keys(all[0]!).join(", ");
    for (let from = 0; from < all.length; from += 2_000) await admin.query(`insert into ${into} (${columns}) select ${columns} from jsonb_populate_recordset(null::${into}, $1::jsonb)`, [JSON.stringify(all.slice(from, from + 2_000))]);
  }
  await admin.query("analyze");
  return { sandbox, port, mspId, customer, stripeIds: subscriptions.map(({ id }) => id) };
}

async function nights(admin: pg.Client, db: Database): Promise<void> {
  let opened: Awaited<ReturnType<typeof openSandbox>> | undefined;
  const making = await timed(async () => void (opened = await openSandbox(admin)));
  const { sandbox, port, mspId, customer, stripeIds } = opened!;
  try {
    console.log(`  ${CLIENTS} subscriptions at the sandbox, made in ${(making / 1_000).toFixed(1)} s`);
    const sdk = new Stripe(KEY, { telemetry: false, host: "127.0.0.1", port, protocol: "http" });
    const since = Math.floor((clock.now().getTime() - limits.reconcileInvoiceDays * 86_400_000) / 1_000);
    const bare = () => timed(async () => {
      const subscriptions = await sdk.subscriptions.list({ customer, status: "all", limit: 100 }).autoPagingToArray({ limit: 10_000 });
      const invoices = await sdk.invoices.list({ customer, created: { gte: since }, limit: 100 }).autoPagingToArray({ limit: 10_000 });
      if (subscriptions.length !== CLIENTS || invoices.length !== CLIENTS) throw new Error(`the listing holds ${subscriptions.length} subscriptions and ${invoices.length} invoices`);
    });
    const deps = { payments: stripePayments({ key: KEY, webhookSecret: "whsec_bench", host: `http://127.0.0.1:${port}` }), clock, db };
    const night = (mended: number) => timed(async () => {
      const compared = await reconcile(mspId, deps);
      if (compared.subscriptions !== CLIENTS || compared.invoices !== CLIENTS || compared.mended !== mended || compared.alarms !== 0) throw new Error(`compared ${JSON.stringify(compared)}, and ${mended} were to be mended`);
    });
    await bare();
    await night(0);
    const [listed, quiet, busy]: number[][] = [[], [], []];
    const moved = Math.max(1, Math.floor(CLIENTS / 100));
    // Turn by turn, so that whatever else the machine does strikes all of them.
    for (let turn = 0; turn < NIGHTS; turn += 1) {
      listed!.push(await bare());
      quiet!.push(await night(0));
      for (const id of stripeIds.slice(turn * moved, (turn + 1) * moved)) {
        const subscription = sandbox.store.get("subscription", id);
        subscription.cancel_at_period_end = true;
        subscription.cancel_at = itemOf(subscription).current_period_end;
      }
      busy!.push(await night(moved));
    }
    const base = median(listed!);
    const row = (what: string, times: readonly number[]) => [what, median(times), quantile(times, 0.95), median(times) / base];
    table(["ms", "p50", "p95", "x bare listing"], [row("bare SDK listing of the same pages", listed!), row("a night with nothing new", quiet!), row(`a night with ${moved} moved`, busy!)]);
  } finally {
    await sandbox.close();
  }
}

async function pages(admin: pg.Client, db: Database): Promise<void> {
  const mspId = randomUUID();
  await admin.query("insert into msp (msp_id, name) values ($1, 'Fernhill IT')", [mspId]);
  const seeding = await timed(() => seedPortfolio(admin, { mspId, today, portfolio: manyClients(CLIENTS, today) }));
  await admin.query(`insert into stripe_event (msp_id, event_id, type, object, customer, body, created_at, received_at, state, next_at, words)
    select $1, 'evt_' || n, 'invoice.paid', 'in_' || n, 'cus_x', '{}', $2::timestamptz - n * interval '1 minute', $2::timestamptz - n * interval '1 minute', case when n % 500 = 0 then 'failed' else 'done' end, null, 'all was as known' from generate_series(1, $3::int) n`, [mspId, clock.now(), CLIENTS * 5]);
  await admin.query("analyze");
  const { rows: [kept] } = await admin.query<{ subscriptions: number; invoices: number; events: number }>("select (select count(*)::int from subscription where msp_id = $1) as subscriptions, (select count(*)::int from invoice where msp_id = $1) as invoices, (select count(*)::int from stripe_event where msp_id = $1) as events", [mspId]);
  console.log(`\n  ${kept!.subscriptions} subscriptions, ${kept!.invoices} invoices, ${kept!.events} events, written in ${(seeding / 1_000).toFixed(1)} s`);
  const finance = personActor({ mspId, personId: randomUUID(), name: "Petronel Vass", rights: ["finance"] });
  const measured = async (work: () => unknown): Promise<number[]> => {
    const times = [];
    await work();
    for (let turn = 0; turn < TURNS; turn += 1) times.push(await timed(work));
    return times;
  };
  const base = await measured(() => admin.query("select count(*) from subscription s join invoice i using (msp_id, subscription_id) where s.msp_id = $1", [mspId]));
  const rows: (string | number)[][] = [["count of invoices, bare", median(base), quantile(base, 0.95), 1]];
  for (const [what, work] of [
    ["ledger, first page", () => readLedger(finance, {}, clock, db)], ["ledger, found by name", () => readLedger(finance, { q: "client 0099" }, clock, db)], ["ledger, last page by saved", () => readLedger(finance, { sort: "saved", direction: "down", page: Math.ceil(CLIENTS / limits.ledgerPage) }, clock, db)],
    ["invoices, first page", () => readInvoices(finance, {}, clock, db)], ["statement of a month", () => readStatement(finance, "2026-10", { clock, db })], ["calendar, 12 months each way", () => readCalendar(finance, clock, db)], ["clocks", () => readClocks(finance, clock, db)],
    ["what-if", () => readWhatIf(finance, { from: "team-10", free: 4, to: "team-25" }, clock, db)], ["alarms", () => readAlarms(finance, db)], ["events, first page", () => readEvents(finance, {}, db)], ["events that failed", () => readEvents(finance, { show: "failed" }, db)], ["Overview of finance", () => readOverview(finance, clock, db)],
    ["sheet of subscriptions", async () => ledgerSheet(await allLines(finance, {}, clock, db))], ["sheet of every invoice line", async () => invoiceSheet(await splitByClient(finance, {}, clock, db))], ["sheet of a month", async () => statementSheet(await readStatement(finance, "2026-10", { whole: true, clock, db }))],
  ] as const) {
    const times = await measured(work);
    rows.push([what, median(times), quantile(times, 0.95), median(times) / median(base)]);
  }
  table(["ms", "p50", "p95", "x bare count"], rows);
}

export async function run(): Promise<void> {
  const { urls, stop } = await database();
  try {
    setTestEnvironment(urls);
    const admin = new pg.Client({ connectionString: urls.admin });
    await admin.connect();
    const db = createDatabase(urls.app, 10);
    console.log(`  load of the machine ${loadavg().map((one) => one.toFixed(1)).join(" ")}`);
    await nights(admin, db);
    await pages(admin, db);
    console.log(`  load of the machine ${loadavg().map((one) => one.toFixed(1)).join(" ")}`);
    await db.$disconnect();
    await admin.end();
  } finally {
    await stop();
  }
}

if (process.argv[1] === import.meta.filename) await run();
