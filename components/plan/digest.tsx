import type { ReactNode } from "react";

/** A digest in sixteen groups; first and last stand out, since they are what eyes compare. */
export function Digest({ groups, remark }: { groups: readonly string[]; remark: ReactNode }) {
  return (
    <div>
      <div className="mb-1.5 flex flex-wrap items-baseline justify-between gap-x-3">
        <h2 className="text-13 font-semibold">Digest</h2>
        <span className="text-12 text-text-3">{remark}</span>
      </div>
      <p className="mono grid grid-cols-8 gap-x-2 gap-y-0.5 text-12 text-text-2 max-thumb:grid-cols-4" aria-label={`Digest ${groups.join(" ")}`} role="img">
        {groups.map((group, place) => (
          // oxlint-disable-next-line react/no-array-index-key -- a group is its place
          <span key={place} aria-hidden className={place === 0 || place === groups.length - 1 ? "font-semibold text-text" : undefined}>{group}</span>
        ))}
      </p>
    </div>
  );
}
