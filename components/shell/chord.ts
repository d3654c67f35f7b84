/** What of a key press decides; a `KeyboardEvent` fits. */
export type Press = { readonly key: string; readonly ctrlKey: boolean; readonly metaKey: boolean; readonly altKey: boolean };
export type ChordState = { readonly leader: boolean; readonly at: number };
export type Chord = { readonly kind: "go"; readonly letter: string } | { readonly kind: "help" } | { readonly kind: "palette" };

export const NO_CHORD: ChordState = { leader: false, at: 0 };
/** `G` waits this long for its letter. Long enough for one finger after the other. */
export const LEADER_MS = 1500;

/**
 * One key press against what was pressed before. `Ctrl K` or `Cmd K` opens the palette always; `?` and `G` + letter only while
 * single letters are on and nobody types (`free`). `letters` are those that lead somewhere, in lower case. `now` in ms.
 * Returns the new state and the deed, if the press completed one.
 */
export function pressChord(state: ChordState, press: Press, options: { now: number; free: boolean; letters: ReadonlySet<string> }): { state: ChordState; chord: Chord | null } {
  const key = press.key.toLowerCase();
  if (key === "k" && (press.ctrlKey || press.metaKey) && !press.altKey) return { state: NO_CHORD, chord: { kind: "palette" } };
  if (!options.free || press.ctrlKey || press.metaKey || press.altKey) return { state: NO_CHORD, chord: null };
  // Holding Shift for a capital or a `?` is a press of its own; it must not break the chord.
  if (key === "shift") return { state, chord: null };
  if (state.leader && options.now - state.at <= LEADER_MS && options.letters.has(key)) return { state: NO_CHORD, chord: { kind: "go", letter: key } };
  if (key === "g") return { state: { leader: true, at: options.now }, chord: null };
  if (press.key === "?") return { state: NO_CHORD, chord: { kind: "help" } };
  return { state: NO_CHORD, chord: null };
}
