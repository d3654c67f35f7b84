/** A plan out of its row: the frozen text read strictly, and its digest made again. */
import type { Plan as PlanRow } from "#prisma/generated/client.ts";
import type { Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { equalBytes, utf8 } from "../protocol/bytes.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { parseCanonical } from "../protocol/jcs.ts";
import { checkPlan, planDigest, planKinds, type Plan, type PlanKind } from "../protocol/plan.ts";

export type LoadedPlan = { row: PlanRow; plan: Plan; /** Our own name of each vault of the plan, by its place. */ refs: readonly string[]; operations: readonly { operationId: string; vaultRef: string; personId: string | null }[] };

/** Narrows a column; throws for what no release of ours ever wrote. */
export function planKind(text: string): PlanKind {
  const kind = planKinds.find((one) => one === text);
  if (kind === undefined) throw new TypeError(`no kind of plan: ${text}`);
  return kind;
}

/** Throws Refusal `plan_damaged` when the row is not what its digest says. */
export function readFrozen({ frozen, digest }: Pick<PlanRow, "frozen" | "digest">): Plan {
  let value: unknown;
  try {
    value = parseCanonical(utf8(frozen));
    checkPlan(value);
  } catch (error) {
    if (error instanceof ProtocolError) throw new Refusal("plan_damaged", { cause: error });
    throw error;
  }
  if (!equalBytes(planDigest(value), digest)) throw new Refusal("plan_damaged");
  return value;
}

/** Throws Refusal `not_found`, `plan_damaged`. */
export async function loadPlan({ db, actor: { mspId } }: Read, planId: string): Promise<LoadedPlan> {
  const row = await db.plan.findUnique({ where: { mspId_planId: { mspId, planId } } });
  if (row === null) throw new Refusal("not_found");
  const operations = await db.planOperation.findMany({ where: { mspId, planId }, select: { operationId: true, vaultRef: true, place: true, personId: true } });
  const plan = readFrozen(row);
  const refs = plan.vaults.map((_, place) => operations.find((one) => one.place === place)?.vaultRef ?? "");
  if (refs.includes("")) throw new Refusal("plan_damaged");
  return { row, plan, refs, operations };
}
