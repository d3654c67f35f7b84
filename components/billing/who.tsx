import Link from "next/link";

/** A client in a row: its name first, and what tells it from another of the same name beside it. Each is cut at its own end, also from right to left, and whole in its hint. */
export function Who({ name, place, href }: { name: string; place: string | null; href: string | null }) {
  const whole = place ? `${name}, ${place}` : name;
  return (
    <span className="flex min-w-0 gap-1.5">
      {href === null ? <bdi className="min-w-0 truncate font-medium" data-hint={whole} data-hint-clipped>{name}</bdi> : <Link prefetch={false} href={href} dir="auto" className="min-w-0 truncate rounded-in font-medium hover:underline" data-hint={whole} data-hint-clipped>{name}</Link>}
      {place ? <bdi className="max-w-[45%] shrink-0 truncate text-text-3" data-hint={place} data-hint-clipped>{place}</bdi> : null}
    </span>
  );
}

/** The page of a subscription; null: there is none. */
export const subscriptionHref = (id: string | null): string | null => (id === null ? null : `/billing/subscriptions/${id}`);
