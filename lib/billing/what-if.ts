/** What would happen if these moved to another plan: new prices, lost locks, limits, and what would be cheaper. Nothing changes here. */
import { Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { ledgerRows, lineOf, type LedgerLine } from "./ledger.ts";
import { holds } from "./limits.ts";
import { lockLoss, type LockLoss } from "./lock-loss.ts";
import { isPlan, planOf, tokenLimit, type Limit, type PlanId } from "./plan.ts";
import { priceListAt, priceLists, type Currency, type PriceList } from "./price-list.ts";
import { unusedAfterDays } from "./ways-out.ts";

/** `free`: fewer free tokens than this; null: however many. `only`: these subscriptions out of them; empty: all. */
export type WhatIfAsk = { readonly from: PlanId | null; readonly free: number | null; readonly to: PlanId; readonly without?: readonly string[] };
export type WhatIfLine = { readonly line: LedgerLine; readonly loss: LockLoss; readonly tokensAfter: Limit; /** What is used now fits into the plan. */ readonly fits: boolean; readonly taken: boolean };
export type WhatIfTotal = { readonly currency: Currency; readonly count: number; readonly locks: number; readonly now: number; readonly later: number; readonly difference: number };
export type WhatIf = {
  readonly ask: WhatIfAsk; readonly lines: readonly WhatIfLine[]; readonly matching: number; /** Of those taken, by currency; those that do not fit or have no price are not in it. */ readonly totals: readonly WhatIfTotal[];
  readonly refused: number; readonly unpriced: number; /** Tokens that nobody used for 60 days, at how many of these clients: freeing them costs nothing and keeps every lock. */ readonly idle: { readonly tokens: number; readonly clients: number };
};

/** Pure. Added up by currency; what is refused, or has no price, is counted apart and never in a sum. */
export function totalsOf(lines: readonly WhatIfLine[]): WhatIfTotal[] {
  const counted = lines.filter(({ taken, fits, loss }) => taken && fits && loss.difference !== null);
  return [...Map.groupBy(counted, ({ line }) => line.currency)].map(([currency, own]) => {
    const sum = (pick: (one: WhatIfLine) => number) => own.reduce((total, one) => total + pick(one), 0);
    return { currency, count: own.length, locks: own.filter(({ line }) => line.since !== null).length, now: sum(({ loss }) => loss.lock), later: sum(({ loss }) => loss.after ?? 0), difference: sum(({ loss }) => loss.difference ?? 0) };
  });
}

export async function readWhatIf(actor: Actor, ask: WhatIfAsk, clock: Clock = systemClock, db: Database = database(), lists: readonly PriceList[] = priceLists): Promise<WhatIf> {
  authorize(actor, "billing.read");
  const { mspId } = actor;
  const now = clock.now();
  const list = priceListAt(now, lists);
  return read(actor, async (tx) => {
    type Row = Parameters<typeof lineOf>[0] & { devices: number; idle: number };
    const rows = await tx.db.$queryRaw<Row[]>`
      ${ledgerRows(mspId, lists, now)}
      select l.*, count(*) over ()::int as matching, coalesce(d.devices, 0)::int as devices, coalesce(k.idle, 0)::int as idle
        from ledger l
        left join lateral (select sum(r.devices_used) as devices from vault v join reading r on r.msp_id = v.msp_id and r.vault_ref = v.vault_ref where v.msp_id = ${mspId}::uuid and v.client_id = l.client_id and v.state in ('connected', 'unconfirmed')) d on true
        left join lateral (select count(*) as idle from vault v join known_agent a on a.msp_id = v.msp_id and a.vault_ref = v.vault_ref and a.managed_by = v.manager_uid and not a.admin
                            where v.msp_id = ${mspId}::uuid and v.client_id = l.client_id and v.state = 'connected' and coalesce(a.last_used_at, a.created_at) < ${new Date(now.getTime() - unusedAfterDays * 86_400_000)}) k on true
       where l.plan <> ${ask.to} and ${ask.from === null ? Prisma.sql`true` : Prisma.sql`l.plan = ${ask.from}`}
         and ${ask.free === null ? Prisma.sql`true` : Prisma.sql`(l.tokens_limit is not null and l.tokens_limit - l.tokens_used < ${ask.free})`}
       order by (l.tokens_limit - l.tokens_used) nulls last, lower(l.name), l.subscription_id limit ${limits.whatIfLines}`;
    const without = new Set(ask.without);
    const lines = rows.map((row): WhatIfLine => {
      const line = lineOf(row);
      return {
        line, loss: lockLoss({ plan: line.plan, currency: line.currency, interval: line.interval, users: line.users, locked: line.locked }, { kind: "plan", to: ask.to }, list), tokensAfter: tokenLimit(planOf(ask.to)),
        fits: holds(ask.to, { tokens: line.tokens?.used ?? 0, vaults: line.vaults.used, devices: row.devices, users: line.users }), taken: !without.has(line.id),
      };
    });
    const taken = lines.filter((line) => line.taken);
    const idle = rows.filter((row) => row.idle > 0 && !without.has(row.subscription_id));
    return {
      ask, lines, matching: rows[0]?.matching ?? 0, totals: totalsOf(lines), refused: taken.filter(({ fits }) => !fits).length, unpriced: taken.filter(({ fits, loss }) => fits && loss.difference === null).length,
      idle: { tokens: idle.reduce((sum, row) => sum + row.idle, 0), clients: idle.length },
    };
  }, db);
}

/** What stands in an address, as a question; what makes no sense is left out rather than refused. Pure. */
export function askOf({ from, free, to, without }: { from?: string | undefined; free?: string | undefined; to?: string | undefined; without?: string | undefined }): WhatIfAsk {
  const fewer = free === undefined || !/^\d{1,3}$/.test(free) ? null : Number(free);
  return { from: from !== undefined && isPlan(from) ? from : null, free: fewer, to: to !== undefined && isPlan(to) && to !== "self-hosted" ? to : "team-25", without: (without ?? "").split(",").filter((id) => /^[0-9a-f-]{36}$/.test(id)).slice(0, 200) };
}
