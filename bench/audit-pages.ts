/**
 * The audit's page and exports over a year of events of 50 clients: first page, filtered pages, page 1,000, facets and bars, export. Each
 * question is asked through the verbs that the page uses, as the role that the console has; "database" is what of it the database took.
 * Baseline of the same run: `select 1` in the same kind of transaction.
 * BENCH_AUDIT_ROWS (200,000): events; ten million take a while to fill. BENCH_TURNS (30): of each question, with other values each time.
 * BENCH_AUDIT_PLANS=1 prints how each is answered. Long because one run over one ground is told in one place.
 */
import { randomUUID } from "node:crypto";
import { loadavg } from "node:os";
import type pg from "pg";
import { Prisma } from "#prisma/generated/client.ts";
import { parseCursor } from "../lib/audit/line.ts";
import { listAudit } from "../lib/audit/list.ts";
import { tallyAudit } from "../lib/audit/tally.ts";
import type { Database } from "../lib/db/client.ts";
import { read } from "../lib/db/tenant.ts";
import { askExport } from "../lib/export/ask.ts";
import { runExports } from "../lib/export/run.ts";
import { fetchExport, showExport } from "../lib/export/show.ts";
import { verifyExport } from "../lib/export/verify.ts";
import { personActor, type Actor } from "../lib/identity/actor.ts";
import { openGround, type Ground } from "./audit.ts";
import { quantile, table, timed } from "./measure.ts";

const ROWS = Number(process.env["BENCH_AUDIT_ROWS"] ?? 200_000);
const TURNS = Number(process.env["BENCH_TURNS"] ?? 30);
const PLANS = process.env["BENCH_AUDIT_PLANS"] === "1";
const CLIENTS = 50;
const STAFF = 40;
const DAYS = 365;
const CHUNK = 250_000;

/** Months behind us, as an installation that has run for a year has them. */
const months = `do $$ declare month timestamptz := date_trunc('month', now(), 'UTC') - interval '13 months'; begin
  while month < date_trunc('month', now(), 'UTC') loop
    execute format('create table audit_event_%s partition of audit_event for values from (%L) to (%L)', to_char(month at time zone 'UTC', 'YYYY_MM'), month, month + interval '1 month');
    month := month + interval '1 month';
  end loop; end $$`;

/**
 * Events as pulling leaves them: in the order in which they came, clients mixed, large ones with more, most of them reads; one of
 * three by people of the client's own, of whom there is only a name. Hashes are of the right length and of nothing.
 */
