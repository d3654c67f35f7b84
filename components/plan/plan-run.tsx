"use client";
import { ChangeCounts } from "#components/ui/change-sign.tsx";
import { cx } from "#components/ui/class-names.ts";
import { Glyph, type State } from "#components/ui/glyph.tsx";
import { Progress } from "#components/ui/progress.tsx";
import type { PlanShare, PlanView } from "#lib/plan/show.ts";

const GLYPH: Record<PlanShare["state"], State> = {
  open: "none", waiting: "none", held: "none", sent: "moving", accepted: "moving", proven: "proven", refused: "refused", late: "attention", stopped: "none", dropped: "none", over: "attention", lost: "attention", incident: "refused",
};

/** Asked, sent, accepted, re-read: filled as far as it came. */
function Stages({ share }: { share: PlanShare }) {
  const refused = share.state === "refused" || share.state === "incident";
  return (
    <span className="keeps-colour inline-flex items-center" role="img" aria-label={["not asked", "asked", "sent", "accepted", "read back"][share.stage]}>
      {[1, 2, 3, 4].map((stage) => (
        <span key={stage} className="flex items-center not-first:before:h-px not-first:before:w-6 not-first:before:bg-line-strong not-first:before:content-[''] max-rail:not-first:before:w-3">
          <span className={cx("size-2 rounded-full border-[1.5px]", stage <= share.stage ? (share.state === "proven" ? "border-ok-solid bg-ok-solid" : refused && stage === share.stage ? "rounded-[1px] border-danger-solid bg-danger-solid" : "border-text-2 bg-text-2") : "border-line-control")} />
        </span>
      ))}
    </span>
  );
}

const seconds = (ms: number): string => `${(ms / 1_000).toLocaleString("en", { maximumFractionDigits: 2, minimumFractionDigits: 2 })} s`;

/** What became of each vault, as it happens. */
export function PlanRun({ plan }: { plan: PlanView }) {
  const count = (...states: PlanShare["state"][]) => plan.shares.filter(({ state }) => states.includes(state)).length;
  const [proven, moving, refused] = [count("proven"), count("sent", "accepted", "waiting"), count("refused", "incident", "lost")];
  const taps = count("late", "open", "stopped", "dropped", "over");
  const left = plan.rate === null || moving === 0 ? null : Math.ceil(moving / plan.rate);
  const order: Readonly<Record<string, number>> = { incident: 0, refused: 0, lost: 0, late: 1, open: 1, over: 1, sent: 2, accepted: 2, waiting: 3 };
  const shares = plan.shares.toSorted((a, b) => (order[a.state] ?? 4) - (order[b.state] ?? 4) || a.client.localeCompare(b.client));
  return (
    <section aria-labelledby="run-title">
      <h2 id="run-title" className="sr-only">What became of each vault</h2>
      <div className="px-gutter pb-3">
        <Progress
          large label="Vaults proven" noun={plan.shares.length === 1 ? "vault proven" : "vaults proven"} total={plan.shares.length} perSecond={plan.rate}
          parts={[{ state: "proven", count: proven }, { state: "moving", count: moving }, { state: "refused", count: refused }]}
          footer={[left === null ? null : `about ${left} s left`, refused > 0 ? `${refused} refused` : null, taps > 0 ? `${taps} ${taps === 1 ? "waits" : "wait"} for another tap` : null, moving > 0 && plan.minuteLeftMs !== null && plan.minuteLeftMs > 0 ? `challenges live ${Math.ceil(plan.minuteLeftMs / 1_000)} s more` : null].filter((one) => one !== null).join(", ")}
        />
      </div>
      <div className="overflow-x-auto">
        <table className="w-full border-separate border-spacing-0" aria-label="Vaults of this plan, those that need somebody first">
          <thead>
            <tr className="text-left text-12 text-text-3 [&>th]:h-8 [&>th]:border-b [&>th]:border-line [&>th]:px-3 [&>th]:font-medium [&>th:first-child]:pl-gutter [&>th:last-child]:pr-gutter">
              <th scope="col" className="pl-gutter">Vault</th><th scope="col">Changes</th><th scope="col" className="max-thumb:hidden">Asked to re-read</th><th scope="col">State</th><th scope="col" className="text-right max-rail:hidden">Took</th><th scope="col" className="pr-gutter max-rail:hidden">Receipt</th>
            </tr>
          </thead>
          <tbody aria-live="polite" aria-relevant="text" className="[&_td]:h-9 [&_td]:border-b [&_td]:border-line [&_td]:px-3 [&_td:first-child]:pl-gutter [&_td:last-child]:pr-gutter">
            {shares.map((share) => (
              <tr key={share.place} className={GLYPH[share.state] === "refused" ? "bg-danger-soft" : undefined}>
                <td className="max-w-[28ch] truncate pl-gutter font-medium" title={share.client}><bdi>{share.client}</bdi></td>
                <td><ChangeCounts {...share.counts} /></td>
                <td className="max-thumb:hidden"><Stages share={share} /></td>
                <td>
                  <span className="inline-flex items-start gap-2">
                    <Glyph state={GLYPH[share.state]} className="mt-[3px]" />
                    <span className="text-pretty">
                      <span className={GLYPH[share.state] === "refused" ? "text-danger-text" : undefined}>{share.words}</span>
                      {share.detail ? <span className="text-text-2"> {share.detail}</span> : null}
                      {share.standing ? <span className="text-12 text-text-3"> Removal beside it {share.standing}.</span> : null}
                      {share.tries > 1 ? <span className="text-12 text-text-3"> {share.tries} tries.</span> : null}
                    </span>
                  </span>
                </td>
                <td className="num text-right max-rail:hidden">{share.tookMs === null ? "" : seconds(share.tookMs)}</td>
                <td className="mono pr-gutter text-12 text-text-3 max-rail:hidden">{share.receiptId === null ? "" : `rc_${share.receiptId.slice(-6)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
