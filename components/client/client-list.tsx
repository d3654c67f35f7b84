"use client";
import { FileSpreadsheet, Plus } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useShell } from "#components/shell/shell-context.tsx";
import { Badge, Code } from "#components/ui/badge.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Button } from "#components/ui/button.tsx";
import { Glyph } from "#components/ui/glyph.tsx";
import { Name } from "#components/ui/name.tsx";
import { Slots, SlotWords } from "#components/ui/slots.tsx";
import { Empty } from "#components/ui/states.tsx";
import { compareSortValues, type SortValue } from "#components/ui/table-order.ts";
import { Table, type Column, type Sort } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { conditions } from "#lib/client/condition.ts";
import { blameFor, choicesOf, clientHealths, clientProbes, clientStates, filterClients, noFilter, type ClientFilter } from "#lib/client/filter.ts";
import type { ClientLine } from "#lib/client/list.ts";
import { probeWords } from "#lib/client/probe-words.ts";
import { ClientFilters, type FilterPart } from "./client-filters.tsx";
import { ConditionMark } from "./condition-mark.tsx";
import { planCode, planName, STATE_WORDS } from "./words.ts";

/** Rows drawn at once: more is scrolling without reading. */
const STEP = 100;

// `state=not-blind` is what the closed eye at the foot of the navigation asks for.
const QUERY = {
  q: parseAsString.withDefault(""), tag: parseAsArrayOf(parseAsString).withDefault([]), plan: parseAsString, health: parseAsStringLiteral(clientHealths), state: parseAsStringLiteral([...clientStates, "not-blind"] as const), probe: parseAsStringLiteral(clientProbes),
  drift: parseAsStringLiteral(["open"] as const), free: parseAsStringLiteral(["0"] as const), sort: parseAsString.withDefault("name"),
};

const fullness = ({ tokens }: ClientLine): number | null => (tokens === null || tokens.limit === null ? null : tokens.used / Math.max(1, tokens.limit));

const VALUES: Record<string, (line: ClientLine) => SortValue> = {
  name: (line) => `${line.name} ${line.place ?? ""}`, plan: (line) => planName(line.plan), tokens: fullness, vault: (line) => conditions.indexOf(line.condition), people: (line) => line.people, drift: (line) => -line.drift, read: (line) => line.readAt, state: (line) => clientStates.indexOf(line.state),
};

/** One line: the word, and where to go on with what is not finished. */
function StateOf({ line }: { line: ClientLine }) {
  return (
    <span className="whitespace-nowrap">
      <span className={line.state === "connected" ? "text-text-2" : "font-medium"}>{STATE_WORDS[line.state]}</span>
      {line.step ? (
        <>
          <span className="text-text-3">, </span>
          <Link href={`/clients/${line.id}/connect`} prefetch={false} data-hint={line.step.words} className="rounded-in text-text-2 underline decoration-line-control underline-offset-2 hover:text-text" aria-label={`${line.step.verb}: ${line.name}. ${line.step.words}`}>{line.step.verb.charAt(0).toLowerCase() + line.step.verb.slice(1)}</Link>
        </>
      ) : null}
    </span>
  );
}

