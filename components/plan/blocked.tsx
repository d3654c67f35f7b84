import Link from "next/link";
import { Glyph } from "#components/ui/glyph.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import type { ShownFinding } from "#lib/plan/leads.ts";
import type { PlanView } from "#lib/plan/show.ts";
import type { PricedWay } from "#lib/matrix/ways.ts";
import { PricedWays } from "./priced-ways.tsx";

function Ways({ finding }: { finding: ShownFinding }) {
  if (finding.ways.length === 0) return null;
  return (
    <ul className="grid">
      {finding.ways.map(({ words, lead }) => (
        <li key={words} className="flex min-h-9 items-center gap-3 border-t border-line px-3.5 py-1 first:border-t-0 max-thumb:px-0">
          <span className="min-w-0 flex-1 text-pretty">{words}</span>
          {lead ? <Link href={lead.href} className={buttonClass({ size: "small" })}>{lead.label}</Link> : null}
        </li>
      ))}
    </ul>
  );
}

/** What was asked for and is not in the plan: the cause and the ways out, vault by vault. */
export function Blocked({ leftOut, ways, going, money }: { leftOut: PlanView["leftOut"]; ways: Readonly<Record<string, readonly PricedWay[]>>; going: number; money: boolean }) {
  if (leftOut.length === 0) return null;
  return (
    <section aria-labelledby="blocked-title" className="mx-gutter mb-4 overflow-hidden rounded-box border border-danger-line">
      <div className="flex items-center gap-2.5 bg-danger-soft px-3.5 py-2">
        <Glyph state="refused" />
        <h2 id="blocked-title" className="text-13 font-semibold text-danger-text">{leftOut.length} blocked</h2>
        <p className="min-w-0 text-pretty">{going === 1 ? "The other vault goes" : `The other ${going.toLocaleString("en")} vaults go`} without {leftOut.length === 1 ? "it" : "them"}. Choose a way out and plan {leftOut.length === 1 ? "it" : "them"} anew.</p>
      </div>
      <ul>
        {leftOut.map(({ vaultRef, name, findings }) => (
          <li key={vaultRef} className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] border-t border-line first:border-t-0 max-thumb:grid-cols-1">
            <div className="border-r border-line px-3.5 py-2 max-thumb:border-r-0">
              <b className="block font-semibold"><bdi>{name}</bdi></b>
              {findings.filter(({ weight }) => weight === "blocks").map(({ code, words }) => <span key={`${code} ${words}`} className="block text-pretty text-text-2">{words}</span>)}
            </div>
            <div className="max-thumb:px-3.5">{findings.filter(({ weight }) => weight === "blocks").map((finding) => (
              <div key={`${finding.code} ${finding.words}`} className="border-t border-line first:border-t-0">
                <Ways finding={finding} />
                {finding.needs ? <PricedWays client={name} ways={ways[vaultRef] ?? []} money={money} /> : null}
              </div>
            ))}</div>
          </li>
        ))}
      </ul>
    </section>
  );
}
