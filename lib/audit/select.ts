/** A query as conditions on the two tables it selects from: events of vaults, and our own records. Pure, but for the names it is given. */
import { Prisma } from "#prisma/generated/client.ts";
import { fold } from "../find/fold.ts";
import { ACTIONS, type Outcome } from "../protocol/messages.ts";
import { recordActions } from "../record/action.ts";
import { kindOf, nounOf } from "./kind.ts";
import { actionsThat } from "./outcome.ts";
import { isUuid, windowOf, type OutcomeWord, type Qualifier, type Query, type Term } from "./query.ts";

export type Directory = {
  readonly clients: readonly { id: string; name: string; aliases: readonly string[] }[];
  readonly people: readonly { id: string; name: string }[];
  /** All names at events that a text is a part of; undefined: so many that going through the events finds some soon, or not asked for. */
  readonly named: ReadonlyMap<string, readonly string[]>;
};
/** Conditions after "where", each true of what is meant; null: nothing of this table can be meant. */
export type Selection = { readonly events: readonly Prisma.Sql[] | null; readonly records: readonly Prisma.Sql[] | null };

const { sql } = Prisma;
const outcomeNames: Readonly<Record<OutcomeWord, Outcome>> = { done: "success", refused: "denied", failed: "failure" };
/** How late an event may come after its time by our clock (lib/audit/event.ts): partitions are cut by when it came. */
const slack = 300_000;

const clientIds = ({ clients }: Directory, value: string): string[] => (isUuid(value) ? [value.toLowerCase()] : clients.filter(({ name, aliases }) => [name, ...aliases].some((one) => fold(one).includes(fold(value)))).map(({ id }) => id));
const personIds = ({ people }: Directory, value: string): string[] => (isUuid(value) ? [value.toLowerCase()] : people.filter(({ name }) => fold(name).includes(fold(value))).map(({ id }) => id));

/** One of them is asked for as itself: only then does an index that begins with it give its lines in the order of the table. */
const among = (column: string, ids: readonly string[], type: "uuid" | "text"): Prisma.Sql => {
  const [name, cast] = [Prisma.raw(column), Prisma.raw(type)];
  return ids.length === 1 ? sql`${name} = ${ids[0]!}::${cast}` : sql`${name} = any(${ids}::${cast}[])`;
};

type Sides = { events: Prisma.Sql | null; records: Prisma.Sql | null };
const never: Sides = { events: null, records: null };

/** Texts that may be a part of an acting name: those that {@link Directory.named} is to know. */
export const spokenOf = ({ terms }: Query): string[] => [...new Set(terms.filter(({ key }) => key === null || key === "person").map(({ value }) => value))];
export const pattern = (value: string): string => `%${value.replaceAll(/[\\%_]/g, "\\$&")}%`;
/** Events of whoever is called so; null: nobody is. */
function calledSo(values: readonly string[], { named }: Directory): Prisma.Sql | null {
  const names = values.map((value) => named.get(value));
  if (names.includes(undefined)) return sql`e.actor_name ilike any(${values.map(pattern)}::text[])`;
  const whole = [...new Set(names.flatMap((some) => some ?? []))];
  return whole.length === 0 ? null : sql`e.actor_name = any(${whole}::text[])`;
}
const either = (ways: readonly (Prisma.Sql | null)[]): Prisma.Sql | null => {
  const some = ways.filter((way) => way !== null);
  return some.length === 0 ? null : sql`(${Prisma.join(some, " or ")})`;
};

