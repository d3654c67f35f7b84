/** The table: events of all vaults and our own records as one list, newest first, page by page by keyset. */
import { systemClock, type Clock } from "../clock.ts";
import { Prisma, type AuditEvent as EventRow } from "#prisma/generated/client.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { storedEvent, type RecordEvent, type StoredEvent } from "./event.ts";
import { lineOfEvent, lineOfRecord, writeCursor, type AuditLine, type Cursor, type NamesOf } from "./line.ts";
import { isUuid, parseQuery, type Query } from "./query.ts";
import { all, pattern, selectionOf, spokenOf, type Directory, type Selection } from "./select.ts";

export type AuditPage = { readonly lines: readonly AuditLine[]; /** To go on with; null: there is nothing. */ readonly older: string | null; readonly newer: string | null; /** Of ids that stand in the query. */ readonly named: Readonly<Record<string, string>> };
export const pageSize = 100;

/** As lib/audit/event.ts reads a row of audit_event. */
export const eventColumns = Prisma.sql`e.msp_id as "mspId", e.received_at as "receivedAt", e.event_id as "eventId", e.at, e.skewed, e.vault_ref as "vaultRef", e.client_id as "clientId", e.stream, e.epoch, e.branch, e.seq, e.vault_at as "vaultAt", e.actor_kind as "actorKind",
  e.agent_id as "agentId", e.agent_uid as "agentUid", e.person_id as "personId", e.actor_name as "actorName", e.action, e.outcome, e.target_kind as "targetKind", e.target_id as "targetId", e.target_person_id as "targetPersonId", e.reason, e.ip, e.detail, e.detail_hash as "detailHash", e.prev, e.hash, e.plan_id as "planId", e.receipt_id as "receiptId", e.fault`;
export const recordColumns = Prisma.sql`r.id, r.at, r.actor_kind as "actorKind", r.actor_id as "actorId", r.actor_name as "actorName", r.action, r.target_kind as "targetKind", r.target_id as "targetId", r.fields, r.request_id as "requestId", l.client_id as "clientId", l.vault_ref as "vaultRef", l.person_id as "personId", l.plan_id as "planId", l.position`;
export const recordTables = Prisma.sql`record r left join record_leaf l on l.msp_id = r.msp_id and l.record_id = r.id`;
export type RecordRow = Omit<RecordEvent, "source" | "position"> & { position: bigint | null };
export const recordEvent = ({ position, ...row }: RecordRow): RecordEvent => ({ source: "record", ...row, position: position === null ? null : Number(position) });

/** Whom and what a query may name; `asked`: the one whose words are looked for among the names at events as well. */
export async function directoryOf({ db, actor }: Read, asked?: Query): Promise<Directory> {
  const where = { mspId: actor.mspId };
  const clients = await db.client.findMany({ where, select: { clientId: true, name: true, aliases: true }, orderBy: { name: "asc" } });
  const people = await db.person.findMany({ where, select: { personId: true, name: true }, orderBy: { name: "asc" } });
  const named = new Map<string, readonly string[]>();
  for (const value of asked === undefined ? [] : spokenOf(asked)) {
    const rows = await db.$queryRaw<{ name: string }[]>`select n.name from audit_name n where n.msp_id = ${actor.mspId}::uuid and n.name ilike ${pattern(value)} limit ${limits.auditNamesMatched + 1}`;
    if (rows.length <= limits.auditNamesMatched) named.set(value, rows.map(({ name }) => name));
  }
  return { clients: clients.map(({ clientId: id, name, aliases }) => ({ id, name, aliases })), people: people.map(({ personId: id, name }) => ({ id, name })), named };
}

/** Names of the rows that these events are of or about, in one question. */
export async function namesOf({ db, actor }: Read, directory: Directory, events: readonly StoredEvent[]): Promise<NamesOf> {
  const clients = new Map(directory.clients.map(({ id, name }) => [id, name]));
  const pairs = [...new Set(events.flatMap((event) => [event.targetKind === "agent" && event.targetId !== null ? `${event.vaultRef} ${event.targetId}` : "", event.actorName === null && event.agentUid !== null ? `${event.vaultRef} ${event.agentUid}` : ""]).filter(Boolean))];
  const [vaults, uids] = [pairs.map((pair) => pair.slice(0, 36)), pairs.map((pair) => pair.slice(37))];
  const rows = pairs.length === 0 ? [] : await db.$queryRaw<{ key: string; name: string }[]>`
    select a.vault_ref || ' ' || a.uid as key, a.name from audit_agent a join unnest(${vaults}::uuid[], ${uids}::text[]) as p(vault_ref, uid) on a.vault_ref = p.vault_ref and a.uid = p.uid where a.msp_id = ${actor.mspId}::uuid`;
  const names = new Map(rows.map(({ key, name }) => [key, name]));
  return { client: (id) => clients.get(id) ?? "a former client", row: (vaultRef, uid) => names.get(`${vaultRef} ${uid}`) ?? null };
}

