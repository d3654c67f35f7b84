"use client";
import { useMemo, useState } from "react";
import { ChangeSign, type Change } from "#components/ui/change-sign.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { Slots } from "#components/ui/slots.tsx";
import type { PlanLine, PlanView } from "#lib/plan/show.ts";

const SIGN: Record<PlanLine["change"], Change> = { grant: "grant", reissue: "alter", alter: "alter", revoke: "revoke", leave: "revoke", enrol: "grant", strike: "revoke", renew: "alter" };
const ORDER: readonly PlanLine["change"][] = ["leave", "strike", "revoke", "alter", "reissue", "renew", "grant", "enrol"];
const WORDS: Record<PlanLine["change"], { one: string; more: string; under: string }> = {
  leave: { one: "connection ends", more: "connections end", under: "our own row" },
  revoke: { one: "revoke", more: "revokes", under: "run first" },
  alter: { one: "change", more: "changes", under: "same token, another reach" },
  reissue: { one: "renewal", more: "renewals", under: "same row, a new token sealed to its owner’s key" },
  enrol: { one: "new signer", more: "new signers", under: "compare their letters by voice" },
  strike: { one: "signer struck", more: "signers struck", under: "for ever" },
  renew: { one: "token of ours renewed", more: "tokens of ours renewed", under: "each stays blind" },
  grant: { one: "grant", more: "grants", under: "new tokens, sealed to their owner’s key" },
};
/** Rows drawn at first; a plan may hold thousands. */
const FIRST = 200;

function Tokens({ tokens }: { tokens: PlanLine["tokens"] }) {
  if (tokens === null) return <span className="text-text-3">not known</span>;
  const { used, limit, by } = tokens;
  return (
    <span className="inline-flex items-center justify-end gap-2">
      {limit === null ? null : <Slots used={by > 0 ? used : Math.min(used, used + by)} limit={limit} staged={Math.max(0, by)} />}
      <span>{by === 0 ? used : `${used} → ${used + by}`}{limit === null ? "" : ` of ${limit}`}</span>
    </span>
  );
}

function Reach({ line }: { line: PlanLine }) {
  if (line.change === "renew") return <span className="text-text-2">another token, the same row</span>;
  if (line.change === "leave") return <span className="text-text-2">everything of ours</span>;
  return (
    <span className="text-pretty">
      {line.before === null ? null : <span className={line.after === null ? "text-danger-text line-through" : "text-text-2"}>{line.before}</span>}
      {line.before !== null && line.after !== null ? <span className="text-text-3"> → </span> : null}
      {line.after === null ? null : <span className={line.before === null && line.change === "grant" ? "text-accent-text" : "font-medium"}>{line.after}</span>}
    </span>
  );
}

/** Every operation of a plan, revokes on top, in the one alphabet of change. */
export function PlanLines({ plan }: { plan: PlanView }) {
  const [by, setBy] = useState<"client" | "person">("client");
  const [all, setAll] = useState(false);
  const groups = useMemo(() => {
    const name = (line: PlanLine) => (by === "client" ? line.client : (line.who ?? ""));
    const found = ORDER.map((change) => ({ change, lines: plan.lines.filter((line) => line.change === change).toSorted((a, b) => name(a).localeCompare(name(b))) })).filter(({ lines }) => lines.length > 0);
    const before = (place: number) => found.slice(0, place).reduce((sum, { lines }) => sum + lines.length, 0);
    return found.map((group, place) => ({ ...group, shown: all ? group.lines : group.lines.slice(0, Math.max(0, FIRST - before(place))) }));
  }, [plan.lines, by, all]);
  return (
    <section aria-labelledby="operations-title">
      <h2 id="operations-title" className="sr-only">Operations</h2>
      <div className="flex flex-wrap items-center gap-3 px-gutter py-3">
        {plan.kind === "change" ? <Segmented label="Order of the operations" choices={[{ value: "client", label: "By client" }, { value: "person", label: "By technician" }]} value={by} onChange={setBy} /> : null}
        <span className="text-text-3">
          {plan.lines.length.toLocaleString("en")} {plan.lines.length === 1 ? "operation" : "operations"} in {plan.counts.vaults.toLocaleString("en")} {plan.counts.vaults === 1 ? "vault" : "vaults"}
        </span>
      </div>
      <div className="overflow-x-auto">
        <table className="w-full border-separate border-spacing-0" aria-label="Operations of this plan, revokes first">
          <thead>
            <tr className="text-left text-12 text-text-3 [&>th]:h-8 [&>th]:border-b [&>th]:border-line [&>th]:px-3 [&>th]:font-medium [&>th:first-child]:pl-gutter [&>th:last-child]:pr-gutter">
              <th scope="col" className="w-10 pl-gutter"><span className="sr-only">Change</span></th>
              <th scope="col">{by === "client" ? "Client" : "Technician"}</th>
              <th scope="col">{by === "client" ? "Technician" : "Client"}</th>
              <th scope="col">Reach</th>
              <th scope="col" className="max-rail:hidden">Scope there</th>
              <th scope="col" className="text-right max-thumb:hidden">Tokens</th>
              <th scope="col" className="pr-gutter max-rail:hidden">Note</th>
            </tr>
          </thead>
          {groups.map(({ change, lines, shown }) => (
              <tbody key={change} className="[&_td]:h-9 [&_td]:border-b [&_td]:border-line [&_td]:px-3 [&_td:first-child]:pl-gutter [&_td:last-child]:pr-gutter">
                <tr className="bg-sunken">
                  <th scope="rowgroup" colSpan={7} className="h-9 border-b border-line px-3 pl-gutter text-left font-normal">
                    <ChangeSign change={SIGN[change]} /> <b className="font-semibold">{lines.length.toLocaleString("en")} {lines.length === 1 ? WORDS[change].one : WORDS[change].more}</b> <span className="text-text-3">{WORDS[change].under}</span>
                  </th>
                </tr>
                {shown.map((line) => {
                  const [first, second] = by === "client" ? [line.client, line.who] : [line.who, line.client];
                  return (
                    <tr key={line.id}>
                      <td><ChangeSign change={SIGN[line.change]} /></td>
                      <td className="max-w-[26ch] truncate font-medium" title={first ?? undefined}><bdi>{first ?? "our manager row"}</bdi></td>
                      <td className="max-w-[22ch] truncate text-text-2" title={second ?? undefined}><bdi>{second ?? "our manager row"}</bdi></td>
                      <td><Reach line={line} /></td>
                      <td className="mono text-text-3 max-rail:hidden">{line.numbers}</td>
                      <td className="num text-right max-thumb:hidden">{line.change === "leave" || plan.kind === "signers" || plan.kind === "renewal" ? null : <Tokens tokens={line.tokens} />}</td>
                      <td className="text-text-2 max-rail:hidden">{line.note}</td>
                    </tr>
                  );
                })}
              </tbody>
          ))}
        </table>
      </div>
      {!all && plan.lines.length > FIRST ? (
        <p className="px-gutter py-3"><button type="button" className="link" onClick={() => setAll(true)}>Show all {plan.lines.length.toLocaleString("en")}</button></p>
      ) : null}
    </section>
  );
}
