"use client";
import { Download, ListFilter, Radio, Star } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { lazy, Suspense, use, useMemo, useRef, useState, useTransition } from "react";
import type { ReactNode } from "react";
import { QueryBar } from "#components/find/query-bar.tsx";
import { useCommands, useShell } from "#components/shell/shell-context.tsx";
import { Button, IconButton } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { cx } from "#components/ui/class-names.ts";
import { Drawer } from "#components/ui/dialog.tsx";
import type { Failure as FailureOf, Outcome } from "#components/ui/failure.ts";
import { Glyph } from "#components/ui/glyph.tsx";
import { Menu, type MenuEntry } from "#components/ui/menu.tsx";
import { Name } from "#components/ui/name.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import type { AuditLine } from "#lib/audit/line.ts";
import type { AuditPage } from "#lib/audit/list.ts";
import { auditLanguage, suggest, usualQuery, type Names } from "#lib/audit/query.ts";
import type { Strip } from "#lib/audit/strip.ts";
import type { Tally } from "#lib/audit/tally.ts";
import type { AuditView } from "#lib/audit/view.ts";
import { CoverageStrip } from "./coverage.tsx";
import { Facets } from "./facets.tsx";
import { Histogram } from "./histogram.tsx";
import { Sentence } from "./sentence.tsx";
import { auditHref, clockTime, figure, markOf, openKey } from "./words.ts";
import { useKeys } from "./use-keys.ts";
import { useLive } from "./use-live.ts";
import type { Action } from "./windows.tsx";

const LineDetail = lazy(() => import("./detail.tsx"));
const SaveView = lazy(async () => ({ default: (await import("./windows.tsx")).SaveView }));
const ExportWindow = lazy(async () => ({ default: (await import("./windows.tsx")).ExportWindow }));

/** Searches that every organisation has from the start. */
const givenViews: readonly { name: string; query: string }[] = [
  { name: "Refused in the last day", query: "since:24h outcome:refused outcome:failed" },
  { name: "Tokens given and removed, 7 days", query: "since:7d kind:granted kind:removed kind:changed" },
  { name: "What we did, 7 days", query: "since:7d source:console -actor:worker" },
  { name: "One-time codes, 24 hours", query: "since:24h kind:code" },
  { name: "Breaks in a chain", query: "fault:any" },
];

export type AuditProps = {
  query: string;
  page: Outcome<AuditPage>;
  tally: Promise<Outcome<Tally>>;
  strip: Strip;
  views: readonly AuditView[];
  /** Of the line that is open. */
  opened: string | null;
  /** False: the newest lines are not on this page. */
  newest: boolean;
  now: number;
  may: { view: boolean; export: boolean };
  actions: { save: Action; remove: Action; ask: Action };
};
const noNames: Names = { clients: [], people: [] };

