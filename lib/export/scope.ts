/**
 * Whose audit an export may hold: several clients' at once only where their plan has the central export (MME and up); one client's own
 * evidence pack in every plan; our own records always. Pure.
 */
import { judgeFeature } from "../billing/feature.ts";
import { isPlan, planOf, plans } from "../billing/plan.ts";

export type Asked = { readonly id: string; readonly name: string; readonly plan: string };
export type ExportScope = { /** The one client whose pack it is; null: several, or our own records alone. */ readonly one: string | null; readonly clients: readonly string[]; readonly leftOut: readonly { client: string; plan: string; why: string }[] };

/** A client whose plan is not known here has none of it. */
const judged = (plan: string) => judgeFeature(isPlan(plan) ? plan : plans[0]!.id, "audit-export");
const planName = (plan: string): string => (isPlan(plan) ? planOf(plan).name : plan);

/** @param clients those that the query means */
export function scopeOf(clients: readonly Asked[]): ExportScope {
  if (clients.length === 1) return { one: clients[0]!.id, clients: [clients[0]!.id], leftOut: [] };
  return {
    one: null,
    clients: clients.filter(({ plan }) => judged(plan).has).map(({ id }) => id),
    leftOut: clients.flatMap(({ name, plan }) => {
      const verdict = judged(plan);
      return verdict.has ? [] : [{ client: name, plan: planName(plan), why: `central export comes with ${verdict.from.code} and up; this client’s own evidence pack is in its plan` }];
    }),
  };
}
