/**
 * The audit's bar: `since:24h client:acme person:"Priya Raman" kind:read outcome:refused -actor:agent`. The same qualifier twice means
 * either; a minus leaves out. What it selects in the database is lib/audit/select.ts.
 */
import * as language from "../find/language.ts";
import * as find from "../find/suggest.ts";
import { kindOf, kinds } from "./kind.ts";

export const qualifiers = ["since", "until", "client", "person", "about", "kind", "outcome", "actor", "source", "entry", "token", "ip", "plan", "vault", "stream", "fault"] as const;
export type Qualifier = (typeof qualifiers)[number];
export type Term = language.Term<Qualifier>;
export type Query = language.Query<Qualifier>;

export const outcomes = ["done", "refused", "failed"] as const;
export type OutcomeWord = (typeof outcomes)[number];
export const actors = ["human", "extension", "agent", "system", "anonymous", "person", "worker", "operator"] as const;
const sources = ["vault", "console"];
const streams = ["primary", "backup"];

export const words: Readonly<Record<Qualifier, string>> = {
  since: "from when: 3h, 7d, 2026-11-20, 2026-11-20T14:00", until: "up to when, written like since", client: "a client’s name or alias", person: "who did it, a member’s name", about: "whom it is about, a member’s name", kind: "read, code, search, granted, removed …",
  outcome: "done, refused, failed", actor: "human, extension, agent, system, person, worker …", source: "vault or console: the clients’ logs or our own records", entry: "an entry’s uid", token: "a row’s number or uid in its vault", ip: "an address",
  plan: "a plan’s id", vault: "a vault’s reference", stream: "primary or backup", fault: "any: events that break their chain",
};

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** What `since:` and `until:` take, in epoch milliseconds; null when it is no time. Dates and times are UTC. */
export function momentOf(text: string, now: number): number | null {
  const ago = /^(\d{1,4})([mhdw])$/.exec(text);
  if (ago) return now - Number(ago[1]) * units[ago[2]!]!;
  const date = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)Z?)?$/i.exec(text);
  const at = date ? Date.parse(`${date[1]}T${date[2] ?? "00:00"}Z`) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
/** A moment as the bar writes it: to the minute where it is whole. */
export function writeMoment(at: number): string {
  const iso = new Date(at).toISOString();
  return at % 86_400_000 === 0 ? iso.slice(0, 10) : at % 60_000 === 0 ? iso.slice(0, 16) : iso.slice(0, 23);
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const isUuid = (text: string): boolean => uuid.test(text);
const oneOf = (all: readonly string[], value: string, what: string): string | null => (all.includes(value.toLowerCase()) ? null : `There is no ${what} “${value}”. There are ${all.join(", ")}.`);

function wrong(key: Qualifier, value: string): string | null {
  switch (key) {
    case "since":
    case "until": return momentOf(value, 0) === null ? `“${value}” is no time; write 3h, 7d, 2026-11-20 or 2026-11-20T14:00.` : null;
    case "kind": return kindOf(value.toLowerCase()) ? null : `There is no kind “${value}”. There are ${kinds.map(({ id }) => id).filter((id) => !id.startsWith("our-")).join(", ")}, and our-… for our own records.`;
    case "outcome": return oneOf(outcomes, value, "outcome");
    case "actor": return oneOf(actors, value, "actor");
    case "source": return oneOf(sources, value, "source");
    case "stream": return oneOf(streams, value, "stream");
    case "fault": return oneOf(["any"], value, "fault");
    case "plan":
    case "vault": return isUuid(value) ? null : `“${value}” is no id; follow a link from the ${key}.`;
    case "ip": return /^[0-9a-f.:/]{2,60}$/i.test(value) ? null : `“${value}” is no address.`;
    case "client":
    case "person":
    case "about":
    case "entry":
    case "token": return value.length > 200 ? "That is too long to be a name." : null;
  }
}

const lower: ReadonlySet<Qualifier> = new Set(["kind", "outcome", "actor", "source", "stream", "fault", "since", "until", "plan", "vault", "ip"]);
export const auditLanguage: language.Language<Qualifier> = { qualifiers, words, wrong, kept: (key, value) => (lower.has(key) ? value.toLowerCase().replace("t", key === "since" || key === "until" ? "T" : "t") : value) };
export const parseQuery = (text: string): Query => language.parseQuery(auditLanguage, text);

/** What an address without a query shows: the last day, whose counts and bars cost little however large the whole is. */
export const usualQuery = "since:24h";

/** The window of a query, epoch milliseconds; null where it is open. The last of two counts. */
export function windowOf({ terms }: Query, now: number): { since: number | null; until: number | null } {
  const last = (key: Qualifier) => terms.findLast((term) => term.key === key && !term.not)?.value;
  const at = (value: string | undefined) => (value === undefined ? null : momentOf(value, now));
  return { since: at(last("since")), until: at(last("until")) };
}
/** The same query in another window; null leaves an end open. */
export function inWindow({ terms }: Query, since: number | null, until: number | null): string {
  const time = (key: "since" | "until", at: number | null): Term[] => (at === null ? [] : [{ key, value: writeMoment(at), not: false }]);
  return language.writeQuery([...time("since", since), ...time("until", until), ...terms.filter(({ key }) => key !== "since" && key !== "until")]);
}
/** The query with a term taken on, or off when it is there. */
export function toggled({ terms }: Query, term: Term): string {
  const same = (one: Term) => one.key === term.key && one.value === term.value && one.not === term.not;
  return language.writeQuery(terms.some(same) ? terms.filter((one) => !same(one)) : [...terms, term]);
}

export type Names = { readonly clients: readonly { id: string; name: string }[]; readonly people: readonly { id: string; name: string }[] };
export function suggest(names: Names, text: string, caret: number): find.Suggestion[] {
  const plainValues = (all: readonly string[]) => all.map((value) => ({ value, detail: "" }));
  const values = (key: Qualifier): readonly find.Value[] => {
    switch (key) {
      case "client": return plainValues(names.clients.map(({ name }) => name));
      case "person":
      case "about": return plainValues(names.people.map(({ name }) => name));
      case "kind": return kinds.map(({ id, label }) => ({ value: id, detail: label }));
      case "outcome": return plainValues(outcomes);
      case "actor": return plainValues(actors);
      case "source": return plainValues(sources);
      case "stream": return plainValues(streams);
      case "fault": return plainValues(["any"]);
      case "since": return plainValues(["1h", "3h", "24h", "7d", "30d", "52w"]);
      case "until": return plainValues(["1h", "24h", "7d"]);
      case "entry":
      case "token":
      case "ip":
      case "plan":
      case "vault": return [];
    }
  };
  return find.suggest(auditLanguage, values, [{ key: "client", most: 4, detail: "client" }, { key: "person", most: 3, detail: "member" }], text, caret);
}
