/**
 * The vaults' own signed words for a client's page: asked for at most once a minute and vault, however many look; while a vault
 * is silent, the last one that was kept, with its age.
 */
import { checkSignedStatement } from "../protocol/answers.ts";
import type { SignedStatement } from "../protocol/messages.ts";
import { verifySigned } from "../protocol/signed.ts";
import { limits } from "../limits.ts";
import type { GlassRow } from "./facts.ts";

/** Asks one vault. `trouble`: why there is no word, as a sentence. */
export type AskVault = (row: GlassRow) => Promise<{ signed: SignedStatement } | { trouble: string }>;
/** `fetched` in epoch milliseconds. `fresh`: got just now, not kept yet. */
export type Word = { readonly signed: SignedStatement | null; readonly fetched: number; readonly trouble: string | null; readonly fresh: boolean };

type Held = { at: number; word: Promise<{ signed: SignedStatement } | { trouble: string }> };
/** Per process: a page opened by many at once asks the vault once. Bounded, so that it never grows with the clients. */
const held = new Map<string, Held>();
const most = 500;

const silent = { trouble: "The vault did not answer within a few seconds." } as const;

/** Within limits.glassWaitMs: who looks at the page does not wait longer. */
async function bounded(asked: Promise<{ signed: SignedStatement } | { trouble: string }>): Promise<{ signed: SignedStatement } | { trouble: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof silent>((resolve) => {
    timer = setTimeout(() => resolve(silent), limits.glassWaitMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

function askOnce(row: GlassRow, ask: AskVault, now: number): Promise<{ signed: SignedStatement } | { trouble: string }> {
  const key = `${row.mspId}/${row.vaultRef}`;
  const there = held.get(key);
  // Of two visits at once the later may come here first: its asking serves the other too.
  if (there && Math.abs(now - there.at) < limits.glassStatementMs) return there.word;
  if (held.size >= most) held.delete(held.keys().next().value!);
  const word = ask(row);
  held.delete(key);
  held.set(key, { at: now, word });
  return word;
}

type Kept = { statement: unknown; signature: string; fetchedAt: Date };

/** What was kept is judged again as if it had just come: the column is ours, and yet it is not believed. */
async function judged(row: GlassRow, { statement, signature }: Kept): Promise<SignedStatement | null> {
  const signed: unknown = { statement, signature };
  try {
    checkSignedStatement(signed, "");
  } catch {
    return null;
  }
  return (await verifySigned("statement", signed.statement, signed.signature, row.publicKey!)) ? signed : null;
}

/** The word for each vault that still is connected. A kept one that does not hold any more is none. */
export async function wordsOf(rows: readonly GlassRow[], kept: ReadonlyMap<string, Kept>, ask: AskVault, now: number): Promise<Map<string, Word>> {
  const entries = await Promise.all(
    rows.map(async (row): Promise<[string, Word]> => {
      const before = kept.get(row.vaultRef);
      const open = row.state === "connected" || row.state === "unconfirmed";
      const asked = open ? await bounded(askOnce(row, ask, now)) : { trouble: "This vault is no longer asked." };
      if ("signed" in asked) return [row.vaultRef, { signed: asked.signed, fetched: held.get(`${row.mspId}/${row.vaultRef}`)?.at ?? now, trouble: null, fresh: true }];
      const signed = before && row.state !== "ended" ? await judged(row, before) : null;
      return [row.vaultRef, { signed, fetched: before?.fetchedAt.getTime() ?? now, trouble: asked.trouble, fresh: false }];
    }),
  );
  return new Map(entries);
}

/** For tests: forgets what this process was told. */
export const forgetWords = (): void => held.clear();
export type { Kept };
