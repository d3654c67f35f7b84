"use client";
import { lazy, Suspense } from "react";
import type { ReactNode, RefObject } from "react";
import { useOnceOpen } from "./once-open.ts";

export type DrawerProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** One sentence under the title. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the end: the way back first, the deed last. */
  footer?: ReactNode;
  /** What has the focus when it opens. Without it the window itself has, so that its title is read first. */
  initialFocus?: RefObject<HTMLElement | null>;
};
export type DialogProps = DrawerProps & {
  /** In pixels; never wider than the window. */
  width?: number;
  /** A quieter line at the very end. */
  strip?: ReactNode;
};

const DialogWindow = lazy(async () => ({ default: (await import("./dialog-window.tsx")).DialogWindow }));
const DrawerWindow = lazy(async () => ({ default: (await import("./dialog-window.tsx")).DrawerWindow }));

/** A question over the page. Escape and a press outside close it; the focus returns to where it came from. Fetched when first opened. */
export function Dialog(props: DialogProps) {
  const wanted = useOnceOpen(props.open);
  return wanted ? (
    <Suspense>
      <DialogWindow {...props} />
    </Suspense>
  ) : null;
}

/** A panel from the right with more about one thing; the whole window under a thumb. Fetched when first opened. */
export function Drawer(props: DrawerProps) {
  const wanted = useOnceOpen(props.open);
  return wanted ? (
    <Suspense>
      <DrawerWindow {...props} />
    </Suspense>
  ) : null;
}
