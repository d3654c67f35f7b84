/** What this browser knows of one's own draft since its last page from the server: the matrix tells, the top bar listens. */
export type StagedNow = { readonly grant: number; readonly revoke: number; readonly alter: number; readonly more: boolean };

let now: StagedNow | null = null;
const listeners = new Set<() => void>();

/** null: nobody told anything yet; what came with the page holds. */
export const stagedNow = (): StagedNow | null => now;

export function tellStaged(next: StagedNow): void {
  if (now !== null && now.grant === next.grant && now.revoke === next.revoke && now.alter === next.alter && now.more === next.more) return;
  now = next;
  for (const listener of listeners) listener();
}

export function onStaged(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
