/**
 * How much a query selects: in all, by outcome, kind, client, person, and over time. Up to limits.auditCounted rows are counted one by
 * one, where they do not lie too far apart; beyond, the planner's estimate decides how large a sample stands for all, and the answer says so.
 */
import { systemClock, type Clock } from "../clock.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { Outcome } from "../protocol/messages.ts";
import { kindOfAction } from "./kind.ts";
import { bounded, directoryOf, recordTables } from "./list.ts";
import { outcomeOf } from "./outcome.ts";
import { parseQuery, windowOf, type Query } from "./query.ts";
import { all, selectionOf, type Directory, type Selection } from "./select.ts";

export type Count = { readonly value: string; readonly label: string; readonly count: number };
/** `done` of vaults, `ours` of our records, `refused` of both, what failed included. */
export type Bar = { readonly from: number; readonly done: number; readonly ours: number; readonly refused: number };
export type Tally = {
  /** False: figures stand for a sample and are scaled. */
  readonly exact: boolean;
  readonly total: number;
  readonly outcomes: readonly Count[];
  readonly kinds: readonly Count[];
  readonly clients: readonly Count[];
  readonly people: readonly Count[];
  readonly bars: readonly Bar[];
  /** Of the bars, epoch milliseconds; `step` of one. The part that the query selects lies within. */
  readonly from: number;
  readonly until: number;
  readonly step: number;
};

const minute = 60_000;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 7 * 1_440, 14 * 1_440, 30 * 1_440].map((minutes) => minutes * minute);
const mostBars = 100;
/** The width of a bar, so that no more than a hundred stand side by side. */
export const stepFor = (from: number, until: number): number => steps.find((step) => (until - from) / step <= mostBars) ?? Math.ceil((until - from) / mostBars / steps.at(-1)!) * steps.at(-1)!;

const day = 86_400_000;
/** What the bars span: at least a day around what is selected, so that it can be seen in its surroundings; whole steps. */
export function spanOf(since: number | null, until: number | null, oldest: number | null, now: number): { from: number; until: number; step: number } {
  const end = Math.min(until ?? now, now);
  const begin = since ?? Math.max(oldest ?? end - day, Date.UTC(2020, 0, 1));
  const wide = Math.max(end - begin, minute);
  const [from, to] = wide >= day ? [begin, end] : [Math.max(Math.min(begin, end - day), oldest ?? -Infinity), Math.min(now, end)];
  const lowest = Math.min(from, begin);
  const step = stepFor(lowest, Math.max(to, lowest + minute));
  return { from: Math.floor(lowest / step) * step, until: Math.ceil((Math.max(to, lowest) + 1) / step) * step, step };
}

type Row = { grouped: number; bucket: number | null; outcome: Outcome | null; action: string | null; clientId: string | null; personId: string | null; name: string | null; count: bigint };
type Side = { rows: Row[]; factor: number };

/** As the planner has it: rows, and what reading them costs; `pages` of the table. */
export type Estimate = { readonly rows: number; readonly cost: number; readonly pages: number };
async function estimate({ db }: Read, table: "audit_event" | "record", from: Prisma.Sql, where: Prisma.Sql): Promise<Estimate> {
  const [row] = await db.$queryRaw<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number; "Total Cost": number } }] }[]>`explain (format json) select 1 from ${from} where ${where}`;
  const [size] = await db.$queryRaw<{ pages: number }[]>`select sum(c.relpages)::float8 as pages from pg_class c where c.oid = ${table}::regclass or c.oid in (select i.inhrelid from pg_inherits i where i.inhparent = ${table}::regclass)`;
  const plan = row?.["QUERY PLAN"][0].Plan;
  return { rows: plan?.["Plan Rows"] ?? 0, cost: plan?.["Total Cost"] ?? 0, pages: Math.max(1, size?.pages ?? 1) };
}

/**
 * A share of a table's blocks, percent; null: all of them. Lines of one client over years are few and lie in a block each: what they cost
 * to fetch counts as well as their number, and never more blocks are read than a person waits for.
 */
export function shareOf({ rows, cost, pages }: Estimate): number | null {
  if (rows <= limits.auditCounted && cost <= limits.auditCountCost) return null;
  return Math.min(50, Math.max(0.05, Math.min((100 * limits.auditSampled) / Math.max(1, rows), (100 * limits.auditSampledBlocks) / pages)));
}

/** grouping() sets a bit for each column that a row is not grouped by. */
const groups = { bars: 0b00111, outcomes: 0b10111, actions: 0b11011, people: 0b11110 } as const;

