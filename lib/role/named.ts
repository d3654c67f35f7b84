/** "Acme Dental Group, Pennard Tiles and 3 more": names in the order given, in full up to `shown`. Pure. */
export function named(names: readonly string[], shown = 3): string {
  if (names.length <= shown) return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;
  return `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`;
}
