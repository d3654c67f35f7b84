"use client";
import { useEffect, useState } from "react";
import type { ComponentType } from "react";
import type { State } from "./glyph.tsx";

/** A passing remark about what can be undone or looked up. What matters tomorrow belongs on a page, not here. */
export type Toast = { readonly state: State; readonly words: string; readonly action?: { readonly label: string; readonly run: () => void } };

let waiting: Toast[] = [];
let show: ((toast: Toast) => void) | null = null;
let wake: (() => void) | null = null;

/** Shows a toast. Callable from anywhere in the browser; the code that draws toasts is fetched with the first one. */
export function toast(one: Toast): void {
  if (show) return show(one);
  waiting.push(one);
  wake?.();
}

/** Stands once in the root layout. */
export function ToastHost() {
  const [Stack, setStack] = useState<ComponentType<{ onReady: (draw: (toast: Toast) => void) => void }> | null>(null);
  useEffect(() => {
    const load = () => {
      void import("./toast-stack.tsx").then((module) => setStack(() => module.ToastStack));
    };
    wake = load;
    if (waiting.length > 0) load();
    return () => {
      wake = null;
      show = null;
    };
  }, []);
  return Stack ? <Stack onReady={flush} /> : null;
}

function flush(draw: (toast: Toast) => void): void {
  show = draw;
  const held = waiting;
  waiting = [];
  for (const one of held) draw(one);
}