/** One qualifier's terms, any of them. null on a side: no row of it can be meant. */
function sidesOf(key: Qualifier | null, values: readonly string[], directory: Directory): Sides {
  switch (key) {
    case "client": {
      const ids = [...new Set(values.flatMap((value) => clientIds(directory, value)))];
      return ids.length === 0 ? never : { events: among("e.client_id", ids, "uuid"), records: among("l.client_id", ids, "uuid") };
    }
    case "person": {
      const ids = [...new Set(values.flatMap((value) => personIds(directory, value)))];
      // Nobody here is called so: it may be one of the client's own people, of whom there is only a name.
      if (ids.length === 0) return { events: calledSo(values, directory), records: sql`r.actor_name ilike any(${values.map(pattern)}::text[])` };
      return { events: among("e.person_id", ids, "uuid"), records: among("r.actor_id", ids, "text") };
    }
    case "about": {
      const ids = [...new Set(values.flatMap((value) => personIds(directory, value)))];
      return ids.length === 0 ? never : { events: among("e.target_person_id", ids, "uuid"), records: among("l.person_id", ids, "uuid") };
    }
    case "kind": {
      const asked = values.flatMap((value) => kindOf(value) ?? []);
      const events = asked.flatMap(({ actions }) => actions);
      const records = recordActions.filter((action) => asked.some(({ noun }) => noun !== null && noun === nounOf(action)));
      return { events: events.length === 0 ? null : sql`e.action = any(${events}::text[])`, records: records.length === 0 ? null : sql`r.action = any(${records}::text[])` };
    }
    case "outcome": {
      const asked = values.map((value) => outcomeNames[value as OutcomeWord]);
      const actions = asked.flatMap(actionsThat);
      // An action of a newer release counts as done.
      const unknown = asked.includes("success") ? sql` or r.action <> all(${recordActions}::text[])` : Prisma.empty;
      // "not success" is said as the partial index says it (0019), so that it serves.
      const events = asked.includes("success") ? sql`e.outcome = any(${asked}::text[])` : sql`(e.outcome <> 'success' and e.outcome = any(${asked}::text[]))`;
      return { events, records: sql`(r.action = any(${actions}::text[])${unknown})` };
    }
    case "actor": return { events: sql`e.actor_kind = any(${values}::text[])`, records: sql`r.actor_kind = any(${values}::text[])` };
    case "source": return { events: values.includes("vault") ? sql`true` : null, records: values.includes("console") ? sql`true` : null };
    case "entry": return { events: sql`(e.target_kind = 'entry' and ${among("e.target_id", values, "text")})`, records: null };
    case "token": {
      const numbers = values.filter((value) => /^\d{1,9}$/.test(value)).map(Number);
      const uids = values.filter((value) => !/^\d{1,9}$/.test(value));
      return { events: either([numbers.length > 0 ? sql`e.agent_id = any(${numbers}::int[])` : null, uids.length > 0 ? sql`e.agent_uid = any(${uids}::text[])` : null, uids.length > 0 ? sql`e.target_id = any(${uids}::text[])` : null]), records: null };
    }
    case "ip": return { events: among("e.ip", values, "text"), records: null };
    case "plan": return { events: among("e.plan_id", values, "uuid"), records: among("l.plan_id", values, "uuid") };
    case "vault": return { events: among("e.vault_ref", values, "uuid"), records: among("l.vault_ref", values, "uuid") };
    case "stream": return { events: sql`e.stream = any(${values}::text[])`, records: null };
    case "fault": return { events: sql`e.fault is not null`, records: null };
    case "since":
    case "until": return { events: sql`true`, records: sql`true` };
    case null: {
      const clients = values.flatMap((value) => clientIds(directory, value));
      const people = values.flatMap((value) => personIds(directory, value));
      const like = values.map(pattern);
      const actions = ACTIONS.filter((action) => values.some((value) => action.includes(value.toLowerCase())));
      // What nothing is called is not asked for: each way that is left has its index, or finds some soon.
      const events = either([
        clients.length > 0 ? among("e.client_id", clients, "uuid") : null, people.length > 0 ? among("e.person_id", people, "uuid") : null, calledSo(values, directory), actions.length > 0 ? sql`e.action = any(${actions}::text[])` : null,
      ]);
      const records = either([clients.length > 0 ? among("l.client_id", clients, "uuid") : null, people.length > 0 ? among("r.actor_id", people, "text") : null, sql`r.actor_name ilike any(${like}::text[])`, sql`r.action ilike any(${like}::text[])`]);
      return { events, records };
    }
  }
}

/** Conditions of one query. Free words all have to be meant; other qualifiers, any of their values. */
export function selectionOf({ terms }: Query, directory: Directory, mspId: string, now: number): Selection {
  const { since, until } = windowOf({ terms, problems: [] }, now);
  let events: Prisma.Sql[] | null = [sql`e.msp_id = ${mspId}::uuid`];
  let records: Prisma.Sql[] | null = [sql`r.msp_id = ${mspId}::uuid`];
  if (since !== null) {
    events.push(sql`e.at >= ${new Date(since)}`, sql`e.received_at >= ${new Date(since - slack)}`);
    records.push(sql`r.at >= ${new Date(since)}`);
  }
  if (until !== null) {
    events.push(sql`e.at < ${new Date(until)}`);
    records.push(sql`r.at < ${new Date(until)}`);
  }
  const groups = new Map<string, Term[]>();
  for (const [at, term] of terms.entries()) {
    const group = term.key === null || term.not ? `${at}` : term.key;
    groups.set(group, [...(groups.get(group) ?? []), term]);
  }
  for (const group of groups.values()) {
    const [{ key, not }] = group as [Term];
    const sides = sidesOf(key, group.map(({ value }) => value), directory);
    if (not) {
      if (events && sides.events) events.push(sql`(${sides.events}) is not true`);
      if (records && sides.records) records.push(sql`(${sides.records}) is not true`);
    } else {
      if (events) events = sides.events ? [...events, sides.events] : null;
      if (records) records = sides.records ? [...records, sides.records] : null;
    }
  }
  return { events, records };
}
export const all = (conditions: readonly Prisma.Sql[]): Prisma.Sql => Prisma.join([...conditions], " and ");

/** The clients whose lines a query can mean, by its qualifiers of clients alone. */
export function clientsMeant({ terms }: Query, directory: Directory): Set<string> {
  const named = terms.filter(({ key }) => key === "client");
  const wanted = named.filter(({ not }) => !not).flatMap(({ value }) => clientIds(directory, value));
  const meant = new Set(named.some(({ not }) => !not) ? wanted : directory.clients.map(({ id }) => id));
  for (const { value } of named.filter(({ not }) => not)) for (const id of clientIds(directory, value)) meant.delete(id);
  return meant;
}
