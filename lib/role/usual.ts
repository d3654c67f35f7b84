/** What an MSP's work usually divides into: offered when there is no role yet, and nowhere else. Pure. */
export const usualRoles: readonly { readonly name: string; readonly letter: string }[] = [
  { name: "Networking", letter: "N" },
  { name: "Monitoring", letter: "M" },
  { name: "Backup", letter: "B" },
  { name: "Servers", letter: "S" },
  { name: "Web", letter: "W" },
  { name: "Identity", letter: "I" },
  { name: "Cloud", letter: "C" },
  { name: "Telephony", letter: "T" },
];

/** Two spellings of one name: compared without case, form and doubled spaces. */
export const fold = (name: string): string => name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();

/** The first free letter for a name: one of its own if possible. null: all 25 are taken. */
export function freeLetter(name: string, taken: ReadonlySet<string>): string | null {
  const own = name.normalize("NFKD").toUpperCase().match(/[A-Z]/g) ?? [];
  return [...own, ..."ABCDEGHIJKLMNOPQRSTUVWXYZ"].find((letter) => letter !== "F" && !taken.has(letter)) ?? null;
}
