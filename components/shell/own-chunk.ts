/** Whether an address is one of this page's own built files: same origin, under `/_next/static/`. `page` is the page's address. */
export function ownChunk(url: string, page: string): boolean {
  const target = URL.parse(url, page);
  if (!target) return false;
  // The parsed path is what the browser will ask for: dots are already resolved in it.
  return target.origin === new URL(page).origin && target.pathname.startsWith("/_next/static/");
}
