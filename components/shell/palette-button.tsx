"use client";
import { Search } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Keys } from "#components/ui/keys.tsx";
import { useShell, warmPalette } from "./shell-context.tsx";

/** The search line of the top bar. It opens the palette; on a phone it is a glass. */
export function PaletteButton() {
  const { openPalette } = useShell();
  const command = useCommandKey();
  return (
    <button type="button" className="frame-find" onClick={openPalette} onPointerEnter={warmPalette} onFocus={warmPalette} aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K">
      <Search className="size-4" strokeWidth={1.5} aria-hidden />
      <span className="min-w-0 flex-1 truncate max-thumb:sr-only">Go to or do anything</span>
      <span aria-hidden className="contents max-thumb:hidden">
        <Keys of={[command, "K"]} />
      </span>
    </button>
  );
}

/** How this person's keyboard names the command key. `Ctrl` until the browser is known. */
export function useCommandKey(): string {
  return useSyncExternalStore(
    () => () => undefined,
    () => (/mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl"),
    () => "Ctrl",
  );
}
