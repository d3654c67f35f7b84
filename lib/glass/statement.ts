/**
 * What the console states on a client's own page, and how it is signed. Pure: the same code makes it here and checks it in the
 * visitor's browser (docs/glass.md). Members are spelled as on the wire; times are Unix seconds.
 */
import { concat, tryB64u, type Bytes } from "../protocol/bytes.ts";
import { labelBytes, sha256 } from "../protocol/hash.ts";
import { jcsBytes } from "../protocol/jcs.ts";
import type { Grant, SignedStatement } from "../protocol/messages.ts";
import { importVaultKey, verifySigned } from "../protocol/signed.ts";
import type { ConditionKind } from "../client/condition.ts";
import type { ProbeResult } from "../client/probe-words.ts";

/** A row as we last read it, for when the vault's own word is not to be had. */
export interface GlassPerson { uid: string; name: string; scopes: string; all_access: boolean; since: number; until: number | null; last_used: number | null }
/** `sign` of the alphabet of change (DESIGN 5.3). `words` follow the name. */
export interface GlassChange { at: number; sign: "grant" | "revoke" | "alter" | "keep"; name: string; words: string }
/**
 * What the MSP's people did of late. `log`: counted in the vault's own log from `from` to `until`, between which it is here whole; null
 * while it is not known. `changes`: operations of signed changes that were read back, `removed` of them took a token away.
 */
export interface GlassSeason { log: { from: number; until: number; opened: number; codes: number; refused: number } | null; changes: number; removed: number }
export interface GlassVault {
  vault: string;
  name: string;
  address: string;
  /** b64u of 32 bytes: the key that the vault showed when it was connected. */
  key: string;
  condition: ConditionKind;
  connected: number | null;
  ended: number | null;
  read: number | null;
  grant: Grant | null;
  roles: { scope: string; name: string; letter: string }[];
  people: GlassPerson[];
  signers: { person: string; label: string }[];
  probe: { result: ProbeResult | null; at: number | null; unproven_since: number | null; blind: number; tried: number; hours: (ProbeResult | "none")[] };
  season: GlassSeason;
  changes: GlassChange[];
}
export interface GlassStatement { v: 1; at: number; msp: { name: string; origin: string }; client: { name: string; place: string | null }; until: number | null; vaults: GlassVault[] }

/** What the page is handed. `vaults`: each vault's own signed word as it came, with when we got it; null when there is none. */
export interface GlassAnswer {
  statement: GlassStatement;
  signature: string;
  /** b64u of 32 bytes: this installation's checkpoint key. */
  key: string;
  vaults: { vault: string; fetched: number; trouble: string | null; signed: SignedStatement | null }[];
}

/** The exact bytes under the signature: `"clavitor/glass/v1\n" || JCS(statement)`. */
export const glassMessage = (statement: GlassStatement): Bytes => concat(labelBytes("glass"), jcsBytes(statement));

/** Short enough to be compared by eye: the first 16 letters of the statement's hash, in groups of four. */
export const digestWords = (value: unknown): string => [...sha256(jcsBytes(value)).subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("").replaceAll(/(.{4})(?=.)/g, "$1 ");

/** Whether the console's own part is signed by the key beside it. A malformed key or signature is false. */
export async function verifyGlass({ statement, signature, key }: Pick<GlassAnswer, "statement" | "signature" | "key">): Promise<boolean> {
  const bytes = tryB64u(signature, 64);
  const imported = await importVaultKey(key);
  return bytes !== null && imported !== null && crypto.subtle.verify({ name: "Ed25519" }, imported, bytes, glassMessage(statement));
}

/** Any point of the curve will do (here the base point): whether this browser knows Ed25519 at all. Without it nothing is "altered", only not checked. */
export async function canVerify(): Promise<boolean> {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(0x66).with(0, 0x58), { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

/** `signed`: the vault's word, true to the key and about this vault. `bad`: somebody altered it. `none`: there is none. */
export type VaultWord = { kind: "signed"; signed: SignedStatement; digest: string } | { kind: "bad" } | { kind: "none" };

/** Judges a vault's own word under the key that the console states for it: signature, and that it is this vault's. */
export async function judgeVaultWord(vault: Pick<GlassVault, "vault" | "key">, signed: SignedStatement | null): Promise<VaultWord> {
  if (signed === null) return { kind: "none" };
  const { statement, signature } = signed;
  if (statement.vault !== vault.vault || !(await verifySigned("statement", statement, signature, vault.key))) return { kind: "bad" };
  return { kind: "signed", signed, digest: digestWords(statement) };
}

/** What a visitor keeps: both statements and signatures, enough to check them again without us. */
export const keepsake = (answer: GlassAnswer): string => `${JSON.stringify({ about: "clavitor/glass/v1: Ed25519 over the label, a newline and the canonical JSON (RFC 8785) of \"statement\"; each of \"vaults\" is signed by its vault under the key named in the statement.", ...answer }, null, 1)}\n`;

/** The first and last letters of a key, for a line of text. */
export const shortKey = (key: string): string => `${key.slice(0, 6)}…${key.slice(-4)}`;