export function Audit({ query, page, tally, strip, views, opened, newest, now, may, actions }: AuditProps) {
  const router = useRouter();
  const { singleKeys } = useShell();
  const [moving, startMoving] = useTransition();
  const [typed, setTyped] = useState("");
  const [names, setNames] = useState(noNames);
  const [window, setWindow] = useState<"view" | "export" | "filters" | null>(null);
  const [open, setOpen] = useState(opened);
  const [exact, setExact] = useState<{ query: string; counted: Outcome<Tally> } | "counting" | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const table = useRef<HTMLDivElement>(null);
  const first = page.ok ? page.value : null;
  const live = useLive(query, first, newest);
  const lines = useMemo(() => (first ? [...live.fresh, ...first.lines] : []), [live.fresh, first]);
  const named = first?.named ?? {};

  const go = (next: string) => startMoving(() => router.push(auditHref(next), { scroll: false }));
  const show = (line: AuditLine) => {
    const key = openKey(line);
    const next = key === open ? null : key;
    setOpen(next);
    const here = new URL(location.href);
    if (next) here.searchParams.set("open", next);
    else here.searchParams.delete("open");
    history.replaceState(history.state, "", here);
  };
  const askNames = () => {
    if (names !== noNames) return;
    void fetch("/api/audit/names").then(async (response) => response.ok && setNames((await response.json()) as Names)).catch(() => undefined);
  };
  const count = async () => {
    setExact("counting");
    const response = await fetch(`/api/audit/count?${new URLSearchParams({ q: query }).toString()}`).catch(() => null);
    const body: unknown = await response?.json().catch(() => null);
    setExact(response ? { query, counted: response.ok ? { ok: true, value: body as Tally } : { ok: false, failure: body as FailureOf } } : null);
  };
  const focusTable = () => table.current?.querySelector<HTMLElement>("tr[data-row][tabindex='0']")?.focus();

  useKeys(singleKeys, (key) => {
    if (key === "/") field.current?.focus();
    else if (key === "l" && newest) live.set(!live.on);
    else if (key === "]" && first?.older) startMoving(() => router.push(auditHref(query, { before: first.older! })));
    else if (key === "[" && first?.newer) startMoving(() => router.push(auditHref(query, { after: first.newer! })));
    else if (key === "Escape" && open) setOpen(null);
    else return false;
    return true;
  });
  useCommands(useMemo(() => [...givenViews, ...views].map((view) => ({ id: `audit ${view.name}`, group: "Audit", label: view.name, detail: view.query, run: () => router.push(auditHref(view.query)) })), [router, views]), keysHelp);

  const counted = exact !== null && exact !== "counting" && exact.query === query ? exact.counted : null;
  const columns = columnsFor(now, open, query, show);
  return (
    <>
      <h1 className="sr-only">Audit</h1>
      <div className="flex flex-wrap items-center gap-2 px-gutter py-3">
        <QueryBar
          language={auditLanguage} suggest={(text, caret) => suggest(names, text, caret)} query={query} typed={typed} onTyped={setTyped} onQuery={go} onLeave={focusTable} field={field} show={({ value }) => named[value.toLowerCase()] ?? value} onFocus={askNames}
          label="Find in the audit" fieldLabel="Find: since, client, person, kind, outcome" placeholder="since: client: person: kind: outcome: entry: token: ip:"
          className="min-h-[34px] flex-1 basis-80 flex-wrap rounded-box border border-line-control bg-surface px-2.5 py-0.5 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent max-thumb:basis-full"
        />
        {/* Where there is no room beside the table (docs/audit-exports.md). */}
        <span className="hidden max-thumb:block"><Button icon={<ListFilter aria-hidden />} aria-haspopup="dialog" onClick={() => setWindow("filters")}>Filters</Button></span>
        <Suspense fallback={<Skeleton className="h-4 w-28" />}><Total tally={tally} counted={counted} counting={exact === "counting"} onCount={() => void count()} /></Suspense>
        <IconButton icon={<Radio aria-hidden />} label={newest ? (live.on ? "Stop following" : "Follow what happens") : "Only the newest page can be followed"} hintKeys="L" aria-pressed={live.on} tone={live.on ? "ink" : "plain"} disabledReason={newest ? null : "Go to the newest lines first."} onClick={() => live.set(!live.on)} />
        <Menu
          trigger={<Button icon={<Star aria-hidden />}>Views</Button>} link={(href) => <Link href={href} />}
          entries={[
            ...givenViews.map((view): MenuEntry => ({ kind: "link", label: view.name, href: auditHref(view.query) })), ...(views.length > 0 ? [{ kind: "line" } as const] : []),
            ...views.map((view): MenuEntry => ({ kind: "link", label: view.name, href: auditHref(view.query), detail: view.shared ? "shared" : "mine" })),
            ...(may.view ? [{ kind: "line" } as const, { kind: "deed" as const, label: "Save this view…", run: () => setWindow("view") }] : []),
            ...views.filter(({ mine, query: saved }) => may.view && mine && saved === query).map((view): MenuEntry => ({ kind: "deed", label: `Remove “${view.name}”`, danger: true, run: () => void removeView(view.id, actions.remove).then(() => router.refresh()) })),
          ]}
        />
        {may.export ? (
          <Menu
            trigger={<Button icon={<Download aria-hidden />}>Export</Button>} link={(href) => <Link href={href} />}
            entries={[{ kind: "deed", label: "Export what is selected…", run: () => setWindow("export") }, { kind: "link", label: "All exports", href: "/audit/exports" }]}
          />
        ) : null}
      </div>
      <CoverageStrip strip={strip} />
      <Suspense fallback={<div className="px-gutter pb-2"><Skeleton className="h-[64px] w-full" /></div>}><Bars tally={tally} counted={counted} query={query} now={now} /></Suspense>
      <div className="grid grid-cols-[212px_minmax(0,1fr)] border-t border-line max-rail:grid-cols-[176px_minmax(0,1fr)] max-thumb:grid-cols-1">
        <div className="border-r border-line px-2 py-3 pl-4 max-thumb:hidden">
          <Suspense fallback={<FacetsLoading />}><Narrow tally={tally} counted={counted} query={query} /></Suspense>
        </div>
        <div ref={table} className={cx("min-w-0", moving && "opacity-60")} aria-busy={moving || undefined}>
          {live.waiting > 0 ? <p className="border-b border-line bg-info-soft px-gutter py-1.5 text-12 text-info-text" role="status">{live.on ? `${live.waiting.toLocaleString("en")} new since you follow` : `${live.waiting.toLocaleString("en")} new`}</p> : null}
          <Table
            label="What happened, newest first" columns={columns} rows={lines} rowId={openKey} loading={false} onOpen={show}
            error={page.ok ? null : page.failure} retry={<Link href={auditHref(usualQuery)} className={buttonClass({})}>Back to the last day</Link>}
            detail={(line) => (openKey(line) === open ? <Suspense fallback={<Skeleton className="h-32 w-full" />}><LineDetail line={line} /></Suspense> : null)}
            empty={<Empty title="Nothing matches" actions={query === usualQuery || query === "" ? undefined : <Link href={auditHref(usualQuery)} className={buttonClass({})}>Show the last day</Link>}>{query === usualQuery ? "In the last 24 hours no vault wrote anything and nobody did anything here. Take the condition off to see all of it." : "No line of any vault and none of our own fits what the bar asks. Take a condition off."}</Empty>}
          />
          {first && (first.older || first.newer) ? (
            <nav aria-label="Pages" className="flex items-center gap-2 border-t border-line px-gutter py-3">
              {first.newer ? <Link href={auditHref(query, { after: first.newer })} className={buttonClass({ size: "small" })}>Newer</Link> : null}
              {newest ? null : <Link href={auditHref(query)} className={buttonClass({ size: "small", tone: "quiet" })}>Newest</Link>}
              {first.older ? <Link href={auditHref(query, { before: first.older })} className={cx(buttonClass({ size: "small" }), "ml-auto")}>Older</Link> : <span className="ml-auto text-12 text-text-3">This is the oldest.</span>}
            </nav>
          ) : null}
        </div>
      </div>
      <Drawer open={window === "filters"} onOpenChange={(next) => next || setWindow(null)} title="Filters" description="Each takes its condition on, or off when it is on.">
        <Suspense fallback={<FacetsLoading />}><Narrow tally={tally} counted={counted} query={query} /></Suspense>
      </Drawer>
      <Suspense>
        {window === "view" ? <SaveView open onClose={() => setWindow(null)} query={query} save={actions.save} /> : null}
        {window === "export" ? <ExportWindow open onClose={() => setWindow(null)} query={query} ask={actions.ask} /> : null}
      </Suspense>
    </>
  );
}

