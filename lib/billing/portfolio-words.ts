/** A portfolio in one sentence. Pure. */
import type { LedgerGroup } from "./ledger.ts";
import { planOf } from "./plan.ts";

const counted = (count: number, one: string, many: string) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** "50 Team subscriptions by invoice, Net 60, and 1 Pro subscription by card." Amounts stand elsewhere, each with its currency. */
export function portfolioWords(groups: readonly LedgerGroup[]): string {
  if (groups.length === 0) return "Nothing is paid here yet.";
  const kinds = new Map<string, { name: string; by: string; count: number }>();
  for (const { plan, collection, count } of groups) {
    const { family, name } = planOf(plan);
    const key = `${family === "individual" ? name : family} ${collection}`;
    const kind = kinds.get(key) ?? { name: family === "team" ? "Team" : name, by: collection === "card" ? "by card" : "by invoice, Net 60", count: 0 };
    kinds.set(key, { ...kind, count: kind.count + count });
  }
  const parts = [...kinds.values()].toSorted((a, b) => b.count - a.count).map(({ name, by, count }) => `${counted(count, `${name} subscription`, `${name} subscriptions`)} ${by}`);
  return `${parts.length > 1 ? `${parts.slice(0, -1).join(", ")}, and ${parts.at(-1)!}` : parts[0]!}.`;
}
