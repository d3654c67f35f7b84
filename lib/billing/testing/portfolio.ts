/**
 * Portfolios of subscriptions as rows, for tests and benchmarks, written with an administrator's hand: the reference portfolio
 * (SPEC section 7) with locks of several years, or any number of clients like it.
 */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { addDays, addMonths, dayOf, nextRenewal, type Day } from "../days.ts";
import { dueOn } from "../clocks.ts";
import { planOf, type PlanId } from "../plan.ts";
import { priceLists, type Currency } from "../price-list.ts";

export type Seeded = {
  name: string; plan: PlanId; started: Day; place?: string; currency?: Currency; interval?: "year" | "month"; /** Minor units of one interval; today's list without it. */ amount?: number; tokens?: [used: number, limit: number];
  /** The last invoice is open and so many days past due; or the card failed so many days ago; or somebody cancelled so many days ago. */
  pastDue?: number; cardFailed?: number; cancelled?: number; /** Paid by the client itself. */ own?: boolean; /** The MSP's own: no client. */ ours?: boolean; nextPlan?: PlanId; /** Of a plan bought per user. */ users?: number;
};
export type SeededSubscription = { subscriptionId: string; clientId: string | null; name: string };

const NAMES = [
  "Bellwether Books", "Alder & Finch Solicitors", "Lindqvist & Øst Arkitekter", "Pennard Tiles", "Orchard Bay Fisheries", "Copperbeck Joinery", "Juniper Row Opticians", "Harbour Street Clinic|Leith", "Umber Street Studios", "Ångström Precision AB",
  "Harbour Street Clinic|Cork", "Łąka Ogrody Sp. z o.o.", "Tamarind Tree Foods", "Piñon Creek Ranch Supplies", "Novák Stavby s.r.o.", "Basalt Quarry Works", "Bramble Lane Nurseries", "Blue Heron Kayaks", "Greyfriars Chambers", "Ironbark Timber",
  "Cobalt Lantern Films", "Gallowgate Physiotherapy", "Wexcombe Grain", "Cedar & Salt Restaurants", "Glasshouse Architects", "Saltmarsh Breweries", "مكتبة النخيل", "=Sum Analytics", "Tidewater Marine Surveyors", "Oakmere Carpets",
  "Birchgate Primary Care", "Foxglove Pharmacies", "Redcastle Broadcasting", "Maplewick Insurance Brokers", "Dunmore Veterinary Partnership", "Château Vermeil Hôtels", "Acme Dental Group", "Kingsferry Marine", "Silverthorn Legal", "Eastmarch Logistics",
  "Quarrystone Accountants", "Lumen Ridge Solar", "Calloway Freight", "Hollybank Surgeries", "Düsterwald Maschinenbau", "Thistledown Care Homes", "Elmstead Housing Trust", "Municipal Waterworks Cooperative of the Lower Ostrander Vale", "Hollin Bridge Academy", "Marchmont University Press",
];

/** Fifty Team subscriptions by invoice and the MSP's own Pro vault by card: USD 22,499 at list. Locks reach back to January 2024. */
export function referencePortfolio(today: Day = "2026-11-21", { locks = "old" }: { locks?: "old" | "list" } = {}): Seeded[] {
  const plan = (index: number): PlanId => (index < 30 ? "team-10" : index < 45 ? "team-25" : "team-100");
  const old: Partial<Record<PlanId, readonly number[]>> = { "team-10": [19_900, 21_900, 24_900], "team-25": [39_900, 44_900, 49_900], "team-100": [119_900, 134_900, 149_900] };
  const list: Seeded[] = NAMES.map((full, index) => {
    const [name, place] = full.split("|") as [string, string?];
    const started = addDays(addMonths(`${today.slice(0, 7)}-01`, -34 + ((index * 7) % 34)), (index * 11) % 27);
    const age = started < "2025-06-01" ? 0 : started < "2026-06-01" ? 1 : 2;
    const limit = planOf(plan(index)).tokens as number;
    return { name, plan: plan(index), started, ...(place && { place }), ...(locks === "old" && { amount: old[plan(index)]![age]! }), tokens: [name === "Pennard Tiles" || name === "Acme Dental Group" ? limit : 3 + ((index * 5) % (limit - 4)), limit] };
  });
  const wexcombe = list.find(({ name }) => name === "Wexcombe Grain")!;
  // Issued 82 days ago: 22 days past due.
  Object.assign(wexcombe, { started: addMonths(addDays(today, -82), -12), pastDue: 22 });
  return [...list, { name: "Quillmoor IT (own vault)", plan: "pro", started: addMonths(today, -22), ours: true, ...(locks === "old" && { amount: 3_900 }) }];
}

