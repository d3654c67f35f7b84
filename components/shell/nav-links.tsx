"use client";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { isWithin } from "./navigation.ts";
import type { NavigationItem } from "./navigation.ts";

/**
 * The main navigation: words beside icons; icons with a hint on the rail; a bar under the thumb. A place is fetched ahead when a hand
 * or the focus comes near it, not with every page: eight places drawn for each page that is opened would be the work of eight.
 */
export function NavLinks({ items }: { items: readonly NavigationItem[] }) {
  const path = usePathname();
  const router = useRouter();
  return (
    <ul className="frame-nav-list">
      {items.map((item) => (
        <li key={item.href}>
          <Link
            href={item.href}
            prefetch={false}
            onPointerEnter={() => router.prefetch(item.href)}
            onFocus={() => router.prefetch(item.href)}
            className="frame-nav-item"
            aria-current={isWithin(item.href, path) ? "page" : undefined}
            data-hint={item.label}
            data-hint-keys={item.key ? `G ${item.key.toUpperCase()}` : undefined}
            data-hint-side="right"
            data-hint-media="(width >= 720px) and (width < 1180px)"
          >
            {item.icon}
            <span className="frame-nav-label">{item.label}</span>
            {item.count ? (
              <span className="frame-nav-count">
                {item.count.toLocaleString("en")}
                <span className="sr-only"> waiting</span>
              </span>
            ) : null}
          </Link>
        </li>
      ))}
    </ul>
  );
}
