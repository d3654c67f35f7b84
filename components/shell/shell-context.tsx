"use client";
import { useRouter } from "next/navigation";
import { createContext, lazy, Suspense, use, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import { NO_CHORD, pressChord } from "./chord.ts";
import type { Command } from "./command.ts";
import type { NavigationItem, PalettePage } from "./navigation.ts";
import { rememberSingleKeys, rememberTheme } from "./preference.ts";
import type { Theme } from "./theme.ts";

export type Shell = {
  readonly navigation: readonly NavigationItem[];
  /** What else this person's rights open. */
  readonly pages: readonly PalettePage[];
  /** Of which kinds they find names. */
  readonly names: FindsNames;
  readonly commands: readonly Command[];
  readonly keysHelp: readonly KeysHelp[];
  readonly openPalette: () => void;
  readonly openKeys: () => void;
  readonly theme: Theme;
  readonly setTheme: (theme: Theme) => void;
  readonly singleKeys: boolean;
  readonly setSingleKeys: (on: boolean) => void;
};
/** One line of the list of keys: a page adds its own under a head of its own. */
export type KeysHelp = { readonly group: string; readonly keys: readonly string[]; readonly words: string };

export type FindsNames = { readonly clients: boolean; readonly technicians: boolean };
const ShellState = createContext<Shell | null>(null);
type Extra = { commands: readonly Command[]; keys: readonly KeysHelp[] };
const Register = createContext<((id: string, extra: Extra | null) => void) | null>(null);

// Neither belongs to the first script. Both are fetched once the page rests, since a key gives no warning as a pointer does,
// and what is typed right after Ctrl K must not be lost.
const loadPalette = () => import("./palette.tsx");
const loadKeys = () => import("./keys-dialog.tsx");
const Palette = lazy(loadPalette);
const KeysDialog = lazy(loadKeys);
export const warmPalette = (): void => void loadPalette();

/** Keys, palette and theme for everything inside. `theme` and `singleKeys` are what the cookies said when the page was drawn. */
export function ShellProvider({ navigation, pages, names, theme: firstTheme, singleKeys: firstKeys, children }: { navigation: readonly NavigationItem[]; pages: readonly PalettePage[]; names: FindsNames; theme: Theme; singleKeys: boolean; children: ReactNode }) {
  const router = useRouter();
  const [open, setOpen] = useState<"palette" | "keys" | null>(null);
  const [seen, setSeen] = useState({ palette: false, keys: false });
  const [theme, keepTheme] = useState(firstTheme);
  const [singleKeys, keepKeys] = useState(firstKeys);
  const [extras, setExtras] = useState<ReadonlyMap<string, Extra>>(new Map());

  const show = useCallback((what: "palette" | "keys") => {
    setSeen((before) => ({ ...before, [what]: true }));
    setOpen(what);
  }, []);
  const openPalette = useCallback(() => show("palette"), [show]);
  const openKeys = useCallback(() => show("keys"), [show]);
  const setTheme = useCallback((next: Theme) => {
    rememberTheme(next);
    keepTheme(next);
  }, []);
  const setSingleKeys = useCallback((on: boolean) => {
    rememberSingleKeys(on);
    keepKeys(on);
  }, []);
  const register = useCallback((id: string, extra: Extra | null) => {
    setExtras((before) => {
      const next = new Map(before);
      if (extra) next.set(id, extra);
      else next.delete(id);
      return next;
    });
  }, []);

  useEffect(() => {
    const warm = () => void Promise.all([loadPalette(), loadKeys()]);
    if (!("requestIdleCallback" in window)) return;
    const waiting = requestIdleCallback(warm);
    return () => cancelIdleCallback(waiting);
  }, []);

  const chord = useRef(NO_CHORD);
  useEffect(() => {
    const letters = new Map(navigation.flatMap((item) => (item.key ? [[item.key.toLowerCase(), item.href] as const] : [])));
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const pressed = pressChord(chord.current, event, { now: performance.now(), free: singleKeys && !typing(event) && open === null, letters: new Set(letters.keys()) });
      chord.current = pressed.state;
      if (!pressed.chord) return;
      event.preventDefault();
      if (pressed.chord.kind === "palette") return open === "palette" ? setOpen(null) : openPalette();
      if (pressed.chord.kind === "help") return openKeys();
      const href = letters.get(pressed.chord.letter);
      if (href) router.push(href);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [navigation, singleKeys, open, openPalette, openKeys, router]);

  const shell = useMemo<Shell>(() => {
    const all = [...extras.values()];
    return { navigation, pages, names, commands: all.flatMap((extra) => extra.commands), keysHelp: all.flatMap((extra) => extra.keys), openPalette, openKeys, theme, setTheme, singleKeys, setSingleKeys };
  }, [navigation, pages, names, extras, openPalette, openKeys, theme, setTheme, singleKeys, setSingleKeys]);

  const close = (next: boolean) => setOpen((now) => (next ? now : null));
  return (
    <Register value={register}>
      <ShellState value={shell}>
        {children}
        <Suspense>
          {seen.palette ? <Palette open={open === "palette"} onOpenChange={close} /> : null}
          {seen.keys ? <KeysDialog open={open === "keys"} onOpenChange={close} /> : null}
        </Suspense>
      </ShellState>
    </Register>
  );
}

/** The shell around this component. Throws outside of one. */
export function useShell(): Shell {
  const shell = use(ShellState);
  if (!shell) throw new Error("useShell stands outside a ShellProvider");
  return shell;
}

/** Adds a page's own commands and keys to the palette and the list of keys while it is shown. Keep both arrays stable. */
export function useCommands(commands: readonly Command[], keys: readonly KeysHelp[] = NO_KEYS): void {
  const register = use(Register);
  const id = useId();
  useEffect(() => {
    register?.(id, { commands, keys });
    return () => register?.(id, null);
  }, [register, id, commands, keys]);
}
const NO_KEYS: readonly KeysHelp[] = [];

/** Whether a letter pressed here belongs to what the person types or to a window over the page. */
function typing(event: KeyboardEvent): boolean {
  const at = event.target;
  if (!(at instanceof HTMLElement)) return false;
  if (at.isContentEditable || at.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return true;
  return at.closest('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null;
}
