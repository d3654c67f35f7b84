import { cx } from "./class-names.ts";

/**
 * The name of a client or a person: isolated in its own direction, cut at the end where it must be, whole in the hint. `place`
 * tells two of one name apart and is never cut.
 */
export function Name({ children, place, className }: { children: string; place?: string | null; className?: string }) {
  return (
    <span className={cx("name flex min-w-0 max-w-full items-baseline gap-1.5", className)}>
      <bdi className="min-w-0 truncate" data-hint={children} data-hint-clipped="">
        {children}
      </bdi>
      {place ? <bdi className="shrink-0 text-text-3">{place}</bdi> : null}
    </span>
  );
}