const columns = (now: number): Column<ClientLine>[] => [
  {
    id: "name", header: "Client", width: "30%", value: VALUES.name!,
    cell: (line) => (
      <span className="grid min-w-0 gap-0.5 py-1.5">
        <Link href={`/clients/${line.id}`} prefetch={false} className="min-w-0 rounded-in font-medium hover:underline"><Name place={line.place}>{line.name}</Name></Link>
        <span className="hidden flex-wrap items-center gap-x-2 text-12 text-text-2 max-thumb:flex">{planName(line.plan)}{line.tokens ? <span>{line.tokens.used}{line.tokens.limit === null ? "" : ` of ${line.tokens.limit}`} tokens</span> : null}<ConditionMark kind={line.condition} />{line.drift > 0 ? <span className="text-attention-text">! {line.drift} changed</span> : null}</span>
        <span className="hidden text-12 max-thumb:block"><StateOf line={line} /></span>
      </span>
    ),
  },
  { id: "plan", header: "Plan", width: "64px", value: VALUES.plan!, hideBelow: "thumb", cell: (line) => <Code title={planName(line.plan)}>{planCode(line.plan)}</Code> },
  {
    id: "tokens", header: "Tokens", width: "132px", value: VALUES.tokens!, hideBelow: "thumb",
    cell: (line) => (line.tokens === null ? <span className="text-text-3">not known</span> : line.tokens.limit === null ? <span className="text-12 text-text-2">{line.tokens.used}, no limit</span> : <span className="flex items-center gap-2"><Slots used={line.tokens.used} limit={line.tokens.limit} /><span className="whitespace-nowrap">{line.tokens.used >= line.tokens.limit ? <span className="text-12 text-danger-text">{line.tokens.used} of {line.tokens.limit}, none free</span> : <SlotWords used={line.tokens.used} limit={line.tokens.limit} />}</span></span>),
  },
  { id: "vault", header: "Vault", width: "170px", value: VALUES.vault!, hideBelow: "thumb", cell: (line) => <span className="flex items-center gap-2"><ConditionMark kind={line.condition} />{line.vaults > 1 ? <span className="text-12 whitespace-nowrap text-text-3">{line.vaults} vaults</span> : null}</span> },
  {
    id: "probe", header: "Blind", width: "150px", hideBelow: "rail",
    cell: (line) => {
      if (line.state === "ended" || line.state === "new" || line.state === "asking") return null;
      const { shape, word } = probeWords(line.probe, now);
      return <span className="flex items-center gap-1.5 whitespace-nowrap" data-hint={line.probe.words ?? undefined}><Glyph state={shape} />{word}</span>;
    },
  },
  { id: "people", header: "People", align: "end", width: "76px", value: VALUES.people!, hideBelow: "rail", cell: (line) => <span className={line.people === 0 ? "text-text-3" : undefined}>{line.people}</span> },
  { id: "drift", header: "Drift", align: "end", width: "72px", value: VALUES.drift!, hideBelow: "thumb", cell: (line) => (line.drift === 0 ? <span className="text-text-3">none</span> : <Badge state="attention">{line.drift}</Badge>) },
  { id: "read", header: "Read", align: "end", width: "104px", value: VALUES.read!, hideBelow: "rail", cell: (line) => (line.readAt === null ? <span className="text-text-3">never</span> : <RelativeTime at={line.readAt} className="whitespace-nowrap text-text-2" />) },
  {
    id: "state", header: "State", width: "208px", value: VALUES.state!, hideBelow: "thumb",
    cell: (line) => <StateOf line={line} />,
  },
];

const parseSort = (text: string): Sort => {
  const by = text.replace(/^-/, "");
  return { by: by in VALUES ? by : "name", direction: text.startsWith("-") ? "down" : "up" };
};

/** Null and its like stand last both ways, as in the table's own ordering. */
function ordered(lines: readonly ClientLine[], { by, direction }: Sort): ClientLine[] {
  const value = VALUES[by]!;
  const sign = direction === "up" ? 1 : -1;
  return lines.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)];
    return left === null || right === null ? compareSortValues(left, right) : sign * compareSortValues(left, right);
  });
}

