"use client";
import { X } from "lucide-react";
import { useEffect } from "react";
import { Toaster, toast as sonner } from "sonner";
import { Glyph, STATE_WORD } from "./glyph.tsx";
import type { Toast } from "./toast.tsx";

/** Where toasts are drawn; loaded with the first toast. `onReady` is called once it can draw. */
export function ToastStack({ onReady }: { onReady: (draw: (toast: Toast) => void) => void }) {
  useEffect(() => onReady(draw), [onReady]);
  return <Toaster position="bottom-right" gap={8} offset={16} mobileOffset={{ bottom: 72, left: 12, right: 12 }} visibleToasts={4} containerAriaLabel="Remarks" hotkey={["altKey", "KeyT"]} />;
}

function draw({ state, words, action }: Toast): void {
  sonner.custom(
    (id) => (
      <div className="flex w-[min(356px,calc(100vw-24px))] items-center gap-2.5 rounded-box bg-raised py-2 pr-1.5 pl-3 font-sans text-13 text-text shadow-float">
        <Glyph state={state} label={STATE_WORD[state]} />
        <span className="min-w-0 flex-1 text-pretty">{words}</span>
        {action ? (
          <button
            type="button"
            className="link shrink-0 font-medium"
            onClick={() => {
              action.run();
              sonner.dismiss(id);
            }}
          >
            {action.label}
          </button>
        ) : null}
        <button type="button" aria-label="Put away" className="grid size-6 shrink-0 place-items-center rounded-in text-text-3 hover:bg-hover hover:text-text" onClick={() => sonner.dismiss(id)}>
          <X className="size-3.5" strokeWidth={1.75} aria-hidden />
        </button>
      </div>
    ),
    { duration: action ? 10_000 : 5_000, unstyled: true },
  );
}