/** A search that would take longer than a person waits ends with Refusal `audit_slow`. */
export async function bounded<T>(scope: Read, ms: number, work: () => Promise<T>): Promise<T> {
  await scope.db.$executeRaw`select set_config('statement_timeout', ${String(ms)}, true)`;
  try {
    return await work();
  } catch (error) {
    if (JSON.stringify(error, Object.getOwnPropertyNames(error)).includes("57014") || String(error).includes("statement timeout")) throw new Refusal("audit_slow", { cause: error });
    throw error;
  }
}

/** A line, and of a vault's event what the vault told. */
export type Entry = { readonly line: AuditLine; readonly event: StoredEvent | null };

/** So many of both tables from a place on. `down`: newest first, from older ones on; else oldest first, from newer ones on. */
export async function someEntries(scope: Read, selection: Selection, directory: Directory, { from, down, take }: { from: Cursor | null; down: boolean; take: number }): Promise<Entry[]> {
  const { db } = scope;
  const at = from && new Date(from.at);
  const order = (id: string) => (down ? Prisma.raw(`at desc, ${id} desc`) : Prisma.raw(`at, ${id}`));
  const beyond = (table: string, id: string) => (from ? Prisma.sql` and (${Prisma.raw(`${table}.at, ${table}.${id}`)}) ${Prisma.raw(down ? "<" : ">")} (${at}, ${from.id}::uuid)` : Prisma.empty);
  const eventRows = selection.events === null ? [] : await db.$queryRaw<EventRow[]>`select ${eventColumns} from audit_event e where ${all(selection.events)}${beyond("e", "event_id")} order by e.${order("event_id")} limit ${take}`;
  const recordRows = selection.records === null ? [] : await db.$queryRaw<RecordRow[]>`select ${recordColumns} from ${recordTables} where ${all(selection.records)}${beyond("r", "id")} order by r.${order("id")} limit ${take}`;
  const events = eventRows.map(storedEvent);
  const names = await namesOf(scope, directory, events);
  const entries: Entry[] = [...events.map((event) => ({ line: lineOfEvent(event, names), event })), ...recordRows.map((row) => ({ line: lineOfRecord(recordEvent(row), names), event: null }))];
  const first = ({ line: a }: Entry, { line: b }: Entry) => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  return entries.toSorted((a, b) => (down ? first(b, a) : first(a, b))).slice(0, take);
}

/**
 * One page of what a query selects. `before`: what is older than that place; `after`: what is newer. Words that are no query are left
 * out. Throws Refusal `forbidden`, `audit_slow`.
 */
export async function listAudit(actor: Actor, { query, before = null, after = null }: { query: string; before?: Cursor | null; after?: Cursor | null }, clock: Clock = systemClock, db: Database = database()): Promise<AuditPage> {
  authorize(actor, "audit.read");
  return read(actor, (scope) => bounded(scope, limits.auditSearchMs, async () => {
    const asked = parseQuery(query);
    const directory = await directoryOf(scope, asked);
    const selection = selectionOf(asked, directory, actor.mspId, clock.now().getTime());
    const down = after === null;
    const found = (await someEntries(scope, selection, directory, { from: after ?? before, down, take: pageSize + 1 })).map(({ line }) => line);
    const more = found.length > pageSize;
    const lines = down ? found.slice(0, pageSize) : found.slice(0, pageSize).toReversed();
    const [first, last] = [lines.at(0), lines.at(-1)];
    return { lines, older: last && (more || !down) ? writeCursor(last) : null, newer: first && (down ? before !== null : more) ? writeCursor(first) : null, named: namedIn(asked, directory) };
  }), db);
}

function namedIn({ terms }: Query, { clients, people }: Directory): Record<string, string> {
  const ids = new Set(terms.filter(({ value }) => isUuid(value)).map(({ value }) => value.toLowerCase()));
  return Object.fromEntries([...clients, ...people].filter(({ id }) => ids.has(id)).map(({ id, name }) => [id, name]));
}

/** Names for the bar's suggestions. */
export async function auditNames(actor: Actor, db: Database = database()): Promise<{ clients: { id: string; name: string }[]; people: { id: string; name: string }[] }> {
  authorize(actor, "audit.read");
  const { clients, people } = await read(actor, (scope) => directoryOf(scope), db);
  return { clients: clients.map(({ id, name }) => ({ id, name })), people: [...people] };
}
