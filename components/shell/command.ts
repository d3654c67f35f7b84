import type { ReactNode } from "react";

/** A line of the palette: a place to go (`href`) or a thing to do (`run`). */
export type Command = {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  /** A quieter remark behind the label. */
  readonly detail?: string;
  readonly icon?: ReactNode;
  readonly keys?: readonly string[];
  /** Other words under which it is looked for. */
  readonly words?: readonly string[];
  readonly danger?: boolean;
  /** Something to do, though it begins at an address. */
  readonly deed?: boolean;
} & ({ readonly href: string } | { readonly run: () => void });

/** Letters without accents and case, so that "chateau" finds "Château". */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().trim();
}

/**
 * How well a command answers what was typed: 0 not at all, 1 the label itself. Every typed word must be found; the beginning of
 * the label counts most, then the beginning of a word, then the middle of one, then the other words and the detail.
 */
export function scoreCommand(command: Pick<Command, "label" | "detail" | "words">, typed: string): number {
  const asked = fold(typed).split(/\s+/).filter(Boolean);
  if (asked.length === 0) return 1;
  const label = fold(command.label);
  if (label === asked.join(" ")) return 1;
  const besides = fold([...(command.words ?? []), command.detail ?? ""].join(" "));
  let total = 0;
  for (const word of asked) {
    const score = place(label, word) || place(besides, word) * 0.4;
    if (score === 0) return 0;
    total += score;
  }
  return (total / asked.length) * 0.95;
}

function place(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at === -1) return 0;
  if (at === 0) return 1;
  return new RegExp(String.raw`(^|[^\p{L}\p{N}])${word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}`, "u").test(text) ? 0.85 : 0.5;
}

export const isDeed = (command: Command): boolean => "run" in command || command.deed === true;
export const onlyDeeds = (typed: string): boolean => typed.trimStart().startsWith(">");

/** The commands that answer, best first, equal ones in their given order. A leading `>` leaves only things to do. */
export function findCommands<One extends Command>(commands: readonly One[], typed: string): One[] {
  const onlyActions = onlyDeeds(typed);
  const asked = onlyActions ? typed.trimStart().slice(1) : typed;
  return commands
    .filter((command) => !onlyActions || isDeed(command))
    .map((command) => ({ command, score: scoreCommand(command, asked) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ command }) => command);
}

/** Where the typed words stand in a label, as pieces in reading order, to be set bold. Joined they give the label again. */
export function markTyped(label: string, typed: string): { text: string; hit: boolean }[] {
  const asked = fold(typed.replace(/^\s*>/, "")).split(/\s+/).filter(Boolean);
  // Folding one letter at a time keeps the places of the label, whatever its accents decompose into.
  const letters = Array.from(label);
  const folded = letters.map((letter) => letter.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase());
  const hit = letters.map(() => false);
  const joined = folded.join("");
  const owner = folded.flatMap((piece, index) => Array.from(piece).flatMap((part) => Array.from({ length: part.length }, () => index)));
  for (const word of asked) {
    const at = joined.indexOf(word);
    if (at === -1) continue;
    for (const index of owner.slice(at, at + word.length)) hit[index] = true;
  }
  const pieces: { text: string; hit: boolean }[] = [];
  letters.forEach((letter, index) => {
    const last = pieces.at(-1);
    if (last && last.hit === Boolean(hit[index])) last.text += letter;
    else pieces.push({ text: letter, hit: Boolean(hit[index]) });
  });
  return pieces;
}
