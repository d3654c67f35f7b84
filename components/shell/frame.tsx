import Link from "next/link";
import type { ReactNode } from "react";
import { Mark } from "./mark.tsx";
import { NavLinks } from "./nav-links.tsx";
import type { NavigationItem } from "./navigation.ts";
import { PaletteButton } from "./palette-button.tsx";
import { ThemeMenu } from "./theme-menu.tsx";

export type FrameProps = {
  /** The name beside the mark: the organisation, or the product before there is one. */
  name: ReactNode;
  homeHref: string;
  navigation: readonly NavigationItem[];
  /** What is staged, at the right of the top bar. */
  staged?: ReactNode;
  /** Own session and key. Nothing is shown without a session. */
  account?: ReactNode;
  /** A `Banner` over the sheet while something holds for every page. */
  banner?: ReactNode;
  /** At the foot of the navigation, as the closed eye; only where there is room for words. */
  foot?: ReactNode;
  children: ReactNode;
};

/** The console's frame: top bar, navigation, sheet. Must stand inside a `ShellProvider`. */
export function Frame({ name, homeHref, navigation, staged, account, banner, foot, children }: FrameProps) {
  return (
    <div className="frame">
      <a href="#sheet" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-box focus:bg-ink focus:px-3 focus:py-2 focus:font-medium focus:text-on-ink">
        Skip to the page
      </a>
      <header className="frame-top">
        <Link href={homeHref} className="frame-mark">
          <Mark className="size-5" />
          <bdi className="min-w-0 truncate">{name}</bdi>
        </Link>
        <PaletteButton />
        <div className="ml-auto flex items-center gap-3 max-thumb:ml-0 max-thumb:gap-1">
          {staged}
          <ThemeMenu />
          {account}
        </div>
      </header>
      <nav className="frame-nav" aria-label="Main">
        <NavLinks items={navigation} />
        {foot ? <div className="frame-foot">{foot}</div> : null}
      </nav>
      <main id="sheet" tabIndex={-1} className="frame-sheet">
        {banner}
        {children}
      </main>
    </div>
  );
}