const events = `
  insert into audit_event (msp_id, received_at, event_id, at, skewed, vault_ref, client_id, stream, epoch, branch, seq, vault_at, actor_kind, agent_id, agent_uid, person_id, actor_name, action, outcome, target_kind, target_id, target_person_id, reason, ip, detail, detail_hash, prev, hash, plan_id, fault)
  select $1, received, (lpad(to_hex((extract(epoch from received) * 1000)::bigint), 12, '0') || '7' || substr(mix, 1, 3) || '8' || substr(mix, 4, 15))::uuid, at, n % 50000 = 17, v.ref, v.client, case when n % 997 = 5 then 'backup' else 'primary' end, 1, 0, n, (extract(epoch from at) * 1000)::bigint,
         case when n % 101 = 3 then 'agent' else 'human' end, 10 + p, 'row-' || c || '-' || p, case when ours then ($2::uuid[])[p + 1] end, name, action, outcome, case when action like 'agent.%' then 'agent' when action like '%.read' then 'entry' end,
         case when action like 'agent.%' then 'row-' || c || '-' || p when action like '%.read' then entry end, case when action like 'agent.%' then ($2::uuid[])[p + 1] end, case when outcome = 'denied' then 'scope' end, ip,
         json_build_object('ip', ip, 'meta', json_build_object('entry', 118), 'name', name, 'reason', case when outcome = 'denied' then 'scope' end, 'salt', substr(mix, 1, 22), 'target', case when action like '%.read' then json_build_object('id', entry, 'kind', 'entry') end)::text,
         sha256(convert_to(mix, 'UTF8')), sha256(convert_to('p' || mix, 'UTF8')), sha256(convert_to('h' || mix, 'UTF8')), case when action like 'agent.%' then ('00000000-0000-7000-8000-' || lpad((n / 1000)::text, 12, '0'))::uuid end, case when n % 500000 = 499 then 'hash' end
    from (select *, date_trunc('minute', at) + interval '1 minute' + c * interval '1 second' as received, md5(n || 'e' || c) as mix, p % 3 > 0 as ours,
                 case when p % 3 > 0 then 'Technician ' || p when n % 20000 = 7 then 'Wilhelmina Ashdown' else 'Colleague ' || c || '-' || (n % 400) end as name, 'uid-' || c || '-' || (n * 7919) % 2000 as entry, '198.51.' || p || '.' || n % 250 as ip,
                 case when n % 50 = 1 then 'denied' when n % 1009 = 2 then 'failure' else 'success' end as outcome,
                 case when n % 1000 = 1 then 'agent.create' when n % 1000 = 2 then 'agent.delete' when n % 7 = 0 then 'totp.read' when n % 11 = 0 then 'entries.search' else 'entry.read' end as action
            from (select n, now() - (($4::bigint - n) * ($5::float8 / $4)) * interval '1 day' - interval '5 minutes' as at, floor(${CLIENTS} * random() ^ 2)::int as c, floor(${STAFF} * random())::int as p from generate_series($6::bigint, $7::bigint) n offset 0) a) g
    join unnest($3::uuid[], $8::uuid[]) with ordinality as v(ref, client, nth) on v.nth = c + 1`;

/** Our own records beside them, one to fifty, chained. */
const records = `
  with made as (
    insert into record (msp_id, id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, fields)
    select $1, gen_random_uuid(), now() - (($2::bigint - n) * ($3::float8 / $2)) * interval '1 day', 'person', ($4::uuid[])[1 + n % ${STAFF}], 'Technician ' || n % ${STAFF}, case when n % 30 = 0 then 'plan.tap_refused' else 'plan.withdrawn' end, 'client', ($5::uuid[])[1 + n % ${CLIENTS}], '{"title":"t","reason":"r"}'
      from generate_series(1, $2::bigint) n returning id, at, target_id)
  insert into record_leaf (msp_id, position, record_id, nodes, client_id) select $1, row_number() over (order by at, id) - 1, id, sha256('n'), target_id::uuid from made`;

type Filled = { owner: Actor; clients: string[] };

