"use client";
/** What helps where a vault has no free token: each way with its price, and the one that can be staged here as a button. */
import Link from "next/link";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Money } from "#components/ui/money.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { Inspection } from "#lib/matrix/inspect.ts";
import { sign } from "#lib/matrix/stage.ts";
import { lendLead, moveUpLead, type WayLead } from "#lib/matrix/way-leads.ts";
import type { PricedWay, TokenHolder } from "#lib/matrix/ways.ts";
import type { MatrixModel } from "./model.ts";

const most = 3;

export function Ways({ model, cell, ways, may }: { model: MatrixModel; cell: number; ways: readonly PricedWay[]; may: Inspection["may"] }) {
  if (ways.length === 0) return null;
  const row = Math.floor(cell / model.facts.people.length);
  const cellOfHolder = ({ personId }: TokenHolder) => {
    const column = personId === null ? -1 : model.facts.people.findIndex(({ id }) => id === personId);
    return column < 0 ? -1 : row * model.facts.people.length + column;
  };
  return (
    <ul aria-label="Ways out" className="grid border-t border-line">
      {ways.flatMap((way) => {
        if (way.kind === "free") return way.rows.slice(0, most).map((holder) => {
          const at = cellOfHolder(holder);
          const gone = at >= 0 && model.stage.sign[at] === sign.revoke;
          return (
            <Way key={holder.uid} words={<>Free the token of <bdi>{holder.name}</bdi>, unused since <RelativeTime at={holder.unusedSince} /></>} price={null}>
              {model.canStage && at >= 0 ? <Button size="small" disabledReason={gone ? "It is staged already." : null} onClick={() => model.free(at)}>Stage −1</Button> : null}
            </Way>
          );
        });
        if (way.kind === "lend") return [<Way key="lend" words={<>Lend it for some hours: {way.from.slice(0, most).map(({ name }, at) => <span key={name}>{at > 0 ? ", " : ""}<bdi>{name}</bdi></span>)} {way.from.length === 1 ? "gives" : "give"} theirs and {way.from.length === 1 ? "gets" : "get"} it back, a tap at each end</>} price={null}>{may.lend ? <Lead of={lendLead} /> : null}</Way>];
        return [
          <Way key={way.plan} words={<>Move up to {way.name}</>} price={way.price === null ? <span className="text-text-3">no price published in {way.currency}</span> : <>+<Money of={{ minor: way.price, currency: way.currency }} minorUnits="whenNeeded" /> a year</>}>
            <Lead of={moveUpLead(way, may.money)} />
          </Way>,
        ];
      })}
    </ul>
  );
}

const Lead = ({ of: { href, label } }: { of: WayLead }) => <Link href={href} className={buttonClass({ size: "small" })}>{label}</Link>;

function Way({ words, price, children }: { words: React.ReactNode; price: React.ReactNode; children?: React.ReactNode }) {
  return (
    <li className="flex min-h-9 items-center gap-3 border-b border-line px-3.5 py-1.5 last:border-b-0">
      <span className="min-w-0 flex-1 text-pretty">{words}</span>
      <span className="shrink-0 text-12 whitespace-nowrap text-text-2">{price ?? "costs nothing"}</span>
      {children}
    </li>
  );
}
