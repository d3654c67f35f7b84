/** What addresses of these pages ask for; what makes no sense is left out. */
import { invoiceShows, type InvoiceAsk } from "#lib/billing/invoices.ts";
import { ledgerShows, ledgerSorts, type LedgerAsk } from "#lib/billing/ledger.ts";
import { isPlan } from "#lib/billing/plan.ts";
import { eventShows, type EventAsk } from "#lib/billing/received.ts";

export type Search = Record<string, string | string[] | undefined>;

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)?.slice(0, 200);
const pageOf = (value: string | undefined) => (value !== undefined && /^[1-9]\d{0,4}$/.test(value) ? Number(value) : 1);

export function ledgerAskOf(search: Search): LedgerAsk {
  const plan = one(search.plan);
  return {
    q: one(search.q) ?? "", show: ledgerShows.find((show) => show === one(search.show)) ?? "all", plan: plan !== undefined && isPlan(plan) ? plan : null,
    sort: ledgerSorts.find((sort) => sort === one(search.sort)) ?? "renews", direction: one(search.direction) === "down" ? "down" : "up", page: pageOf(one(search.page)),
  };
}

export function invoiceAskOf(search: Search): InvoiceAsk {
  const month = one(search.month);
  return { q: one(search.q) ?? "", show: invoiceShows.find((show) => show === one(search.show)) ?? "all", month: month !== undefined && /^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? month : null, page: pageOf(one(search.page)) };
}

export const eventAskOf = (search: Search): EventAsk => ({ show: eventShows.find((show) => show === one(search.show)) ?? "all", page: pageOf(one(search.page)) });

export const textOf = one;