/** @param own whether our own records are made as well; where a worker runs it chains those that there are */
export async function fill({ admin, mspId }: Pick<Ground, "admin" | "mspId">, { own = true } = {}): Promise<Filled> {
  const uuids = (count: number) => Array.from({ length: count }, () => randomUUID());
  const [people, clients, vaults] = [uuids(STAFF), uuids(CLIENTS), uuids(CLIENTS)];
  await admin.query("insert into person (msp_id, person_id, name, email, rights) select $1, id, 'Technician ' || (nth - 1), nth || '@example.com', '{technician}' from unnest($2::uuid[]) with ordinality g(id, nth)", [mspId, people]);
  await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) select $1, id, 'Client ' || (nth - 1), '{}', '{}', 'mme' from unnest($2::uuid[]) with ordinality g(id, nth)", [mspId, clients]);
  await admin.query("insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, vault_name, manager_uid, agent_id, granted, sealed_token, connected_at, confirmed_at) select $1, ref, client, 'https://' || ref || '.example', 'connected', 'v', rpad(replace(ref::text, '-', ''), 43, 'A'), 'x', 'm', 2, '{}', '\\x00', now(), now() from unnest($2::uuid[], $3::uuid[]) g(ref, client)", [mspId, vaults, clients]);
  await admin.query(`insert into audit_agent (msp_id, vault_ref, agent_id, uid, name, person_id) select $1, ref, 10 + p, 'row-' || (nth - 1) || '-' || p, 'Technician ' || p, case when p % 3 > 0 then ($3::uuid[])[p + 1] end from unnest($2::uuid[]) with ordinality v(ref, nth), generate_series(0, ${STAFF - 1}) p`, [mspId, vaults, people]);
  await admin.query("insert into audit_stream (msp_id, vault_ref, stream, vault_key, epoch, seq, hash, events, complete_until) select $1, ref, 'primary', '', 1, 1, sha256('x'), $3, now() from unnest($2::uuid[]) g(ref)", [mspId, vaults, Math.round(ROWS / CLIENTS)]);
  await admin.query(months);
  // Indexes are made afterwards, which is what a year of single inserts leaves as well.
  const indexes = (await admin.query<{ name: string; made: string }>("select c.relname as name, pg_get_indexdef(i.indexrelid) as made from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = 'audit_event'::regclass and not i.indisprimary")).rows;
  for (const { name } of indexes) await admin.query(`drop index ${name}`);
  await admin.query("select setseed(0.25)");
  for (let from = 1; from <= ROWS; from += CHUNK) await admin.query(events, [mspId, people, vaults, ROWS, DAYS, from, Math.min(ROWS, from + CHUNK - 1), clients]);
  for (const { made } of indexes) await admin.query(made.replace(" ON ONLY ", " ON "));
  await admin.query("insert into audit_name (msp_id, name) select distinct msp_id, actor_name from audit_event");
  if (own) await admin.query(records, [mspId, Math.round(ROWS / 50), DAYS, people, clients]);
  await admin.query("vacuum analyze");
  return { owner: personActor({ mspId, personId: people[1]!, name: "Technician 1", rights: ["owner"] }), clients };
}

type Plan = { "Node Type": string; "Relation Name"?: string; "Index Name"?: string; "Actual Rows"?: number; "Rows Removed by Filter"?: number; Plans?: Plan[] };
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** The same client, whose raw questions are timed, and answered with their plan beforehand where somebody asks for plans. */
function watched(db: Database, seen: { ms: number; plans: Plan[] | null }): Database {
  const tx = (given: object): object => new Proxy(given, {
    get(of, name) {
      const member: unknown = Reflect.get(of, name);
      if (name !== "$queryRaw") return member;
      return async (given: TemplateStringsArray | Prisma.Sql, ...values: unknown[]) => {
        const asked = Array.isArray(given) ? Prisma.sql(given, ...values) : (given as Prisma.Sql);
        const ask = member as (question: Prisma.Sql) => Promise<unknown>;
        if (seen.plans !== null && /audit_event|from record/.test(asked.sql) && !asked.sql.startsWith('explain')) {
          const [row] = (await ask.call(of, Prisma.sql`explain (analyze, format json) ${asked}`)) as [{ "QUERY PLAN": [{ Plan: Plan }] }];
          seen.plans.push(row["QUERY PLAN"][0].Plan);
        }
        const began = performance.now();
        const answer = await ask.call(of, asked);
        seen.ms += performance.now() - began;
        return answer;
      };
    },
  });
  return new Proxy(db, {
    get(of, name) {
      const member: unknown = Reflect.get(of, name);
      if (name !== "$transaction") return member;
      return (work: (scope: object) => Promise<unknown>, options: object) => (member as (work: (scope: object) => Promise<unknown>, options: object) => Promise<unknown>).call(of, (scope) => work(tx(scope)), options);
    },
  });
}

/** `slow`: asked for its time alone; to be explained as well it would need more of it than it has. */
type Question = { name: string; ask: (turn: number, db: Database) => Promise<unknown>; turns?: number; slow?: boolean };

