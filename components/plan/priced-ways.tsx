/** The ways out of a vault without room, each with what it costs, as the matrix shows them; here they lead there. */
import Link from "next/link";
import type { ReactNode } from "react";
import { buttonClass } from "#components/ui/button-class.ts";
import { Money } from "#components/ui/money.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { lendLead, moveUpLead } from "#lib/matrix/way-leads.ts";
import type { PricedWay } from "#lib/matrix/ways.ts";

const most = 3;
const quoted = (text: string) => `"${text.replaceAll('"', "")}"`;
const inMatrix = (client: string, person: string) => `/matrix?q=${encodeURIComponent(`client:${quoted(client)} tech:${quoted(person)}`)}`;

function Line({ words, price, lead }: { words: ReactNode; price: ReactNode; lead: { href: string; label: string } }) {
  return (
    <li className="flex min-h-9 items-center gap-3 border-t border-line px-3.5 py-1 first:border-t-0 max-thumb:px-0">
      <span className="min-w-0 flex-1 text-pretty">{words}</span>
      <span className="shrink-0 text-12 whitespace-nowrap text-text-2">{price}</span>
      <Link href={lead.href} className={buttonClass({ size: "small" })}>{lead.label}</Link>
    </li>
  );
}

export function PricedWays({ client, ways, money }: { client: string; ways: readonly PricedWay[]; /** Sees what clients pay. */ money: boolean }) {
  if (ways.length === 0) return <p className="px-3.5 py-2 text-pretty max-thumb:px-0">Since then room was made, or nothing is known that would make it. Plan it anew to see.</p>;
  return (
    <ul aria-label={`Ways out for ${client}`} className="grid">
      {ways.flatMap((way) => {
        if (way.kind === "free") return way.rows.slice(0, most).map((holder) => <Line key={holder.uid} words={<>Free the token of <bdi>{holder.name}</bdi>, unused since <RelativeTime at={holder.unusedSince} /></>} price="costs nothing" lead={{ href: inMatrix(client, holder.name), label: "In the matrix" }} />);
        if (way.kind === "lend") return [<Line key="lend" words={<>Lend it for some hours: {way.from.slice(0, most).map(({ name }, at) => <span key={name}>{at > 0 ? ", " : ""}<bdi>{name}</bdi></span>)} {way.from.length === 1 ? "gives" : "give"} theirs and {way.from.length === 1 ? "gets" : "get"} it back</>} price="costs nothing" lead={lendLead} />];
        return [<Line key={way.plan} words={<>Move up to {way.name}</>} price={way.price === null ? `no price published in ${way.currency}` : <>+<Money of={{ minor: way.price, currency: way.currency }} minorUnits="whenNeeded" /> a year</>} lead={moveUpLead(way, money)} />];
      })}
    </ul>
  );
}
