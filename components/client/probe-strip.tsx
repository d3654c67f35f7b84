import type { StripHour } from "#lib/client/probe-words.ts";

const FILL: Record<StripHour["result"], string> = { blind: "bg-ok-solid", not_blind: "bg-danger-solid", unproven: "shadow-[inset_0_0_0_1px_var(--attention-solid)]", none: "bg-active" };

/** Twenty-four hours, oldest first: filled green proven, red not blind, hollow unproven, grey not tried. The words stand beside it. */
export function ProbeStrip({ hours, label, tall }: { hours: readonly { result: StripHour["result"]; key: number }[]; label: string; tall?: boolean }) {
  return (
    <div role="img" aria-label={label} className="keeps-colour mt-2 mb-1.5 flex gap-0.5">
      {hours.map((hour) => (
        <i key={hour.key} className={`flex-1 rounded-[1px] ${tall ? "h-[18px]" : "h-3.5"} ${FILL[hour.result]}`} />
      ))}
    </div>
  );
}
