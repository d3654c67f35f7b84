/** What a board says of itself, in every state. Pure. A row that a person set apart is proven nowhere, and is never counted as gone. */
import { capital } from "../capital.ts";

/** `tokens`: rows of ours; `vaults`: where they are. A vault counts as gone when each of its tokens is proven absent. */
export type BoardCount = { tokens: number; absent: number; apart: number; vaults: number; vaultsGone: number; vaultsOpen: number };
type Row = { vaultRef: string; state: string };

/** The client's own rows are none of ours and count nowhere. */
export function countBoard(rows: readonly Row[]): BoardCount {
  const ours = rows.filter(({ state }) => state !== "own");
  const vaults = [...Map.groupBy(ours, ({ vaultRef }) => vaultRef).values()];
  const count = (state: string) => ours.filter((row) => row.state === state).length;
  return {
    tokens: ours.length, absent: count("absent"), apart: count("apart"), vaults: vaults.length,
    vaultsGone: vaults.filter((here) => here.every(({ state }) => state === "absent")).length, vaultsOpen: vaults.filter((here) => here.some(({ state }) => state !== "absent" && state !== "apart")).length,
  };
}

const figure = (count: number): string => count.toLocaleString("en");
const vaultsWords = (count: number): string => (count === 1 ? "1 vault" : `${figure(count)} vaults`);
const apartWords = (count: number): string => `${count === 1 ? "1 token" : `${figure(count)} tokens`} set apart, unproven`;
const allOf = (count: number): string => (count === 1 ? "the one vault" : `all ${figure(count)} vaults`);

/** "gone from 3 of 4 vaults, 1 token set apart, unproven": of a board with nothing open. */
function goneWords({ vaults, vaultsGone, apart, absent }: BoardCount): string {
  if (apart === 0) return `gone from ${allOf(vaults)}`;
  return absent === 0 ? `proven gone nowhere: ${apartWords(apart)}` : `gone from ${figure(vaultsGone)} of ${vaultsWords(vaults)}, ${apartWords(apart)}`;
}

/** The board in one sentence. */
export function boardTitle(name: string, count: BoardCount, closed: boolean): string {
  if (!closed && count.vaultsOpen > 0) return `${name} may still read in ${figure(count.vaultsOpen)} of ${vaultsWords(count.vaults)}`;
  return `${name} is ${goneWords(count)}${closed ? "" : "; closing"}`;
}

/** What was read again when it closed. */
export function readAgainWords({ vaults, vaultsGone, apart, absent }: BoardCount): string {
  if (apart === 0) return `${vaults === 1 ? "The one vault" : "Every vault"} was read again without the token.`;
  if (absent === 0) return "No vault was read again: whatever was left had been set apart by a person, unproven.";
  return vaultsGone === 0 ? `No vault is proven without any of them: ${apartWords(apart)}.` : `${vaultsWords(vaultsGone)} of ${figure(vaults)} ${vaultsGone === 1 ? "was" : "were"} read again without the token; the rest was set apart by a person, unproven.`;
}

/** What its certificate says, or will say, of the vaults; the name follows. */
export const certifiedWords = ({ apart, absent }: BoardCount): string =>
  apart === 0 ? "every vault below had been read and held no token we gave to" : absent === 0 ? "no vault could be read any more; set apart, unproven, are tokens we gave to" : "every vault below but those set apart had been read and held no token we gave to";

/** A board in a list: closed ones say whether all of it is proven. */
export function listWords({ closedAt, reopenedAt, open, total, apart }: { closedAt: number | null; reopenedAt: number | null; open: number; total: number; apart: number }): { glyph: "proven" | "attention" | "refused" | "moving"; words: string } {
  if (closedAt !== null) return apart === 0 ? { glyph: "proven", words: "Gone everywhere" } : { glyph: "attention", words: `Closed, ${figure(apart)} unproven` };
  return reopenedAt !== null ? { glyph: "refused", words: `Opened again, ${figure(open)} open` } : { glyph: "moving", words: `${figure(open)} of ${figure(total)} open` };
}

/** On the page of the person whose tokens they were. */
export function personWords({ closedAt, open, total, count }: { closedAt: number | null; open: number; total: number; count: BoardCount }): string {
  if (closedAt === null) return `${figure(open)} of ${total === 1 ? "1 token" : `${figure(total)} tokens`} may still read.`;
  const words = count.apart === 0 ? `gone from ${vaultsWords(count.vaults)}` : goneWords(count);
  return `${capital(words)}.`;
}

/** Over the list of boards: no more than what is known of them. */
export function boardsWords(boards: readonly { closedAt: number | null; absent: number; apart: number }[]): string {
  if (boards.length === 0) return "No board was opened yet.";
  const open = boards.filter(({ closedAt }) => closedAt === null).length;
  if (open > 0) return `${open === 1 ? "One board is" : `${figure(open)} boards are`} open. A board closes when every vault signed a list of rows without the token, or a person set apart what nothing can prove any more.`;
  const [absent, apart] = [boards.reduce((sum, board) => sum + board.absent, 0), boards.reduce((sum, board) => sum + board.apart, 0)];
  if (absent === 0) return `No board is open. Nothing that was taken away with one is proven gone: ${apartWords(apart)}.`;
  return `No board is open. ${apart === 0 ? "What was taken away with one is proven gone." : `What was taken away with one is proven gone, but for ${apartWords(apart)}.`}`;
}

/** Removals that were signed on no board, and of which no proof has come yet; null: there are none, or none that is known. */
export const outsideWords = (count: number): string | null => (count === 0 ? null : `${count === 1 ? "1 removal that was signed without a board is" : `${figure(count)} removals that were signed without a board are`} not proven.`);
