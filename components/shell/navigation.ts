import type { ReactNode } from "react";

/** One place of the main navigation. */
export type NavigationItem = {
  readonly href: string;
  readonly label: string;
  readonly icon: ReactNode;
  /** How many things wait there; nothing is shown for none. */
  readonly count?: number;
  /** The letter that leads there after `G`. */
  readonly key?: string;
};

/** A page that the palette leads to beside the navigation. `under`: the place it belongs to, by its label. */
export type PalettePage = { readonly href: string; readonly label: string; readonly under: string; readonly words?: readonly string[] };

/** Whether the page at `path` lies at or below `href`. */
export function isWithin(href: string, path: string): boolean {
  return path === href || path.startsWith(href.endsWith("/") ? href : `${href}/`);
}