/** `more`: there are clients that are not in `lines`. `may`: what this person may do here. */
export function ClientList({ lines, more, now, may }: { lines: readonly ClientLine[]; more: boolean; now: number; may: { connect: boolean } }) {
  const router = useRouter();
  const shell = useShell();
  const [query, setQuery] = useQueryStates(QUERY, { history: "replace", clearOnDefault: true });
  const [drawn, setDrawn] = useState(STEP);
  const search = useRef<HTMLInputElement>(null);
  const filter = useMemo<ClientFilter>(
    () => ({ q: query.q, tags: query.tag, plan: query.plan, health: query.health, state: query.state === "not-blind" ? null : query.state, probe: query.state === "not-blind" ? "not-blind" : query.probe, drifted: query.drift === "open", full: query.free === "0" }),
    [query],
  );
  // A key is answered in the same frame; the rows follow as soon as there is time.
  const settled = useDeferredValue(filter);
  const sort = parseSort(query.sort);
  const found = useMemo(() => ordered(filterClients(lines, settled), parseSort(query.sort)), [lines, settled, query.sort]);
  const choices = useMemo(() => choicesOf(lines), [lines]);
  const table = useMemo(() => columns(now), [now]);
  const blame = found.length === 0 && lines.length > 0 ? blameFor(lines, settled) : null;

  const change = (part: FilterPart) => {
    setDrawn(STEP);
    void setQuery({
      ...("q" in part && { q: part.q === "" ? null : (part.q ?? null) }), ...("tags" in part && { tag: part.tags && part.tags.length > 0 ? [...part.tags] : null }), ...("plan" in part && { plan: part.plan ?? null }), ...("health" in part && { health: part.health ?? null }),
      ...("state" in part && { state: part.state ?? null }), ...("probe" in part && { probe: part.probe ?? null, ...(query.state === "not-blind" && { state: null }) }), ...("drifted" in part && { drift: part.drifted ? "open" : null }), ...("full" in part && { free: part.full ? "0" : null }),
    });
  };
  const clear = () => change(noFilter);

  const { singleKeys } = shell;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const at = event.target;
      if (event.key !== "/" || !singleKeys || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (at instanceof HTMLElement && (at.isContentEditable || at.matches("input, textarea, select") || at.closest('[role="dialog"], [role="menu"]'))) return;
      event.preventDefault();
      search.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [singleKeys]);

  if (lines.length === 0) return <NoClients may={may} />;
  const left = found.length - drawn;
  return (
    <>
      <ClientFilters filter={filter} choices={choices} change={change} search={search} blamed={blame?.off ?? null} />
      <p className="sr-only" role="status">{found.length === lines.length ? "" : `${found.length} of ${lines.length} clients`}</p>
      <div className="border-t border-line">
        <Table
          label="Clients" columns={table} rows={found.slice(0, drawn)} rowId={(line) => line.id} loading={false} error={null} onOpen={(line) => router.push(`/clients/${line.id}`)}
          sort={sort} onSort={({ by, direction }) => void setQuery({ sort: direction === "down" ? `-${by}` : by === "name" ? null : by })}
          empty={
            <Empty title="No client is left by that" actions={<><Button tone="ink" onClick={clear}>Clear all</Button>{blame ? <Button onClick={() => change({ [blame.off]: noFilter[blame.off] })}>Drop the marked one</Button> : null}</>}>
              {`None of ${lines.length.toLocaleString("en")} clients meets every condition.`}{blame ? ` Without the marked one there ${blame.found === 1 ? "is 1" : `are ${blame.found.toLocaleString("en")}`}.` : ""}
            </Empty>
          }
        />
      </div>
      {left > 0 ? <div className="px-gutter py-3"><Button onClick={() => setDrawn(drawn + STEP)}>{`Show ${Math.min(STEP, left)} more of ${found.length.toLocaleString("en")}`}</Button></div> : null}
      {more ? <p className="px-gutter py-3 text-text-2">{`Only the first ${lines.length.toLocaleString("en")} clients by name are listed here.`}</p> : null}
    </>
  );
}

/** What to do first, and the way for many. */
export function OnboardLinks() {
  return (
    <>
      <Link href="/clients/import" className={buttonClass({})}><FileSpreadsheet aria-hidden />Bring a CSV</Link>
      <Link href="/clients/new" className={buttonClass({ tone: "ink" })}><Plus aria-hidden />Onboard a client</Link>
    </>
  );
}

function NoClients({ may }: { may: { connect: boolean } }) {
  return (
    <Empty title="Connect your first client" actions={may.connect ? <OnboardLinks /> : undefined} className="border-t border-line">
      {may.connect ? "One tap by them, one by you. You will see who reaches what, and read nothing yourself." : "There is none yet. An owner of your organisation connects them; you will see who reaches what."}
    </Empty>
  );
}
