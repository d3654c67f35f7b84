/** Money back: within the regret period of an automatic renewal all of it, which ends the subscription; else what a person decides. */
import { z } from "zod";
import { systemClock } from "../clock.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { mayRegret } from "./clocks.ts";
import { dayOf } from "./days.ts";
import { ask, carriesOut, type Asking, type Outcome } from "./intent.ts";
import type { Deps } from "./mirror.ts";
import { decimal, minor } from "./money.ts";
import { PaymentRefused } from "./payments.ts";
import { mostCredit } from "./typed.ts";
import type { InvoiceStatus } from "./types.ts";

/**
 * The last automatic renewal of a year, refunded in full within 14 days; the subscription and its lock end with it, and deletion
 * follows its seven days' warning. Throws Refusal `regret_over`, and what `ask` throws.
 */
export const regret = (actor: Actor, input: Asking, deps: Deps): Promise<Outcome> =>
  ask(actor, input, "regret", async (row, tx) => {
    const now = (deps.clock ?? systemClock).now();
    const last = await tx.db.invoice.findFirst({ where: { mspId: row.mspId, subscriptionId: row.subscriptionId, status: { not: "void" } }, orderBy: { createdAt: "desc" } });
    const may = last?.reason === "renewal" && mayRegret({ renewedOn: dayOf(last.periodStart), interval: row.interval as "year" | "month", automatic: true }, dayOf(now));
    if (!may) throw new Refusal("regret_over");
    return { input: { invoice: last.stripeInvoice }, words: `its renewal back, ${row.currency} ${decimal(minor(last.total))}` };
  }, deps);

carriesOut("regret", async ({ intent, facts, doing, deps: { payments } }) => {
  const { invoice: id } = intent.input as { invoice: string };
  const invoice = await payments.invoice(id);
  if (!invoice || !facts) return [];
  const back = invoice.total - invoice.credits.filter(({ status }) => status === "issued").reduce((sum, { total }) => sum + total, 0);
  const done = invoice.credits.some((credit) => credit.intent === intent.intentId);
  if (invoice.status === "paid" && !done && back > 0) await payments.credit(id, back, "Taken back within 14 days of its renewal", doing);
  if (invoice.status === "open") await payments.voidInvoice(id, doing);
  if (facts.status !== "ended") await payments.end(facts.id, "regret", doing);
  return [facts.id];
});

export const creditShape = z.object({ invoice: z.uuid(), amount: z.coerce.number().int().positive(), words: z.string().trim().min(1, "It stands on the credit note.").max(200) });
export type CreditInput = Asking & z.output<typeof creditShape>;

/**
 * A credit note, tax included. Of a paid invoice the money goes back the way it came; an open one is owed that much less. Throws
 * Refusal `not_found`, `refund_too_large`, and what `ask` throws.
 */
export const creditInvoice = (actor: Actor, input: CreditInput, deps: Deps): Promise<Outcome> =>
  ask(actor, input, "refund", async (row, tx) => {
    const invoice = await tx.db.invoice.findUnique({ where: { mspId_invoiceId: { mspId: row.mspId, invoiceId: input.invoice } } });
    if (invoice?.subscriptionId !== row.subscriptionId) throw new Refusal("not_found");
    const most = mostCredit({ status: invoice.status as InvoiceStatus, remaining: minor(invoice.remaining), paid: minor(invoice.paid), refunded: minor(invoice.refunded) });
    if (input.amount > most) throw new Refusal("refund_too_large", { fields: { amount: `At most ${decimal(most)}.` } });
    return { input: { invoice: invoice.stripeInvoice, amount: input.amount, words: input.words }, words: `${invoice.currency} ${decimal(input.amount)} of the invoice ${invoice.number} back` };
  }, deps);

carriesOut("refund", async ({ intent, facts, doing, deps: { payments } }) => {
  const { invoice: id, amount, words } = intent.input as { invoice: string; amount: number; words: string };
  const invoice = await payments.invoice(id);
  if (!invoice) throw new PaymentRefused("the payment provider knows nothing of this invoice");
  if (!invoice.credits.some((credit) => credit.intent === intent.intentId)) await payments.credit(id, amount, words, doing);
  return facts ? [facts.id] : [];
});
