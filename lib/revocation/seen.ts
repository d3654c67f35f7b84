/**
 * What a rotation list says of what it cannot see, and which of its entries are still to be rotated. Pure. An entry is known by its uid
 * alone: what it is called and what stands in it, the console cannot know, and the client finds it by that uid.
 */

/** `hiddenReads`: readings whose entry the client does not show us. `hiddenChanges`: changes of entries that may be any of these. */
export type Hidden = { hiddenReads: number; hiddenChanges: number };

const times = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** What the log does not tell, in words; null: it tells all. */
export function gapWords({ hiddenReads, hiddenChanges }: Hidden): string | null {
  const words = [
    hiddenReads > 0 ? `The client does not show us which entries ${times(hiddenReads, "reading was", "readings were")} of.` : null,
    hiddenChanges > 0 ? `${times(hiddenChanges, "change", "changes")} of entries that the client does not show us: some of these may have been changed since.` : null,
  ].filter((one) => one !== null);
  return words.length === 0 ? null : words.join(" ");
}

/** What is still to be rotated: opened, and neither changed nor removed since. */
export const toRotate = <E extends { changedAt: unknown; removed: boolean }>(entries: readonly E[]): E[] => entries.filter(({ changedAt, removed }) => changedAt === null && !removed);
