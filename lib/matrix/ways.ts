/** The ways out of a vault without a free token, for one blocked cell: lib/billing prices them, here they get their people. */
import type { Read } from "../db/tenant.ts";
import { isPlan, planOf, type PlanId } from "../billing/plan.ts";
import { priceListAt, type Currency } from "../billing/price-list.ts";
import { waysOut, type Holder } from "../billing/ways-out.ts";

/** Prices are said in the currency of the published list; what a subscription pays is its own page's to say. */
const currency: Currency = "USD";

/** Whose token a way out touches; `personId` null: nobody here is linked to it. Times in ms. */
export type TokenHolder = { uid: string; name: string; personId: string | null; unusedSince: number };
export type PricedWay =
  | { kind: "free"; rows: TokenHolder[]; needed: number; enough: boolean }
  | { kind: "lend"; from: TokenHolder[]; needed: number }
  /** `price`: a year more, in minor units; null: not published. */
  | { kind: "plan"; plan: PlanId; name: string; price: number | null; currency: Currency };

/** At most so many larger plans are offered: the first that fits is the answer, the next is for who grows. */
const mostPlans = 2;

/** @param adding tokens that are staged there, beside those in use */
export async function pricedWays({ db, actor: { mspId } }: Read, vaultRef: string, adding: number, now: Date): Promise<PricedWay[]> {
  const vault = await db.vault.findUniqueOrThrow({ where: { mspId_vaultRef: { mspId, vaultRef } }, include: { reading: true, client: { select: { plan: true, clientId: true } } } });
  const { reading, client } = vault;
  if (!isPlan(client.plan) || reading?.tokensUsed == null || reading.tokensLimit === null) return [];
  const agents = await db.knownAgent.findMany({ where: { mspId, vaultRef, managedBy: vault.managerUid, admin: false }, select: { uid: true, name: true, personId: true, createdAt: true, lastUsedAt: true } });
  const ours = agents.filter(({ uid }) => uid !== vault.managerUid);
  const away = new Set((await db.technician.findMany({ where: { mspId, personId: { in: ours.flatMap(({ personId }) => personId ?? []) }, leaveFrom: { lte: now }, OR: [{ leaveUntil: null }, { leaveUntil: { gte: now } }] }, select: { personId: true } })).map(({ personId }) => personId));
  const vaults = await db.vault.count({ where: { mspId, clientId: client.clientId, state: { in: ["unconfirmed", "connected", "stopped"] } } });
  const rows = ours.map(({ uid, name, personId, createdAt, lastUsedAt }): Holder => ({ uid, name, createdAt: createdAt.getTime(), lastUsedAt: lastUsedAt?.getTime() ?? null, onLeave: personId !== null && away.has(personId) }));
  const person = new Map(ours.map(({ uid, personId }) => [uid, personId]));
  const holder = ({ uid, name, unusedSince }: Holder & { unusedSince: number }): TokenHolder => ({ uid, name, personId: person.get(uid) ?? null, unusedSince });
  const found = waysOut({ plan: client.plan, limit: reading.tokensLimit, adding, usage: { tokens: reading.tokensUsed, vaults, devices: 0, users: 0 }, rows, currency, list: priceListAt(now), now });
  const others = found.filter((way) => way.kind !== "plan");
  return [...others, ...found.filter((way) => way.kind === "plan").slice(0, mostPlans)].map((way): PricedWay => {
    if (way.kind === "free") return { kind: "free", rows: way.rows.map(holder), needed: way.needed, enough: way.enough };
    if (way.kind === "lend") return { kind: "lend", from: way.from.map(holder), needed: way.needed };
    return { kind: "plan", plan: way.plan, name: planOf(way.plan).name, price: way.price, currency };
  });
}
