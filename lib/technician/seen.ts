import type { Leave } from "./leave.ts";

/** What a page showed of somebody, so that a change over it is noticed. Pure, for page and server. */
export const seenOf = (line: { readonly podId: string | null; readonly tags: readonly string[]; readonly leave: Leave | null }): string =>
  JSON.stringify([line.podId, line.tags, line.leave?.from ?? null, line.leave?.until ?? null]);
