import { cx } from "#components/ui/class-names.ts";
import type { RevocationView } from "#lib/revocation/show.ts";

const STEPS = ["Asked", "Signed", "Accepted", "Read again, absent"] as const;
/** Up to here a vault is a square of its own that can be told apart; beyond, the strip shows proportions. */
const SQUARES = 60;
const UNIT = 10;

/** One path for all marks of a kind: a thousand vaults are four shapes, not four thousand elements. */
const marks = (places: readonly number[], gap: number): string => places.map((at) => `M${at * UNIT + gap / 2} ${gap / 2}h${UNIT - gap}v${UNIT - gap}h-${UNIT - gap}z`).join("");

function Strip({ strip, step }: { strip: RevocationView["strip"]; step: number }) {
  const gap = strip.length <= SQUARES ? 1.6 : strip.length <= 200 ? 0.8 : 0;
  const pick = (of: (line: RevocationView["strip"][number]) => boolean) => strip.flatMap((line, at) => (of(line) ? [at] : []));
  const reached = pick(({ stage }) => stage >= step);
  const next = step === 4 ? [] : pick(({ stage, unknown }) => stage === step - 1 && step === 3 && !unknown);
  const unknown = pick(({ stage, unknown: silent }) => stage < step && step === 3 && silent);
  const rest = pick(({ stage, unknown: silent }) => stage < step && !(step === 3 && (stage === 2 || silent)));
  return (
    <svg aria-hidden viewBox={`0 0 ${strip.length * UNIT} ${UNIT}`} preserveAspectRatio="none" className="keeps-colour h-4 w-full" style={{ maxWidth: strip.length <= SQUARES ? strip.length * 18 : undefined }}>
      <path d={marks(reached, gap)} className={step === 4 ? "fill-ok-solid" : "fill-text-2"} />
      {/* Open ones: an outline, so that they differ by shape and not by colour alone. */}
      <path d={marks(rest, gap + 0.8)} className="fill-none stroke-line-control" strokeWidth="1" vectorEffect="non-scaling-stroke" />
      <path d={marks(next, gap + 0.8)} className="fill-info-soft stroke-info-solid" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
      <path d={marks(unknown, gap + 0.8)} className="fill-attention-soft stroke-attention-solid" strokeWidth="1.5" strokeDasharray="2 1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** Four steps, one mark per vault in each: what has come through, and where the rest is held up. */
export function Sieve({ view: { strip, tally } }: { view: Pick<RevocationView, "strip" | "tally"> }) {
  const counts = [tally.asked, tally.signed, tally.accepted, tally.absent];
  return (
    <section aria-label={`${tally.total} ${tally.total === 1 ? "vault" : "vaults"}, four steps`} className="grid gap-y-2 px-gutter pb-5">
      {STEPS.map((name, at) => (
        <div key={name} className="grid grid-cols-[132px_minmax(0,1fr)_56px] items-center gap-x-2 max-thumb:grid-cols-[minmax(0,1fr)_auto]">
          <span className="text-text-2 max-thumb:order-1">{name}</span>
          <span className="min-w-0 max-thumb:order-3 max-thumb:col-span-2"><Strip strip={strip} step={at + 1} /></span>
          <strong className={cx("num text-right font-semibold max-thumb:order-2", at === 3 && "text-ok-text")}>{counts[at]!.toLocaleString("en")}<span className="sr-only"> of {tally.total}</span></strong>
        </div>
      ))}
    </section>
  );
}
