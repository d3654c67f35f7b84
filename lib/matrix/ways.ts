/** The ways out of a vault without room, for a blocked cell or what a plan leaves out: lib/billing prices them, here they get their people. */
import { payingOf } from "../billing/paying-currency.ts";
import { isPlan, planOf, type PlanId } from "../billing/plan.ts";
import { priceListAt, type Currency } from "../billing/price-list.ts";
import { judge } from "../billing/limits.ts";
import { largerPlans, waysOut, type Holder, type WayOut } from "../billing/ways-out.ts";
import type { Read } from "../db/tenant.ts";

/** Whose token a way out touches; `personId` null: nobody here is linked to it. Times in ms. */
export type TokenHolder = { uid: string; name: string; personId: string | null; unusedSince: number };
export type PricedWay =
  | { kind: "free"; rows: TokenHolder[]; needed: number; enough: boolean }
  | { kind: "lend"; from: TokenHolder[]; needed: number }
  /** `price`: a year more, in minor units; null: not published in this currency. */
  | { kind: "plan"; from: PlanId; plan: PlanId; name: string; price: number | null; currency: Currency };

/** What somebody lacks room for in one vault. `adding`: beside what is in use; `except`: rows that the same plan ends already, which are no way out. */
export type Need = { readonly vaultRef: string; readonly of: "tokens" | "devices"; readonly adding: number; readonly except?: readonly string[] };

/** At most so many larger plans are offered: the first that fits is the answer, the next is for who grows. */
const mostPlans = 2;

/** @param adding tokens that are staged there, beside those in use */
export const pricedWays = async (tx: Read, vaultRef: string, adding: number, now: Date): Promise<PricedWay[]> => (await pricedWaysOf(tx, [{ vaultRef, of: "tokens", adding }], now)).get(vaultRef) ?? [];

/** By vault, as it is known now; what fits by now has no way out, since it needs none. One need for each vault. */
export async function pricedWaysOf(tx: Read, needs: readonly Need[], now: Date): Promise<Map<string, PricedWay[]>> {
  const { db, actor: { mspId } } = tx;
  const refs = needs.map(({ vaultRef }) => vaultRef);
  if (refs.length === 0) return new Map();
  const vaults = await db.vault.findMany({ where: { mspId, vaultRef: { in: refs } }, include: { reading: true, client: { select: { plan: true } } } });
  const clientIds = [...new Set(vaults.map(({ clientId }) => clientId))];
  const paying = await payingOf(tx, clientIds);
  const agents = await db.knownAgent.findMany({ where: { mspId, vaultRef: { in: refs }, admin: false, managedBy: { not: null } }, select: { vaultRef: true, uid: true, name: true, personId: true, managedBy: true, createdAt: true, lastUsedAt: true, person: { select: { keptBy: true } } } });
  const away = new Set((await db.technician.findMany({ where: { mspId, personId: { in: agents.flatMap(({ personId }) => personId ?? []) }, leaveFrom: { lte: now }, OR: [{ leaveUntil: null }, { leaveUntil: { gte: now } }] }, select: { personId: true } })).map(({ personId }) => personId));
  const counts = new Map((await db.vault.groupBy({ by: ["clientId"], where: { mspId, clientId: { in: clientIds }, state: { in: ["unconfirmed", "connected", "stopped"] } }, _count: true })).map(({ clientId, _count }) => [clientId, _count]));
  const list = priceListAt(now);

  return new Map(needs.map(({ vaultRef, of, adding, except = [] }) => {
    const vault = vaults.find((one) => one.vaultRef === vaultRef);
    const { reading, client, clientId } = vault ?? {};
    if (vault === undefined || client === undefined || clientId === undefined || reading == null || !isPlan(client.plan)) return [vaultRef, []];
    const today = client.plan;
    const { currency, users } = paying.get(clientId)!;
    const usage = { tokens: reading.tokensUsed ?? 0, vaults: counts.get(clientId) ?? 1, devices: reading.devicesUsed ?? 0, users };
    // A break-glass is unused as it should be, and nobody lends it.
    const ours = agents.filter((row) => row.vaultRef === vaultRef && row.managedBy === vault.managerUid && row.uid !== vault.managerUid && row.person?.keptBy == null && !except.includes(row.uid));
    const rows = ours.map(({ uid, name, personId, createdAt, lastUsedAt }): Holder => ({ uid, name, createdAt: createdAt.getTime(), lastUsedAt: lastUsedAt?.getTime() ?? null, onLeave: personId !== null && away.has(personId) }));
    const found: WayOut[] = of === "tokens"
      ? reading.tokensUsed === null || reading.tokensLimit === null ? [] : waysOut({ plan: client.plan, limit: reading.tokensLimit, adding, usage, rows, currency, list, now })
      : reading.devicesUsed === null || judge(reading.devicesUsed, reading.devicesLimit, adding).state !== "over" ? [] : largerPlans({ plan: client.plan, usage: { ...usage, devices: usage.devices + adding }, currency, list });
    const person = new Map(ours.map(({ uid, personId }) => [uid, personId]));
    const holder = ({ uid, name, unusedSince }: Holder & { unusedSince: number }): TokenHolder => ({ uid, name, personId: person.get(uid) ?? null, unusedSince });
    const shown = [...found.filter((way) => way.kind !== "plan"), ...found.filter((way) => way.kind === "plan").slice(0, mostPlans)];
    return [vaultRef, shown.map((way): PricedWay => {
      if (way.kind === "free") return { kind: "free", rows: way.rows.map(holder), needed: way.needed, enough: way.enough };
      if (way.kind === "lend") return { kind: "lend", from: way.from.map(holder), needed: way.needed };
      return { kind: "plan", from: today, plan: way.plan, name: planOf(way.plan).name, price: way.price, currency };
    })];
  }));
}