async function answers({ db, mspId }: Ground, { owner }: Filled, questions: readonly Question[]): Promise<void> {
  const rows: (string | number)[][] = [];
  const base: number[] = [];
  const one = () => read(owner, ({ db: tx }) => tx.$queryRaw`select 1 from msp where msp_id = ${mspId}::uuid`, db);
  await one();
  for (let turn = 0; turn < TURNS; turn += 1) base.push(await timed(one));
  rows.push(["one row by its key, in a transaction of its own", quantile(base, 0.5), quantile(base, 0.95), "", "", ""]);
  for (const { name, ask, turns = TURNS, slow = false } of questions) {
    const seen: { ms: number; plans: Plan[] | null } = { ms: 0, plans: slow ? null : [] };
    const at = watched(db, seen);
    const said: string[] = [];
    try {
      await ask(0, at);
      const nodes = (seen.plans ?? []).flatMap(nodesOf);
      const scans = new Map<string, number>();
      for (const node of nodes) if (node["Relation Name"] !== undefined || node["Index Name"] !== undefined) {
        const key = `${node["Node Type"]} ${(node["Index Name"] ?? node["Relation Name"])!.replace(/audit_event_(\d{4}_\d{2}|default)/, "audit_event_*")}`;
        scans.set(key, (scans.get(key) ?? 0) + 1);
      }
      if (PLANS && !slow) console.log(`\n${name}\n${[...scans].map(([key, count]) => `    ${count} x ${key}`).join("\n")}\n    removed by filter: ${nodes.reduce((sum, node) => sum + (node["Rows Removed by Filter"] ?? 0), 0)}`);
      // Empty ones, made ahead, are read whole at no cost.
      const whole = nodes.filter((node) => node["Node Type"] === "Seq Scan" && (node["Relation Name"] ?? "").startsWith("audit_event") && (node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0) > 0).length;
      if (whole > 0) said.push(`${whole} partitions read whole`);
      seen.plans = null;
      const [all, theirs]: [number[], number[]] = [[], []];
      for (let turn = 0; turn < turns; turn += 1) {
        seen.ms = 0;
        all.push(await timed(() => ask(turn, at)));
        theirs.push(seen.ms);
      }
      rows.push([name, quantile(all, 0.5), quantile(all, 0.95), quantile(theirs, 0.5), quantile(theirs, 0.95), said.join(", ")]);
    } catch (error) {
      rows.push([name, "", "", "", "", String((error as { failure?: { code: string } }).failure?.code ?? error).slice(0, 80)]);
    }
  }
  console.log("");
  table([`${ROWS.toLocaleString("en")} events (load ${loadavg()[0]!.toFixed(1)}), ms`, "p50", "p95", "database p50", "database p95", ""], rows);
}

/** The place after page 1,000 of a list. */
async function deep(admin: pg.Client, mspId: string): Promise<string> {
  const { rows: [row] } = await admin.query<{ at: Date; event_id: string }>("select at, event_id from audit_event where msp_id = $1 order by at desc, event_id desc offset least(100000, $2 / 2) limit 1", [mspId, ROWS]);
  return `${row!.at.getTime()}.${row!.event_id}`;
}

