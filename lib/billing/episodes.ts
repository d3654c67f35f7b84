/**
 * The life of one subscription as its invoices tell it: episodes of one plan at one price each, in the order of issue, and in each the
 * first successful charge, which locks (SPEC section 7). A pure fold over all invoices, so that it ends the same in whatever order
 * the news came.
 */
import type { InvoiceFacts, LineFacts, PriceFacts } from "./payments.ts";
import { plans, type PlanId } from "./plan.ts";
import type { LockEnded } from "./types.ts";

export type Episode = {
  readonly price: PriceFacts; readonly quantity: number; readonly startedAt: Date;
  /** The first charge in it that succeeded; null: none yet. */
  readonly lockedAt: Date | null; readonly lockedBy: string | null;
  readonly endedAt: Date | null; readonly endedBecause: LockEnded | null;
};

/** A lock that another payer had, which this subscription goes on with. */
export type Carried = { readonly price: PriceFacts; readonly lockedAt: Date };
export type Ending = { readonly at: Date; readonly because: LockEnded };

/** What an invoice charges for: the line of the plan that holds after it. null: nothing of ours. */
export function chargedLine({ lines }: Pick<InvoiceFacts, "lines">): (LineFacts & { price: PriceFacts }) | null {
  return lines.findLast((line): line is LineFacts & { price: PriceFacts } => line.price !== null && line.amount >= 0) ?? null;
}

const size = (plan: PlanId): number => plans.findIndex(({ id }) => id === plan);
/** The order of issue. Two of one second stand as they must have come: what opened the subscription first. */
const inOrder = (a: InvoiceFacts, b: InvoiceFacts): number => a.createdAt.getTime() - b.createdAt.getTime() || Number(b.reason === "first") - Number(a.reason === "first") || (a.id < b.id ? -1 : 1);
const counts = ({ status }: InvoiceFacts): boolean => status !== "void";

/** @param invoices of one subscription, in any order @returns oldest first */
export function episodesOf(invoices: readonly InvoiceFacts[], { carried, ending }: { carried: Carried | null; ending: Ending | null }): Episode[] {
  type Open = { -readonly [K in keyof Episode]: Episode[K] };
  const found: Open[] = carried ? [{ price: carried.price, quantity: 1, startedAt: carried.lockedAt, lockedAt: carried.lockedAt, lockedBy: null, endedAt: null, endedBecause: null }] : [];
  for (const invoice of invoices.filter(counts).toSorted(inOrder)) {
    const line = chargedLine(invoice);
    if (!line) continue;
    let episode = found.at(-1);
    if (episode?.price.plan !== line.price.plan) {
      if (episode) Object.assign(episode, { endedAt: invoice.createdAt, endedBecause: size(line.price.plan) > size(episode.price.plan) ? "upgraded" : "downgraded" });
      episode = { price: line.price, quantity: line.quantity, startedAt: invoice.createdAt, lockedAt: null, lockedBy: null, endedAt: null, endedBecause: null };
      found.push(episode);
    }
    episode.quantity = line.quantity;
    // A trial's first invoice charges nothing, and locks nothing. The earliest payment locks, not the earliest invoice.
    if (invoice.status === "paid" && invoice.paidAt !== null && line.amount > 0 && !(carried && episode === found[0]) && (episode.lockedAt === null || invoice.paidAt < episode.lockedAt)) {
      episode.lockedAt = invoice.paidAt;
      episode.lockedBy = invoice.id;
    }
  }
  const last = found.at(-1);
  if (last && ending) Object.assign(last, { endedAt: ending.at, endedBecause: ending.because });
  // Replaced before its first charge: there never was a lock to lose.
  return found.map((episode) => (episode.lockedAt !== null && episode.endedAt !== null && episode.lockedAt > episode.endedAt ? { ...episode, lockedAt: null, lockedBy: null } : episode));
}

/** A downgrade that a person agreed to, with the price that was shown. */
export type Agreed = { readonly plan: PlanId; readonly amount: number; readonly quantity: number; readonly at: Date };

/**
 * What a renewal must charge, net: the price of the episode before it, or of the downgrade that was agreed to. null: the first charge,
 * with which nothing can be compared. Minor units.
 */
export function renewalDue(invoice: InvoiceFacts, invoices: readonly InvoiceFacts[], { carried, agreed }: { carried: Carried | null; agreed: readonly Agreed[] }): number | null {
  const line = chargedLine(invoice);
  if (invoice.reason !== "renewal" || !line) return null;
  const before = invoices.filter((one) => one.createdAt < invoice.createdAt && one.id !== invoice.id);
  const episode = episodesOf(before, { carried, ending: null }).at(-1);
  if (!episode) return null;
  if (line.price.plan === episode.price.plan) return episode.price.amount * line.quantity;
  const wanted = agreed.findLast(({ plan, at }) => plan === line.price.plan && at <= invoice.createdAt);
  // Nobody agreed to another plan: the lock is what counts.
  return wanted ? wanted.amount * wanted.quantity : episode.price.amount * episode.quantity;
}

/** What it charges for the period itself, net, credits of other kinds left out. */
export const renewalCharged = (invoice: InvoiceFacts): number => invoice.lines.filter(({ price, proration }) => price !== null && !proration).reduce((sum, { amount }) => sum + amount, 0);