async function side(scope: Read, { conditions, table, columns, span, selected, sampled }: { conditions: readonly Prisma.Sql[]; table: "e" | "r"; columns: { client: Prisma.Sql; person: Prisma.Sql; outcome: Prisma.Sql }; span: { from: number; until: number; step: number }; selected: Prisma.Sql; sampled: boolean }): Promise<Side> {
  const whole = table === "e" ? Prisma.sql`audit_event e` : recordTables;
  const at = Prisma.raw(`${table}.at`);
  const within = Prisma.sql`${all(conditions)} and ${at} >= ${new Date(span.from)} and ${at} < ${new Date(span.until)}`;
  const share = sampled ? shareOf(await estimate(scope, table === "e" ? "audit_event" : "record", whole, within)) : null;
  const from = share === null ? whole : table === "e" ? Prisma.sql`audit_event e tablesample system (${share}::real)` : Prisma.sql`record r tablesample system (${share}::real) left join record_leaf l on l.msp_id = r.msp_id and l.record_id = r.id`;
  const rows = await scope.db.$queryRaw<Row[]>`
    select grouping(g.bucket, g.outcome, g.action, g."clientId", g."personId")::int as grouped, g.bucket, g.outcome, g.action, g."clientId", g."personId", max(g.name) as name, count(*) as count, g.inside
      from (select floor((extract(epoch from ${at}) * 1000 - ${span.from}) / ${span.step})::int as bucket, ${columns.outcome} as outcome, ${Prisma.raw(`${table}.action`)} as action, ${columns.client} as "clientId", ${columns.person} as "personId", ${Prisma.raw(`${table}.actor_name`)} as name, (${selected}) as inside
              from ${from} where ${within}) g
     group by grouping sets ((g.bucket, g.outcome), (g.outcome, g.inside), (g.action, g.inside), (g."clientId", g.inside), (g."personId", g.inside))
    having grouping(g.inside) = 1 or g.inside`;
  return { rows, factor: share === null ? 1 : 100 / share };
}

/** Months by our clock, as the events are kept: what is counted one by one is counted a month at a time, so that none holds the database. */
export function monthsOf(from: number, now: number): { from: number; until: number | null }[] {
  const [begin, end] = [new Date(from), new Date(now)];
  const count = Math.max(0, (end.getUTCFullYear() - begin.getUTCFullYear()) * 12 + end.getUTCMonth() - begin.getUTCMonth());
  const at = (month: number) => Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + month, 1);
  return Array.from({ length: count + 1 }, (_, month) => ({ from: month === 0 ? from : at(month), until: month === count ? null : at(month + 1) }));
}

/**
 * Throws Refusal `forbidden`, `audit_slow`. `exact`: counts all, however many, month after month; it may take its time, and what comes
 * meanwhile may be in it or not.
 */
export async function tallyAudit(actor: Actor, { query, exact = false }: { query: string; exact?: boolean }, clock: Clock = systemClock, db: Database = database()): Promise<Tally> {
  authorize(actor, "audit.read");
  const now = clock.now().getTime();
  const asked = parseQuery(query);
  const step = <T>(work: (scope: Read) => Promise<T>): Promise<T> => read(actor, (scope) => bounded(scope, exact ? limits.auditCountMs : limits.auditSearchMs, () => work(scope)), db);
  const begin = async (scope: Read) => {
    const directory = await directoryOf(scope, asked);
    const { since, until } = windowOf(asked, now);
    const span = spanOf(since, until, since === null || now - since < day ? await oldestOf(scope) : null, now);
    // The bars show what lies around the selected time as well: the same query without its ends.
    const open: Query = { terms: asked.terms.filter(({ key }) => key !== "since" && key !== "until"), problems: [] };
    return { directory, span, selection: selectionOf(open, directory, actor.mspId, now), asks: { since, until, span, exact }, received: span.from - 300_000 };
  };
  if (!exact) return step(async (scope) => {
    const { directory, span, selection, asks, received } = await begin(scope);
    return tallyOf({ events: await eventsSide(scope, selection, asks, { from: received, until: null }), records: await recordsSide(scope, selection, asks) }, directory, span);
  });
  const { directory, span, selection, asks, received } = await step(begin);
  const rows: Row[] = [];
  for (const month of monthsOf(received, now)) rows.push(...(await step((scope) => eventsSide(scope, selection, asks, month))).rows);
  return tallyOf({ events: { rows, factor: 1 }, records: await step((scope) => recordsSide(scope, selection, asks)) }, directory, span);
}

async function oldestOf({ db, actor }: Read): Promise<number | null> {
  const [row] = await db.$queryRaw<{ at: Date | null }[]>`
    select least((select e.at from audit_event e where e.msp_id = ${actor.mspId}::uuid order by e.at, e.event_id limit 1), (select r.at from record r where r.msp_id = ${actor.mspId}::uuid order by r.at, r.id limit 1)) as at`;
  return row?.at?.getTime() ?? null;
}

