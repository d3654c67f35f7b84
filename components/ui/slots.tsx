import { cx } from "./class-names.ts";

/** Up to here each token is a tick that can be counted; above, a bar. Team 10, the smallest plan with technicians, has 11. */
const COUNTABLE = 11;

/** Tokens used, staged and free. None free is red and is said in figures, never by colour alone: put `SlotWords` beside it. */
export function Slots({ used, limit, staged = 0, wide, label }: { used: number; limit: number; staged?: number; wide?: boolean; label?: string }) {
  const none = used + staged >= limit;
  const name = label ?? `${used} of ${limit} tokens used${staged > 0 ? `, ${staged} staged` : ""}`;
  const box = cx("keeps-colour inline-flex shrink-0", wide ? "h-2.5 w-full" : "h-2 w-11");
  if (limit > COUNTABLE) {
    return (
      <span className={cx(box, "overflow-hidden rounded-[1px] bg-line-strong")}>
        <span className="sr-only">{name}</span>
        <span className={used >= limit ? "bg-danger-solid" : "bg-text-2"} style={{ width: `${Math.min(100, (used / limit) * 100)}%` }} />
        {staged > 0 ? <span className="bg-surface shadow-[inset_0_0_0_1px_var(--accent)]" style={{ width: `${Math.min(100, (staged / limit) * 100)}%` }} /> : null}
      </span>
    );
  }
  return (
    <span className={cx(box, "gap-px")}>
      <span className="sr-only">{name}</span>
      {Array.from({ length: limit }, (_, place) => (
        <span
          // A slot is its place.
          // eslint-disable-next-line react/no-array-index-key
          key={place}
          className={cx("flex-1 rounded-[1px]", place < used ? (none && staged === 0 ? "bg-danger-solid" : "bg-text-2") : place < used + staged ? "shadow-[inset_0_0_0_1px_var(--accent)]" : "bg-line-strong")}
        />
      ))}
    </span>
  );
}

export function SlotWords({ used, limit, staged = 0 }: { used: number; limit: number; staged?: number }) {
  if (used >= limit) return <span className="text-12 text-danger-text">none free</span>;
  if (staged > 0) return <span className="text-12 text-accent-text">+{staged} staged</span>;
  return (
    <span className="text-12 text-text-2">
      {used} of {limit}
    </span>
  );
}
