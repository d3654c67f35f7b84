"use client";
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useRef } from "react";
import { IconButton } from "./button.tsx";
import { cx } from "./class-names.ts";
import type { DialogProps, DrawerProps } from "./dialog.tsx";
import { BACKDROP, WINDOW } from "./window-class.ts";

/** A question over the page. Escape and a press outside close it; the focus returns to where it came from. */
export function DialogWindow({ open, onOpenChange, title, description, children, footer, strip, initialFocus, width = 480 }: DialogProps) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <Base.Popup
          ref={popup}
          initialFocus={initialFocus ?? popup}
          style={{ width: `min(${width}px, calc(100vw - 24px))` }}
          className={cx(WINDOW, "top-1/2 left-1/2 max-h-[calc(100dvh-32px)] -translate-1/2 rounded-window")}
        >
          <div className="flex items-start gap-3 px-[22px] pt-5 max-thumb:px-4">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-16 font-semibold text-balance">{title}</Base.Title>
              {description ? <Base.Description className="mt-1 text-pretty text-text-2">{description}</Base.Description> : null}
            </div>
            <Base.Close render={<IconButton label="Close" icon={<X aria-hidden />} hintKeys="Esc" className="-mt-1 -mr-2" />} />
          </div>
          {children ? <div className="min-h-0 overflow-y-auto px-[22px] pt-3.5 pb-1 max-thumb:px-4">{children}</div> : null}
          {footer ? <div className="flex flex-wrap justify-end gap-2 px-[22px] pt-4 pb-4 max-thumb:px-4">{footer}</div> : strip ? null : <div className="h-4 shrink-0" />}
          {strip ? <div className="shrink-0 rounded-b-window border-t border-line bg-sunken px-[22px] py-3 max-thumb:px-4">{strip}</div> : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** A panel from the right with more about one thing; the page stays in sight. The whole window under a thumb. */
export function DrawerWindow({ open, onOpenChange, title, description, children, footer, initialFocus }: DrawerProps) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className={cx(BACKDROP, "bg-transparent max-thumb:bg-scrim")} />
        <Base.Popup
          ref={popup}
          initialFocus={initialFocus ?? popup}
          className={cx(WINDOW, "inset-y-0 right-0 w-[min(420px,100vw)] border-l border-line transition-[translate,opacity] duration-(--calm) ease-(--ease) data-ending-style:translate-x-4 data-starting-style:translate-x-4")}
        >
          <div className="flex items-start gap-3 border-b border-line px-5 pt-4 pb-3.5 max-thumb:px-4">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-16 font-semibold text-balance">{title}</Base.Title>
              {description ? <Base.Description className="mt-0.5 text-pretty text-text-2">{description}</Base.Description> : null}
            </div>
            <Base.Close render={<IconButton label="Close" icon={<X aria-hidden />} hintKeys="Esc" className="-mr-2" />} />
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4 max-thumb:px-4">{children}</div>
          {footer ? <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3 max-thumb:px-4">{footer}</div> : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
