import Link from "next/link";
import type { AuditVolume } from "#lib/overview/charts.ts";

/** Who wrote how much into their logs in a day. Its bars stand in a table: chart and table are one. */
export function AuditBars({ volume }: { volume: AuditVolume }) {
  const { clients, others } = volume;
  const most = Math.max(1, ...clients.map(({ events }) => events));
  return (
    <section aria-labelledby="volume-title" className="min-w-0">
      <div className="mb-3 flex min-h-6 items-baseline gap-2">
        <h2 id="volume-title">Audit events</h2>
        <span className="text-12 text-text-3">24 hours, by client</span>
      </div>
      {clients.length === 0 ? (
        <p className="text-12 text-pretty text-text-3">No vault wrote anything into its log in a day, as far as it was pulled.</p>
      ) : (
        <table className="w-full table-fixed">
          <caption className="sr-only">Audit events of the last 24 hours by client</caption>
          <thead className="sr-only"><tr><th scope="col">Client</th><th scope="col">Share</th><th scope="col">Events</th><th scope="col">Refused</th></tr></thead>
          <tbody>
            {clients.map(({ id, name, events, refused }) => (
              <tr key={id} className="h-[26px]">
                <th scope="row" aria-label={name} className="truncate pr-2 text-left font-normal"><Link href={`/clients/${id}`} prefetch={false} className="rounded-in hover:underline" data-hint={name} data-hint-clipped><bdi>{name}</bdi></Link></th>
                <td aria-hidden className="w-[72px]"><span className="keeps-colour block h-2 bg-text-2" style={{ width: `${Math.max(2, (events / most) * 100)}%` }} /></td>
                <td className="w-16 text-right tabular-nums">{events.toLocaleString("en")}</td>
                <td className="w-20 text-right text-12 text-danger-text tabular-nums">{refused > 0 ? `${refused.toLocaleString("en")} refused` : <span className="sr-only">0</span>}</td>
              </tr>
            ))}
            {others.clients > 0 ? (
              <tr className="h-[26px] text-text-2">
                <th scope="row" className="truncate pr-2 text-left font-normal">{others.clients === 1 ? "1 other client" : `${others.clients.toLocaleString("en")} other clients`}</th>
                <td aria-hidden><span className="keeps-colour block h-2 bg-[repeating-linear-gradient(90deg,var(--line-strong)_0_2px,transparent_2px_4px)]" /></td>
                <td className="text-right tabular-nums">{others.events.toLocaleString("en")}</td>
                <td className="text-right text-12 text-danger-text tabular-nums">{others.refused > 0 ? `${others.refused.toLocaleString("en")} refused` : <span className="sr-only">0</span>}</td>
              </tr>
            ) : null}
          </tbody>
        </table>
      )}
    </section>
  );
}
