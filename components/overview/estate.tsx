import Link from "next/link";
import { shortTime } from "#components/audit/words.ts";
import { isPlan, planOf } from "#lib/billing/plan.ts";
import type { Facts } from "#lib/overview/load.ts";
import type { Estate as Vault } from "#lib/overview/needs.ts";

type Kind = "quiet" | "failover" | "silent" | "drift" | "full" | "wrong";

/** Shape first, colour second: half filled, hollow, turned, notched, crossed. */
const KINDS: Record<Exclude<Kind, "quiet">, string> = { wrong: "Wrong or lapsed", failover: "Failover", silent: "No answer", drift: "Drift", full: "No free token" };

function kindOf({ state, health, probe, drifts, tokensUsed, tokensLimit }: Vault): Kind {
  if (state === "stopped" || health === "lying" || health === "lapsed" || probe === "not_blind") return "wrong";
  if (health === "failover") return "failover";
  if (health === "silent") return "silent";
  if (drifts > 0) return "drift";
  return tokensUsed !== null && tokensLimit !== null && tokensUsed >= tokensLimit ? "full" : "quiet";
}

const DRAWN: Record<Kind, string> = {
  quiet: "bg-line-strong",
  failover: "bg-[linear-gradient(90deg,var(--info-solid)_50%,var(--info-soft)_50%)] shadow-[inset_0_0_0_1.5px_var(--info-solid)]",
  silent: "shadow-[inset_0_0_0_1.5px_var(--info-solid)]",
  drift: "rotate-45 scale-[.82] bg-attention-solid",
  full: "bg-[linear-gradient(var(--attention-solid)_4px,var(--line-strong)_4px)]",
  wrong: "bg-danger-solid",
};
const Square = ({ kind, small }: { kind: Kind; small?: boolean }) => <i aria-hidden className={`keeps-colour block rounded-[2px] ${small ? "size-[9px]" : "size-[13px]"} ${DRAWN[kind]}`} />;

/** Every vault as one square by plan, and the estate in figures. */
export function Estate({ vaults, facts, now }: { vaults: readonly Vault[]; facts: Facts; now: number }) {
  const plans = [...Map.groupBy(vaults, ({ plan }) => plan)].toSorted(([, a], [, b]) => a.length - b.length);
  const kinds = Map.groupBy(vaults, kindOf);
  return (
    <section aria-label="The estate" className="flex flex-col gap-4 py-4 pr-gutter pl-5 max-thumb:pl-gutter">
      <div>
        <div className="mb-2.5 flex items-baseline gap-3">
          <h2>{`${facts.vaults.toLocaleString("en")} ${facts.vaults === 1 ? "vault" : "vaults"}`}</h2>
          <span className="ml-auto text-12 text-text-3">{facts.takeChanges.toLocaleString("en")} take changes now</span>
        </div>
        {plans.map(([plan, rows]) => (
          <div key={plan} className="grid grid-cols-[76px_minmax(0,1fr)_32px] items-start gap-2 py-[3px] text-12">
            <span className="leading-[13px] whitespace-nowrap text-text-3">{isPlan(plan) ? planOf(plan).name : plan}</span>
            <span className="flex flex-wrap gap-[3px]">
              {rows.slice(0, 400).map((row) => (
                <Link key={row.vaultRef} href={`/clients/${row.clientId}`} data-hint={row.client} tabIndex={-1} aria-hidden className="block">
                  <Square kind={kindOf(row)} />
                </Link>
              ))}
            </span>
            <span className="text-right leading-[13px] text-text-2 tabular-nums">{rows.length}</span>
          </div>
        ))}
        <ul className="mt-2 grid grid-cols-2 gap-x-3 gap-y-0.5 text-12 text-text-2">
          {(Object.keys(KINDS) as (keyof typeof KINDS)[]).filter((kind) => kinds.has(kind)).map((kind) => (
            <li key={kind} className="flex items-center gap-[7px]">
              <Square kind={kind} small />
              {KINDS[kind]} {kinds.get(kind)!.length}
            </li>
          ))}
        </ul>
      </div>
      <dl className="grid grid-cols-[1fr_auto]">
        {[
          ["Grants in force", facts.grants], ["of them full access", facts.fullAccess], ["Ending within a week", facts.endingSoon],
          [facts.onLeave > 0 ? `Technicians, ${facts.onLeave} on leave` : "Technicians", facts.technicians],
          ...(facts.servedByOne > 0 ? [["Clients served by one person only", facts.servedByOne] as const] : []), ...(facts.clocks > 0 ? [["Deletion clocks", facts.clocks] as const] : []),
        ].map(([label, value]) => (
          <div key={label} className="contents [&>*]:border-t [&>*]:border-line [&>*]:py-[5px]">
            <dt className="text-text-2">{label}</dt>
            <dd className="text-right font-medium tabular-nums">{value.toLocaleString("en")}</dd>
          </div>
        ))}
        {facts.log && facts.log.vaults > 0 ? (
          <div className="contents [&>*]:border-t [&>*]:border-line [&>*]:py-[5px]">
            <dt className="text-text-2">{facts.log.completeUntil === null || facts.log.upToDate === facts.log.vaults ? "Log complete until" : `Log complete until, in ${facts.log.upToDate.toLocaleString("en")} of ${facts.log.vaults.toLocaleString("en")}`}</dt>
            <dd className="text-right font-medium tabular-nums">{facts.log.completeUntil === null ? "nothing yet" : `${shortTime(facts.log.completeUntil, now)} UTC`}</dd>
          </div>
        ) : null}
      </dl>
    </section>
  );
}
