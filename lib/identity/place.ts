/**
 * Where to go after sign-in: a path of this console, or the Overview. Anything that a browser could read as
 * another site's address is dropped. Pure.
 */
export function placeAfter(next: string | null | undefined, otherwise = "/overview"): string {
  if (!next || next.length > 500 || !/^\/[A-Za-z0-9]/.test(next) || next.includes("\\")) return otherwise;
  try {
    const url = new URL(next, "http://console.invalid");
    if (url.origin !== "http://console.invalid" || url.pathname.startsWith("/api/") || url.pathname.startsWith("/sign-in")) return otherwise;
    return url.pathname + url.search;
  } catch {
    return otherwise;
  }
}
