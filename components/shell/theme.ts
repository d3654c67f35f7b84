/** `system` follows the device. */
export type Theme = "light" | "dark" | "system";
export const THEME_COOKIE = "theme";

/** The theme in a cookie's value; whatever else stands there is `system`. */
export function parseTheme(value: string | undefined): Theme {
  return value === "light" || value === "dark" ? value : "system";
}

export const SINGLE_KEYS_COOKIE = "keys";
/** Whether single letters do something. On, unless switched off (WCAG 2.1.4). */
export function parseSingleKeys(value: string | undefined): boolean {
  return value !== "off";
}
