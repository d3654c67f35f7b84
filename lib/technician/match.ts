/**
 * Whose row a vault's row may be, by its name. A proposal for a person to decide: the plane links by itself only what a seal
 * or a unique exact name proves. Pure.
 */
const words = (name: string): string[] => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** How well a row's name fits a person's: 3 same words, 2 one contains the other, 1 same last word and first letter; 0 not. */
function likeness(row: readonly string[], person: readonly string[]): number {
  if (row.length === 0 || person.length === 0) return 0;
  const [a, b] = [new Set(row), new Set(person)];
  if (a.size === b.size && a.isSubsetOf(b)) return 3;
  if (Math.min(a.size, b.size) >= 2 && (a.isSubsetOf(b) || b.isSubsetOf(a))) return 2;
  const last = person.at(-1)!;
  // "J. Meier", "jmeier": an initial and the family name.
  if (person.length >= 2 && (row.join("") === `${person[0]![0]}${last}` || (row.includes(last) && row[0]![0] === person[0]![0]))) return 1;
  return 0;
}

/** The likeliest people for a row of this name, at most `most`; several of the same likeness all stand there, so that nobody is chosen by chance. */
export function candidates<Person extends { readonly name: string }>(rowName: string, people: readonly Person[], most = 3): Person[] {
  const row = words(rowName);
  return people
    .map((person) => ({ person, fit: likeness(row, words(person.name)) }))
    .filter(({ fit }) => fit > 0)
    .toSorted((a, b) => b.fit - a.fit || (a.person.name < b.person.name ? -1 : 1))
    .slice(0, most)
    .map(({ person }) => person);
}
