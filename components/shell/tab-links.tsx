"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { isWithin } from "./navigation.ts";

/** Pages side by side under one head. Links, not tabs: each has its own address and opens in a window of its own. */
export function TabLinks({ label, items }: { label: string; items: readonly { href: string; label: string; count?: number }[] }) {
  const path = usePathname();
  const row = useRef<HTMLUListElement>(null);
  // The innermost one: the first tab of a thing often has the address that all the others begin with.
  const current = items.filter((item) => isWithin(item.href, path)).toSorted((a, b) => b.href.length - a.href.length)[0]?.href;
  // On a narrow window the row scrolls; the page one is on must not lie outside it.
  useEffect(() => {
    if (current === undefined) return;
    row.current?.querySelector(`a[href="${CSS.escape(current)}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  return (
    <nav aria-label={label} className="overflow-x-auto border-b border-line px-gutter [scrollbar-width:none]">
      <ul ref={row} className="flex gap-5">
        {items.map((item) => (
            <li key={item.href}>
              <Link
                href={item.href}
                aria-current={item.href === current ? "page" : undefined}
                className="relative flex h-10 items-center gap-1.5 rounded-in font-medium whitespace-nowrap text-text-2 hover:text-text focus-visible:-outline-offset-2 aria-[current]:text-text aria-[current]:after:absolute aria-[current]:after:inset-x-0 aria-[current]:after:-bottom-px aria-[current]:after:h-0.5 aria-[current]:after:bg-text"
              >
                {item.label}
                {item.count ? <span className="text-12 text-text-3">{item.count.toLocaleString("en")}</span> : null}
              </Link>
            </li>
        ))}
      </ul>
    </nav>
  );
}