async function pages(ground: Ground, filled: Filled): Promise<void> {
  const { owner, clients } = filled;
  const place = await deep(ground.admin, ground.mspId);
  const list = (name: string, query: (turn: number) => string, before: string | null = null): Question => ({ name, ask: (turn, db) => listAudit(owner, { query: query(turn), before: parseCursor(before) }, undefined, db) });
  const tally = (name: string, query: (turn: number) => string, exact = false): Question => ({ name, slow: exact, turns: exact ? 3 : Math.min(TURNS, 10), ask: (turn, db) => tallyAudit(owner, { query: query(turn), exact }, undefined, db) });
  await answers(ground, filled, [
    list("first page, the last day", () => "since:24h"),
    list("first page, everything", () => ""),
    list("page 1,000", () => "", place),
    list("one client", (turn) => `client:${clients[turn % CLIENTS]!}`),
    list("one client, page 1,000 of everybody's on", (turn) => `client:${clients[turn % CLIENTS]!}`, place),
    list("ten clients", (turn) => Array.from({ length: 10 }, (_, i) => `client:${clients[(turn + i * 5) % CLIENTS]!}`).join(" ")),
    list("one technician", (turn) => `person:"Technician ${1 + (turn % 13) * 3}"`),
    list("one client, one technician", (turn) => `client:${clients[turn % CLIENTS]!} person:"Technician ${1 + (turn % 13) * 3}"`),
    list("reads", () => "kind:read"),
    list("tokens given or removed", () => "kind:granted kind:removed"),
    list("tokens given, one client", (turn) => `kind:granted client:${clients[turn % CLIENTS]!}`),
    list("what was refused", () => "outcome:refused"),
    list("what failed, our own records too", () => "outcome:failed"),
    list("a name in free words", (turn) => `"technician ${1 + (turn % 13) * 3}"`),
    list("a name that is rare, of somebody who is no member", () => "wilhelmina"),
    list("a name that nobody has", (turn) => `nobody${turn}`),
    list("one entry", (turn) => `entry:uid-${turn % CLIENTS}-${(turn * 131) % 2000}`),
    list("one address", (turn) => `ip:198.51.${turn % STAFF}.${turn}`),
    list("one row of a vault", (turn) => `token:row-${turn % CLIENTS}-${turn % STAFF}`),
    list("one plan", (turn) => `plan:00000000-0000-7000-8000-${String(turn).padStart(12, "0")}`),
    list("about one technician", (turn) => `about:"Technician ${turn % STAFF}"`),
    list("breaks in a chain", () => "fault:any"),
    list("our own records", () => "source:console"),
    tally("facets and bars, the last day", () => "since:24h"),
    tally("facets and bars, 30 days", () => "since:30d"),
    tally("facets and bars, everything (a sample)", () => ""),
    tally("facets and bars, one client (a sample)", (turn) => `client:${clients[turn % CLIENTS]!}`),
    tally("facets and bars, what was refused", () => "outcome:refused"),
    tally("facets and bars, everything, counted", () => "", true),
  ]);
}

async function exports({ db }: Ground, { owner }: Filled): Promise<void> {
  const rows: (string | number)[][] = [];
  const most = 400_000;
  const query = `source:vault since:${Math.max(1, Math.round(DAYS * Math.min(1, most / ROWS)))}d`;
  for (const format of ["csv", "jsonl", "ocsf"] as const) {
    const { id } = await askExport(owner, { query, format }, undefined, db);
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let peak = before;
    const timer = setInterval(() => void (peak = Math.max(peak, process.memoryUsage.rss())), 50);
    const ms = await timed(async () => {
      while ((await showExport(owner, { id }, db)).state !== "done") await runExports({ db });
    });
    clearInterval(timer);
    const { lines, bytes } = await showExport(owner, { id }, db);
    const { piece } = await fetchExport(owner, { id }, db);
    const checking = await timed(async () => {
      const verdict = await verifyExport((async function* () {
        for (let at = 0; ; at += 1) {
          const part = await piece(at);
          if (part === null) return;
          yield part;
        }
      })());
      // Events that are made up fit no hash of theirs; the lines are held all the same.
      if (verdict.lines !== lines || verdict.faults.some(({ kind }) => kind !== "event")) throw new Error(JSON.stringify(verdict.faults[0]));
    });
    rows.push([format, lines, bytes / 2 ** 20, lines / (ms / 1_000), (peak - before) / 2 ** 20, lines / (checking / 1_000)]);
  }
  console.log("");
  table([`export of ${query} (load ${loadavg()[0]!.toFixed(1)})`, "lines", "MiB", "written, lines/s", "memory on top, MiB", "fetched and judged, lines/s"], rows);
}

export async function run(): Promise<void> {
  const ground = await openGround();
  try {
    let filled: Filled | null = null;
    const ms = await timed(async () => void (filled = await fill(ground)));
    const { rows: [size] } = await ground.admin.query<{ heap: string; indexes: string }>("select pg_size_pretty(sum(pg_relation_size(inhrelid))) as heap, pg_size_pretty(sum(pg_indexes_size(inhrelid))) as indexes from pg_inherits where inhparent = 'audit_event'::regclass");
    console.log(`  filled in ${(ms / 1_000).toFixed(0)} s; events ${size!.heap}, indexes ${size!.indexes}`);
    await pages(ground, filled!);
    await exports(ground, filled!);
  } finally {
    await ground.close();
  }
}
