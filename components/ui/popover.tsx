"use client";
import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";
import { cx } from "./class-names.ts";
import { FLOAT } from "./menu-class.ts";

/** More about one thing, beside it. For a few words take `data-hint`; for actions take `Menu`. */
export function Popover({ trigger, title, children, align = "start", open, onOpenChange }: { trigger: ReactElement; title?: ReactNode; children: ReactNode; align?: "start" | "center" | "end"; open?: boolean; onOpenChange?: (open: boolean) => void }) {
  return (
    <Base.Root {...(open === undefined ? {} : { open })} {...(onOpenChange === undefined ? {} : { onOpenChange: (next: boolean) => onOpenChange(next) })}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className="z-50 outline-none">
          <Base.Popup className={cx(FLOAT, "w-[min(320px,calc(100vw-16px))] px-4 py-3")}>
            {title ? <Base.Title className="mb-1 text-13 font-semibold">{title}</Base.Title> : null}
            <div className="text-pretty text-text-2">{children}</div>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