const keysHelp = [
  { group: "Audit", keys: ["/"], words: "find" },
  { group: "Audit", keys: ["L"], words: "follow what happens" },
  { group: "Audit", keys: ["["], words: "newer page" },
  { group: "Audit", keys: ["]"], words: "older page" },
  { group: "Audit", keys: ["Esc"], words: "close the line" },
];

function columnsFor(now: number, open: string | null, query: string, show: (line: AuditLine) => void): Column<AuditLine>[] {
  return [
    { id: "at", header: "Time, UTC", width: "130px", hideBelow: "thumb", cell: (line) => <Link href={auditHref(query, { open: openKey(line) })} prefetch={false} aria-expanded={openKey(line) === open} className="mono text-12 whitespace-nowrap text-text-2 hover:underline" onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          show(line);
        }}>{clockTime(line.at, now)}</Link> },
    { id: "mark", header: "State", silent: true, width: "28px", hideBelow: "thumb", cell: (line) => <Mark line={line} /> },
    {
      id: "what", header: "What happened", width: "70%", cell: (line) => (
        <>
          <span className="flex min-w-0 items-start gap-2"><span className="hidden pt-[3px] empty:hidden! max-thumb:block"><Mark line={line} /></span><span className="min-w-0 flex-1"><Sentence parts={line.parts} /></span></span>
          <span className="hidden items-baseline justify-between gap-2 text-12 text-text-3 max-thumb:flex"><bdi className="min-w-0 truncate">{line.client?.name ?? "Our own record"}</bdi><span className="mono text-11">{clockTime(line.at, now)}</span></span>
        </>
      ),
    },
    { id: "client", header: "Client", width: "30%", hideBelow: "thumb", cell: (line) => (line.client ? <Name>{line.client.name}</Name> : <span className="text-text-3">our own record</span>) },
    { id: "number", header: "Number", align: "end", width: "96px", hideBelow: "rail", cell: (line) => <span className="mono text-12 text-text-3">{line.place.seq?.toLocaleString("en") ?? ""}</span> },
  ];
}

