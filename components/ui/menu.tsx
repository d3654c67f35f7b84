"use client";
import { cloneElement, lazy, Suspense, useId, useRef, useState } from "react";
import type { KeyboardEvent, MouseEvent, ReactElement, ReactNode } from "react";

type Words = { readonly label: string; readonly icon?: ReactNode; readonly keys?: string | readonly string[]; readonly detail?: ReactNode };
export type MenuEntry =
  /** A verb with its object; an ellipsis when a question follows. With `disabledReason` it stays in reach and says why. */
  | (Words & { readonly kind: "deed"; readonly run: () => void; readonly danger?: boolean; readonly disabledReason?: string | null })
  /** A place to go; it opens in a tab of its own like any link. */
  | (Words & { readonly kind: "link"; readonly href: string })
  | { readonly kind: "line" }
  /** One of a few settings, the one in force ticked. */
  | { readonly kind: "choice"; readonly label: string; readonly value: string; readonly choices: readonly { value: string; label: string; icon?: ReactNode }[]; readonly onChoose: (value: string) => void };

type TriggerProps = {
  id?: string;
  "aria-haspopup"?: "menu";
  "aria-expanded"?: boolean;
  onClick?: (event: MouseEvent<HTMLButtonElement>) => void;
  onKeyDown?: (event: KeyboardEvent<HTMLButtonElement>) => void;
  onPointerDown?: () => void;
  onPointerEnter?: () => void;
  onFocus?: () => void;
  ref?: React.Ref<HTMLButtonElement>;
};
export type MenuProps = {
  /** A `Button` or `IconButton` without handlers of its own. */
  trigger: ReactElement<TriggerProps>;
  entries: readonly MenuEntry[];
  align?: "start" | "end";
  /** How a link is drawn, so that the framework's own link can be used; a plain one without it. */
  link?: (href: string) => ReactElement;
};

const load = () => import("./menu-panel.tsx");
const warm = () => void load();
const MenuPanel = lazy(load);

/** Actions behind a button. What draws them is fetched when the button is neared, so that a menu costs a page nothing. */
export function Menu({ trigger, entries, align = "end", link }: MenuProps) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(false);
  const wasOpen = useRef(false);
  const id = useId();
  const show = () => {
    setAsked(true);
    setOpen(true);
  };
  return (
    <>
      {cloneElement(trigger, {
        id,
        ref: anchor,
        "aria-haspopup": "menu",
        "aria-expanded": open,
        onPointerEnter: warm,
        onFocus: warm,
        // The panel closes on this very press, as on any outside it; the click that follows must not open it again.
        onPointerDown: () => {
          wasOpen.current = open;
        },
        onClick: () => {
          if (!wasOpen.current) show();
          wasOpen.current = false;
        },
        onKeyDown: (event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          show();
        },
      })}
      {asked ? (
        <Suspense>
          <MenuPanel open={open} onOpenChange={setOpen} anchor={anchor} labelledBy={id} entries={entries} align={align} link={link} />
        </Suspense>
      ) : null}
    </>
  );
}
