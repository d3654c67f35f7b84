"use client";
import { Popover as Base } from "@base-ui/react/popover";
import type { ReactNode, RefObject } from "react";
import { cx } from "./class-names.ts";
import { landmarkOf } from "./landmark.ts";
import { FLOAT } from "./menu-class.ts";

/** What opens beside a `Popover`'s button. Escape and a press outside close it; the focus returns to the button. */
export default function PopoverPanel({ open, onOpenChange, anchor, title, align, children }: { open: boolean; onOpenChange: (open: boolean) => void; anchor: RefObject<HTMLButtonElement | null>; title: ReactNode; align: "start" | "center" | "end"; children: ReactNode }) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal container={landmarkOf(anchor.current)}>
        <Base.Positioner anchor={anchor} positionMethod="fixed" sideOffset={6} align={align} className="z-50 outline-none">
          <Base.Popup finalFocus={anchor} className={cx(FLOAT, "w-[min(320px,calc(100vw-16px))] px-4 py-3")}>
            <Base.Title className="mb-1 text-13 font-semibold">{title}</Base.Title>
            <div className="text-pretty text-text-2">{children}</div>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
