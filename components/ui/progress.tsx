import { cx } from "./class-names.ts";

export type ProgressPart = { readonly state: "proven" | "moving" | "refused" | "staged" | "none"; readonly count: number };
const FILL: Record<ProgressPart["state"], string> = { proven: "bg-ok-solid", moving: "bg-info-solid", refused: "bg-danger-solid", staged: "bg-accent", none: "bg-text-2" };

/**
 * A long job in counts and a rate. `parts` are stacked in their order; their sum may stay below `total`.
 * `noun` completes "24 of 44 …"; `perSecond` is a rate, null while it is not known.
 */
export function Progress({ parts, total, noun, perSecond, large, footer, label }: { parts: readonly ProgressPart[]; total: number; noun: string; perSecond: number | null; large?: boolean; footer?: string; label: string }) {
  const first = parts[0]?.count ?? 0;
  const words = `of ${total.toLocaleString("en")} ${noun}`;
  const rate = perSecond === null ? null : `${perSecond.toLocaleString("en", { maximumFractionDigits: 1 })} a second`;
  return (
    <div>
      <p className={large ? "mb-3" : "mb-1.5"}>
        <strong className={large ? "text-28 font-semibold" : "font-semibold"}>{first.toLocaleString("en")}</strong>{" "}
        <span className="text-text-2">
          {words}
          {rate && !large ? `, ${rate}` : ""}
        </span>
      </p>
      <progress className="sr-only" aria-label={label} max={Math.max(1, total)} value={first} aria-valuetext={`${first} ${words}${rate ? `, ${rate}` : ""}`} />
      <div
        aria-hidden
        className={cx("keeps-colour flex gap-px overflow-hidden rounded-in bg-active", large ? "h-2" : "h-1.5")}
      >
        {parts.map((part) =>
          part.count > 0 ? <span key={part.state} className={FILL[part.state]} style={{ width: `${total === 0 ? 0 : (part.count / total) * 100}%` }} /> : null,
        )}
      </div>
      {large ? <p className="mt-2.5 text-text-2">{[rate, footer].filter(Boolean).join(", ")}</p> : footer ? <p className="mt-1.5 text-12 text-text-3">{footer}</p> : null}
    </div>
  );
}