function Mark({ line }: { line: AuditLine }) {
  const mark = markOf(line);
  return mark ? <Glyph state={mark.state} label={mark.words} /> : null;
}

type Counting = { tally: Promise<Outcome<Tally>>; counted: Outcome<Tally> | null };
function Total({ tally, counted, counting, onCount }: Counting & { counting: boolean; onCount: () => void }) {
  const given = use(tally);
  const shown = counted ?? given;
  if (!shown.ok) return <span className="text-12 text-text-3" data-hint={shown.failure.detail}>not counted</span>;
  return (
    <span className="flex items-center gap-1.5 whitespace-nowrap text-text-2">
      <span>{`${figure(shown.value.total, shown.value.exact)} ${shown.value.total === 1 ? "line" : "lines"}`}</span>
      {shown.value.exact ? null : <Button size="small" tone="quiet" pending={counting ? "Counting" : null} onClick={onCount}>Count all</Button>}
    </span>
  );
}
function Bars({ tally, counted, query, now }: Counting & { query: string; now: number }) {
  const given = use(tally);
  const shown = counted?.ok ? counted : given;
  return shown.ok ? <Histogram tally={shown.value} query={query} now={now} /> : null;
}
function Narrow({ tally, counted, query }: Counting & { query: string }) {
  const given = use(tally);
  const shown = counted?.ok ? counted : given;
  return shown.ok ? <Facets tally={shown.value} query={query} /> : <p className="px-2 text-12 text-text-3">{shown.failure.detail} {shown.failure.remedy}</p>;
}
function FacetsLoading(): ReactNode {
  return <div className="grid gap-2 px-2">{["w-20", "w-36", "w-32", "w-40", "w-24", "w-[150px]", "w-28"].map((width) => <Skeleton key={width} className={width} />)}</div>;
}

async function removeView(id: string, remove: Action): Promise<void> {
  const form = new FormData();
  form.set("id", id);
  await remove(null, form);
}
