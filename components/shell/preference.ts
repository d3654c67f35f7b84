"use client";
import { SINGLE_KEYS_COOKIE, THEME_COOKIE } from "./theme.ts";
import type { Theme } from "./theme.ts";

const YEAR = 365 * 24 * 60 * 60;

/** Takes a theme on at once and remembers it in this browser; the server reads the cookie, so the next page opens in it. */
export function rememberTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  remember(THEME_COOKIE, theme === "system" ? null : theme);
}

export function rememberSingleKeys(on: boolean): void {
  remember(SINGLE_KEYS_COOKIE, on ? null : "off");
}

function remember(name: string, value: string | null): void {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value ?? ""}; path=/; max-age=${value === null ? 0 : YEAR}; samesite=lax${secure}`;
}
