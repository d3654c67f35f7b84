"use client";
import { cloneElement, lazy, Suspense, useRef, useState } from "react";
import type { ReactElement, ReactNode } from "react";

type TriggerProps = { ref?: React.Ref<HTMLButtonElement>; "aria-haspopup"?: "dialog"; "aria-expanded"?: boolean; onPointerDown?: () => void; onPointerEnter?: () => void; onFocus?: () => void; onClick?: () => void };

const load = () => import("./popover-panel.tsx");
const warm = () => void load();
const PopoverPanel = lazy(load);

/** More about one thing, beside it. For a few words take `data-hint`; for actions take `Menu`. Fetched when its button is neared. */
export function Popover({ trigger, title, children, align = "start" }: { trigger: ReactElement<TriggerProps>; title: ReactNode; children: ReactNode; align?: "start" | "center" | "end" }) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(false);
  const wasOpen = useRef(false);
  return (
    <>
      {cloneElement(trigger, {
        ref: anchor,
        "aria-haspopup": "dialog",
        "aria-expanded": open,
        onPointerEnter: warm,
        onFocus: warm,
        onPointerDown: () => {
          wasOpen.current = open;
        },
        onClick: () => {
          if (!wasOpen.current) {
            setAsked(true);
            setOpen(true);
          }
          wasOpen.current = false;
        },
      })}
      {asked ? (
        <Suspense>
          <PopoverPanel open={open} onOpenChange={setOpen} anchor={anchor} title={title} align={align}>
            {children}
          </PopoverPanel>
        </Suspense>
      ) : null}
    </>
  );
}
