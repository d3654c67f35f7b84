"use client";
import { Ellipsis } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { Menu } from "#components/ui/menu.tsx";
import { isWithin } from "./navigation.ts";
import type { NavigationItem } from "./navigation.ts";

/** As many places stand beside each other under a thumb; with more, the last of them is a menu of the rest. */
const UNDER_THUMB = 5;

/**
 * The main navigation: words beside icons; icons with a hint on the rail; a bar under the thumb. A place is fetched ahead when a hand
 * or the focus comes near it, not with every page: eight places drawn for each page that is opened would be the work of eight.
 */
export function NavLinks({ items }: { items: readonly NavigationItem[] }) {
  const path = usePathname();
  const router = useRouter();
  const rest = items.length > UNDER_THUMB ? items.slice(UNDER_THUMB - 1) : [];
  return (
    <ul className="frame-nav-list">
      {items.map((item) => (
        <li key={item.href} className={rest.includes(item) ? "frame-nav-rest" : undefined}>
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
      {rest.length > 0 ? (
        <li className="frame-nav-more">
          <Menu
            trigger={
              <button type="button" className="frame-nav-item" aria-current={rest.some(({ href }) => isWithin(href, path)) ? "true" : undefined}>
                <Ellipsis aria-hidden />
                <span className="frame-nav-label">More</span>
              </button>
            }
            link={(href) => <Link href={href} prefetch={false} />}
            entries={rest.map(({ href, label, icon, count }) => ({ kind: "link", href, label, icon, ...(count && { detail: `${count.toLocaleString("en")} waiting` }) }))}
          />
        </li>
      ) : null}
    </ul>
  );
}
