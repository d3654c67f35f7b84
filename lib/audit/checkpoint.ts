/**
 * A signed root: C2SP tlog-checkpoint, a text of three lines under an Ed25519 signature of C2SP signed-note. Readable by every tool of
 * that family, and by eye. Pure but for the key that signs.
 */
import { sha256 } from "../protocol/hash.ts";
import { concat, utf8 } from "../protocol/bytes.ts";

export type CheckpointBody = { origin: string; size: number; root: Uint8Array };

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const ED25519 = Uint8Array.of(0x01);

/** Whose log: one per tenant of this installation. */
export const originOf = (appOrigin: string, mspId: string): string => `${new URL(appOrigin).host}/records/${mspId}`;
/** Whose key: the installation's, one for all its logs. */
export const keyNameOf = (appOrigin: string): string => `${new URL(appOrigin).host}/clavitor-msp`;

/** The first four bytes of SHA-256 over name, newline, 0x01 and key (signed-note, Signature types). */
const keyId = (name: string, publicKey: Uint8Array): Uint8Array => sha256(utf8(`${name}\n`), ED25519, publicKey).subarray(0, 4);

/** `name+hash+key`, as verifiers of signed notes take it. @param publicKey 32 bytes */
export const verifierKey = (name: string, publicKey: Uint8Array): string => `${name}+${Buffer.from(keyId(name, publicKey)).toString("hex")}+${base64(concat(ED25519, publicKey))}`;

export const checkpointText = ({ origin, size, root }: CheckpointBody): string => `${origin}\n${size}\n${base64(root)}\n`;

/** @param sign over the text's bytes, b64u of 64 bytes. @returns the whole note */
export function signCheckpoint(body: CheckpointBody, { name, publicKey, sign }: { name: string; publicKey: Uint8Array; sign: (message: Uint8Array) => string }): string {
  const text = checkpointText(body);
  return `${text}\n— ${name} ${base64(concat(keyId(name, publicKey), Buffer.from(sign(utf8(text)), "base64url")))}\n`;
}

/** What a note says, when this key signed it; null: malformed, or not signed by it. Lines of other signers are passed over. */
export async function openCheckpoint(note: string, { name, publicKey }: { name: string; publicKey: Uint8Array }): Promise<CheckpointBody | null> {
  const end = note.indexOf("\n\n");
  if (end === -1) return null;
  const text = note.slice(0, end + 1);
  const [origin, size, root, ...extension] = text.split("\n");
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? "") || !/^[A-Za-z0-9+/]{43}=$/.test(root ?? "") || extension.length !== 1) return null;
  for (const line of note.slice(end + 2).split("\n")) {
    if (!line.startsWith(`— ${name} `)) continue;
    const given = line.slice(name.length + 3);
    const signed = Buffer.from(given, "base64");
    // One spelling: Buffer passes over what is no base64, and over bits beyond the last byte.
    if (signed.length !== 68 || signed.toString("base64") !== given || !signed.subarray(0, 4).equals(keyId(name, publicKey))) continue;
    const key = await crypto.subtle.importKey("raw", new Uint8Array(publicKey), { name: "Ed25519" }, false, ["verify"]);
    if (await crypto.subtle.verify({ name: "Ed25519" }, key, new Uint8Array(signed.subarray(4)), utf8(text))) return { origin, size: Number(size), root: new Uint8Array(Buffer.from(root!, "base64")) };
  }
  return null;
}