type Asks = { since: number | null; until: number | null; span: { from: number; until: number; step: number }; exact: boolean };
const nothing: Side = { rows: [], factor: 1 };
const inside = (table: "e" | "r", { since, until }: Asks) => all([Prisma.sql`true`, ...(since === null ? [] : [Prisma.sql`${Prisma.raw(`${table}.at`)} >= ${new Date(since)}`]), ...(until === null ? [] : [Prisma.sql`${Prisma.raw(`${table}.at`)} < ${new Date(until)}`])]);

/** Events that came between two moments by our clock. */
async function eventsSide(scope: Read, { events }: Selection, asks: Asks, came: { from: number; until: number | null }): Promise<Side> {
  if (events === null) return nothing;
  const conditions = [...events, Prisma.sql`e.received_at >= ${new Date(came.from)}`, ...(came.until === null ? [] : [Prisma.sql`e.received_at < ${new Date(came.until)}`])];
  return side(scope, { conditions, table: "e", span: asks.span, sampled: !asks.exact, selected: inside("e", asks), columns: { client: Prisma.sql`e.client_id`, person: Prisma.sql`coalesce(e.person_id::text, e.actor_name)`, outcome: Prisma.sql`e.outcome` } });
}

async function recordsSide(scope: Read, { records }: Selection, asks: Asks): Promise<Side> {
  if (records === null) return nothing;
  return side(scope, { conditions: records, table: "r", span: asks.span, sampled: !asks.exact, selected: inside("r", asks), columns: { client: Prisma.sql`l.client_id`, person: Prisma.sql`r.actor_id`, outcome: Prisma.sql`r.action` } });
}

const shown = 12;
function tallyOf({ events, records }: { events: Side; records: Side }, directory: Directory, span: { from: number; until: number; step: number }): Tally {
  const outcomes = new Map<Outcome, number>([["success", 0], ["denied", 0], ["failure", 0]]);
  const kinds = new Map<string, { label: string; count: number }>();
  const clients = new Map<string, number>();
  const people = new Map<string, { name: string; count: number }>();
  const bars = Array.from({ length: Math.round((span.until - span.from) / span.step) }, (_, at) => ({ from: span.from + at * span.step, done: 0, ours: 0, refused: 0 }));
  let total = 0;
  for (const [source, { rows, factor }] of [["vault", events], ["console", records]] as const) {
    for (const row of rows) {
      const count = Number(row.count) * factor;
      const outcome = source === "vault" ? (row.outcome ?? "success") : outcomeOf(row.outcome ?? "");
      if (row.grouped === groups.bars) {
        const bar = bars[row.bucket ?? -1];
        if (bar) bar[outcome !== "success" ? "refused" : source === "vault" ? "done" : "ours"] += count;
      } else if (row.grouped === groups.outcomes) {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
        total += count;
      } else if (row.grouped === groups.actions) {
        const kind = kindOfAction(source, row.action ?? "");
        if (kind) kinds.set(kind.id, { label: kind.label, count: (kinds.get(kind.id)?.count ?? 0) + count });
      } else if (row.grouped === groups.people) {
        const who = row.personId ?? "";
        if (who !== "") people.set(who, { name: directory.people.find(({ id }) => id === who)?.name ?? row.name ?? who, count: (people.get(who)?.count ?? 0) + count });
      } else if (row.clientId !== null) clients.set(row.clientId, (clients.get(row.clientId) ?? 0) + count);
    }
  }
  const largest = (counts: Count[]) => counts.map((one) => ({ ...one, count: Math.round(one.count) })).toSorted((a, b) => b.count - a.count || a.label.localeCompare(b.label)).slice(0, shown);
  const nameOf = new Map(directory.clients.map(({ id, name }) => [id, name]));
  return {
    exact: events.factor === 1 && records.factor === 1, total: Math.round(total),
    outcomes: (["success", "denied", "failure"] as const).map((outcome) => ({ value: outcomeWords[outcome].value, label: outcomeWords[outcome].label, count: Math.round(outcomes.get(outcome) ?? 0) })),
    kinds: largest([...kinds].map(([value, { label, count }]) => ({ value, label, count }))),
    clients: largest([...clients].map(([value, count]) => ({ value, label: nameOf.get(value) ?? "a former client", count }))),
    people: largest([...people].map(([value, { name, count }]) => ({ value, label: name, count }))),
    bars: bars.map((bar) => ({ from: bar.from, done: Math.round(bar.done), ours: Math.round(bar.ours), refused: Math.round(bar.refused) })), ...span,
  };
}
const outcomeWords: Readonly<Record<Outcome, { value: string; label: string }>> = { success: { value: "done", label: "Done" }, denied: { value: "refused", label: "Refused" }, failure: { value: "failed", label: "Failed" } };
