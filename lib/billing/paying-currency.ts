/**
 * In which currency a price is said of a client: what its subscription is paid in where the MSP pays, else what the organisation pays
 * in, else the published list's own. Never converted: a currency without a published price has none (price-list.ts).
 */
import type { Read } from "../db/tenant.ts";
import { currencies, type Currency } from "./price-list.ts";

export type Paying = { readonly currency: Currency; /** Of plans that are bought per user. */ readonly users: number };

const listed = (text: string | null | undefined): Currency | null => currencies.find((one) => one === text) ?? null;

/** What a client pays itself is its own: its currency is not taken from there. By client; every one that was asked for is there. */
export async function payingOf({ db, actor: { mspId } }: Pick<Read, "db" | "actor">, clientIds: readonly string[]): Promise<Map<string, Paying>> {
  const accounts = await db.billingAccount.findMany({ where: { mspId, payer: "msp", currency: { not: null } }, orderBy: { createdAt: "asc" }, select: { currency: true }, take: 1 });
  const rows = await db.subscription.findMany({ where: { mspId, clientId: { in: [...clientIds] }, state: { notIn: ["ended", "opening"] }, NOT: { state: "trialing", follows: { not: null } }, account: { payer: "msp" } }, orderBy: { subscriptionId: "asc" }, select: { clientId: true, currency: true, quantity: true } });
  const usual = listed(accounts[0]?.currency) ?? "USD";
  return new Map(clientIds.map((clientId) => {
    const own = rows.findLast((row) => row.clientId === clientId);
    return [clientId, { currency: listed(own?.currency) ?? usual, users: own?.quantity ?? 0 }];
  }));
}