/** Any number of them, without trouble: for figures. */
export const manyClients = (count: number, today: Day = "2026-11-21"): Seeded[] =>
  Array.from({ length: count }, (_, index) => ({ name: `Client ${String(index + 1).padStart(5, "0")}`, plan: (["team-10", "team-25", "team-100"] as const)[index % 3]!, started: addDays(today, -30 - ((index * 37) % 1_000)), tokens: [3 + (index % 8), 11] as [number, number] }));

const list = priceLists.at(-1)!;
const listed = ({ plan, currency = "USD", interval = "year" }: Seeded): number => (interval === "year" ? list.prices[plan].annual : list.prices[plan].monthly)?.[currency] ?? 10_000;

/** Writes clients, vaults with their readings, subscriptions, locks and every invoice since the start. */
export async function seedPortfolio(admin: pg.Client, { mspId, portfolio = referencePortfolio(), today = dayOf(new Date()), account = "Quillmoor IT" }: { mspId: string; portfolio?: readonly Seeded[]; today?: Day; account?: string }): Promise<SeededSubscription[]> {
  const rows: Record<"client" | "vault" | "reading" | "billing_account" | "subscription" | "price_lock" | "invoice" | "invoice_line", Record<string, unknown>[]> = { client: [], vault: [], reading: [], billing_account: [], subscription: [], invoice: [], invoice_line: [], price_lock: [] };
  const held = await admin.query<{ account_id: string }>("select account_id from billing_account where msp_id = $1 and payer = 'msp'", [mspId]);
  const ownAccount = held.rows[0]?.account_id ?? randomUUID();
  if (!held.rows[0]) rows.billing_account.push({ msp_id: mspId, account_id: ownAccount, payer: "msp", client_id: null, name: account, email: "finance@quillmoor.example", country: "GB", address: {}, stripe_customer: `cus_${ownAccount.slice(0, 14)}` });
  const made: SeededSubscription[] = [];
  let number = 0;
  for (const one of portfolio) {
    const { name, plan, started, currency = "USD", interval = "year", amount: each = listed(one), users = 1 } = one;
    const amount = each * users;
    const [clientId, vaultRef, subscriptionId] = [one.ours ? null : randomUUID(), randomUUID(), randomUUID()];
    const card = planOf(plan).family === "individual" || one.cardFailed !== undefined;
    const account = one.own ? randomUUID() : ownAccount;
    if (clientId) {
      rows.client.push({ msp_id: mspId, client_id: clientId, name, aliases: one.place ? [one.place] : [], tags: [], plan, region: one.place ?? "", contact_name: "", contact_phone: "", contact_mail: "" });
      if (one.tokens) {
        rows.vault.push({ msp_id: mspId, vault_ref: vaultRef, client_id: clientId, address: `https://${vaultRef}.vault.example`, state: "connected", vault_id: vaultRef.slice(0, 6), public_key: vaultRef, manager_uid: "manager", agent_id: 2, granted: {}, sealed_token: "\\x00", connected_at: `${started}T09:00:00Z`, confirmed_at: `${started}T09:00:00Z` });
        rows.reading.push({ msp_id: mspId, vault_ref: vaultRef, health: "ok", tokens_used: one.tokens[0], tokens_limit: one.tokens[1], features: [], kems: [], health_since: `${started}T09:00:00Z`, next_read_at: "2099-01-01T00:00:00Z", next_probe_at: "2099-01-01T00:00:00Z", failures: 0 });
      }
    }
    if (one.own && clientId) rows.billing_account.push({ msp_id: mspId, account_id: account, payer: "client", client_id: clientId, name, email: "admin@client.example", country: "GB", address: {}, stripe_customer: `cus_${account.slice(0, 14)}` });
    const periods: Day[] = [];
    for (let from = started; from <= today; from = nextRenewal(started, interval, from)) periods.push(from);
    const last = periods.at(-1)!;
    const ends = nextRenewal(started, interval, last);
    const first = randomUUID();
    for (const [index, from] of periods.entries()) {
      number += 1;
      const invoiceId = index === 0 ? first : randomUUID();
      const open = index === periods.length - 1 && (one.pastDue !== undefined || one.cardFailed !== undefined);
      const due = card ? from : dueOn(from);
      const paidOn = open ? null : card || due > today ? from : addDays(from, 40);
      const at = (day: Day | null) => day && `${day}T09:00:00Z`;
      rows.invoice.push({
        msp_id: mspId, invoice_id: invoiceId, account_id: account, subscription_id: subscriptionId, stripe_invoice: `in_${invoiceId.replaceAll("-", "")}`, number: `2026-${String(number).padStart(4, "0")}`, status: open ? "open" : "paid", reason: index === 0 ? "first" : "renewal", collection: card ? "card" : "invoice",
        currency, net: amount, tax: 0, total: amount, paid: open ? 0 : amount, remaining: open ? amount : 0, created_at: at(from), issued_at: at(from), due_at: at(due), paid_at: at(paidOn), period_start: at(from), period_end: at(nextRenewal(started, interval, from)), credited: 0, refunded: 0, attempts: 0, seen: 0,
        lock_net: index === 0 ? null : amount, page_url: `https://pay.example/${invoiceId}`, pdf_url: `https://pay.example/${invoiceId}.pdf`,
      });
      rows.invoice_line.push({ msp_id: mspId, invoice_id: invoiceId, line: 0, description: `${planOf(plan).name}, ${name}`, plan, quantity: users, unit_amount: each, amount, tax: 0, proration: false, period_start: at(from), period_end: at(nextRenewal(started, interval, from)) });
    }
    rows.subscription.push({
      msp_id: mspId, subscription_id: subscriptionId, account_id: account, client_id: clientId, label: one.ours ? name : "", plan, currency, interval, quantity: users, collection: card ? "card" : "invoice", state: one.pastDue !== undefined || one.cardFailed !== undefined ? "past_due" : "active", amount: each, created_at: `${started}T09:00:00Z`, seen: 0, version: 1,
      started_at: `${started}T09:00:00Z`, period_start: `${last}T09:00:00Z`, period_end: `${ends}T09:00:00Z`, renews: one.cancelled === undefined, stop_asked_at: one.cancelled === undefined ? null : `${addDays(today, -one.cancelled)}T09:00:00Z`,
      unpaid_since: one.cardFailed === undefined ? null : `${addDays(today, -one.cardFailed)}T09:00:00Z`, open_due_at: one.pastDue === undefined ? null : `${addDays(today, -one.pastDue)}T09:00:00Z`, next_plan: one.nextPlan ?? null, next_amount: one.nextPlan ? listed({ ...one, plan: one.nextPlan }) : null,
    });
    rows.price_lock.push({ msp_id: mspId, lock_id: randomUUID(), subscription_id: subscriptionId, plan, currency, interval, amount: each, list_id: list.id, locked_at: `${started}T09:05:00Z`, invoice_id: first });
    made.push({ subscriptionId, clientId, name });
  }
  for (const [table, all] of Object.entries(rows)) {
    if (all.length === 0) continue;
    const names = Object.keys(all[0]!).join(", ");
    for (let at = 0; at < all.length; at += 2_000) await admin.query(`insert into ${table} (${names}) select ${names} from jsonb_populate_recordset(null::${table}, $1::jsonb)`, [JSON.stringify(all.slice(at, at + 2_000))]);
  }
  return made;
}
