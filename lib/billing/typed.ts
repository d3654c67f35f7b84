/** What finance types in dialogs, judged the same in the browser and in the verb: an amount of money, a number of users. Pure. */
import { decimal } from "./money.ts";
import { planOf, type PlanId } from "./plan.ts";
import type { InvoiceStatus } from "./types.ts";

/** Minor units; `words` say what to do about it. */
export type Amount = { readonly ok: true; readonly minor: number } | { readonly ok: false; readonly words: string };

/**
 * An amount as it is typed, "120" or "120.5" or "120.50", made from its digits. A comma is refused rather than guessed at: it parts
 * thousands for some people and cents for others.
 * @param most minor units
 */
export function amountFrom(text: string, most: number): Amount {
  const found = /^(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!found) return { ok: false, words: "Write an amount in digits with a point before the cents, such as 120.50." };
  const [, whole, cents = ""] = found;
  if (cents.length > 2) return { ok: false, words: "Two decimals at most, such as 120.50." };
  const minor = BigInt(whole!) * 100n + BigInt(cents.padEnd(2, "0"));
  if (minor === 0n) return { ok: false, words: "More than zero." };
  return minor > BigInt(most) ? { ok: false, words: `At most ${decimal(most)}.` } : { ok: true, minor: Number(minor) };
}

/** What may still be credited, tax included: of a paid invoice no more than came in and did not go back, of an open one what is owed. */
export const mostCredit = ({ status, remaining, paid, refunded }: { status: InvoiceStatus; remaining: number; paid: number; refunded: number }): number =>
  status === "open" ? remaining : status === "paid" ? Math.max(0, paid - refunded) : 0;

/** Another number of users of a plan bought per user. `most`: of one subscription (lib/limits.ts). */
export function usersFrom(text: string, { plan, users }: { plan: PlanId; users: number }, most: number): { readonly ok: true; readonly users: number } | { readonly ok: false; readonly words: string } {
  const typed = text.trim();
  if (!/^\d{1,9}$/.test(typed)) return { ok: false, words: "Write a whole number in digits, such as 600." };
  const wanted = Number(typed);
  const { name, usersFrom: least } = planOf(plan);
  if (least === null) return { ok: false, words: `${name} is not bought per user.` };
  if (wanted < least) return { ok: false, words: `${name} is bought for at least ${least.toLocaleString("en")} users.` };
  if (wanted > most) return { ok: false, words: `At most ${most.toLocaleString("en")}.` };
  return wanted === users ? { ok: false, words: "That is today’s number." } : { ok: true, users: wanted };
}
