/** Requests that change something come from our own pages, or are refused (DESIGN section 4: SameSite plus origin check). */
const safe = new Set(["GET", "HEAD", "OPTIONS"]);

export const changes = (method: string): boolean => !safe.has(method);

/**
 * Pure. A browser names the page's origin on every changing request; where the header lacks, `Sec-Fetch-Site` must say
 * that the page is ours. Both cannot be forged by a page of somebody else.
 */
export function isOwnOrigin(method: string, headers: { origin?: string | undefined; "sec-fetch-site"?: string | string[] | undefined }, own: string): boolean {
  if (!changes(method)) return true;
  if (headers.origin !== undefined) return headers.origin === own;
  return headers["sec-fetch-site"] === "same-origin";
}
