/**
 * A certificate of removal: what the vaults signed, verbatim, beside what this installation states of it under its checkpoint key.
 * Pure: the same code makes it here and checks it offline, in a terminal and in a page that is opened from a disk.
 *
 * The file is canonical JSON (RFC 8785) and a newline, so every byte of it is covered: by the console's signature, through the hashes
 * of its parts. A part is one row of one vault; a client may be handed the certificate with its own parts alone, and it still holds.
 */
import { b64u, concat, randomBytes, tryText, type Bytes } from "../protocol/bytes.ts";
import { base64url, boolean, integer, list, literal, nullable, object, string, type Check } from "../protocol/check.ts";
import { labelBytes, sha256 } from "../protocol/hash.ts";
import { jcs, jcsBytes } from "../protocol/jcs.ts";
import { checkSignedStatement } from "../protocol/answers.ts";
import type { SignedStatement } from "../protocol/messages.ts";

/** One signed page of `GET /agents`: the header `Clavitor-Answer`, the exact body, and what was asked. */
export type Page = { answer: string; body: string; nonce: string; target: string };
export type CertifiedVault = { address: string; id: string; key: string; name: string };
export type CertifiedRow = { all_access: boolean; id: number; name: string; scopes: string; uid: string };
/** What was sent and what came back: `answer` is `{receipt, signature}` as it came, `assertion` the header with the tap, `body` the operations. */
export type Removal = { answer: string; assertion: string; body: string; challenge: string };

/** `salt`: nobody guesses a client from a hash. `agent`: the number of our own row. `removal` null: it was gone without one of ours. */
export type RemovedPart = { agent: number; backup: "confirmed" | "none" | "waits"; client: string; kind: "removed"; list: readonly Page[]; removal: Removal | null; row: CertifiedRow; salt: string; statement: SignedStatement; vault: CertifiedVault };
/** The client's own row: named, not removed. */
export type OwnPart = { client: string; kind: "own"; row: CertifiedRow; salt: string; vault: CertifiedVault };
/** Set apart by a person: nothing here proves it. */
export type ApartPart = { by: string; client: string; kind: "apart"; row: CertifiedRow; salt: string; vault: CertifiedVault; words: string };
export type Part = RemovedPart | OwnPart | ApartPart;

/** A hardware key that approved, as the vaults know it (COSE, b64u). */
export type CertifiedSigner = { credential_id: string; label: string; origin: string; person: string; public_key: string; rp_id: string };

/** What the console states. Times in Unix seconds. `parts`: their hashes, ascending. */
export type RemovalStatement = {
  apart: number; at: number; board: string; cause: "leaver" | "token"; msp: { name: string; origin: string }; number: number; opened: number; opened_by: string; own: number; parts: readonly string[]; person: string; removed: number; signers: readonly CertifiedSigner[]; v: 1;
};

export type Certificate = { key: string; kind: "removal"; parts: readonly Part[]; signature: string; statement: RemovalStatement; v: 1 };

export const partHash = (part: Part): string => b64u(sha256(labelBytes("removal-part"), jcsBytes(part)));
/** The exact bytes under the console's signature: `"clavitor/removal/v1\n" || JCS(statement)`. */
export const removalMessage = (statement: RemovalStatement): Bytes => concat(labelBytes("removal"), jcsBytes(statement));
/** SHA-256 of that statement: what two people compare. */
export const removalDigest = (statement: RemovalStatement): Bytes => sha256(removalMessage(statement));
export const freshSalt = (): string => b64u(randomBytes(16));

/** @param key the installation's checkpoint key (lib/glass/checkpoint-key.ts) */
export function issue(facts: Omit<RemovalStatement, "parts" | "removed" | "own" | "apart" | "v">, parts: readonly Part[], key: { readonly publicKey: string; sign(message: Uint8Array): string }): Certificate {
  const count = (kind: Part["kind"]) => parts.filter((part) => part.kind === kind).length;
  const statement: RemovalStatement = { ...facts, apart: count("apart"), own: count("own"), parts: parts.map(partHash).toSorted(), removed: count("removed"), v: 1 };
  return { key: key.publicKey, kind: "removal", parts, signature: key.sign(removalMessage(statement)), statement, v: 1 };
}

/** The file: canonical JSON and a newline. */
export const certificateFile = (certificate: Certificate): string => `${jcs(certificate)}\n`;

/** The same certificate with some parts alone, for whom the others are none of their business. */
export const excerpt = (certificate: Certificate, keep: (part: Part) => boolean): Certificate => ({ ...certificate, parts: certificate.parts.filter(keep) });

const hash = base64url(32);
const time = integer(0);
const vault: Check<CertifiedVault> = object({ address: string, id: string, key: hash, name: string });
const row: Check<CertifiedRow> = object({ all_access: boolean, id: integer(1), name: string, scopes: string, uid: string });
const page: Check<Page> = object({ answer: string, body: string, nonce: string, target: string });
const removal: Check<Removal> = object({ answer: string, assertion: string, body: string, challenge: string });
const salt = base64url(16);

const checkRemoved: Check<RemovedPart> = object({ agent: integer(1), backup: literal("confirmed", "none", "waits"), client: string, kind: literal("removed"), list: list(page, 1, 64), removal: nullable(removal), row, salt, statement: checkSignedStatement, vault });
const checkOwn: Check<OwnPart> = object({ client: string, kind: literal("own"), row, salt, vault });
const checkApart: Check<ApartPart> = object({ by: string, client: string, kind: literal("apart"), row, salt, vault, words: string });
const checkPart: Check<Part> = (value, path): asserts value is Part => {
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  if (kind === "own") checkOwn(value, path);
  else if (kind === "apart") checkApart(value, path);
  else checkRemoved(value, path);
};
const signer: Check<CertifiedSigner> = object({ credential_id: base64url(1, 1023), label: string, origin: string, person: string, public_key: base64url(1, 2048), rp_id: string });
const statement: Check<RemovalStatement> = object({
  apart: integer(0), at: time, board: string, cause: literal("leaver", "token"), msp: object({ name: string, origin: string }), number: integer(1), opened: time, opened_by: string, own: integer(0), parts: list(hash, 1, 20_000), person: string, removed: integer(0), signers: list(signer, 0, 500), v: literal(1),
});
const checkCertificate: Check<Certificate> = object({ key: hash, kind: literal("removal"), parts: list(checkPart, 0, 20_000), signature: base64url(64), statement, v: literal(1) });

/** The certificate in a file, when the file is its canonical form to the byte; else why not. */
export function parseCertificate(file: Uint8Array): { certificate: Certificate } | { words: string } {
  const text = tryText(file);
  if (text === null) return { words: "It is no text in UTF-8." };
  let value: unknown;
  try {
    value = JSON.parse(text);
    checkCertificate(value, "");
    // What is said twice, in another order or with other spaces is another file than the one that was issued.
    if (`${jcs(value)}\n` !== text) return { words: "It is not written as it was issued: a byte was changed, added or taken away." };
    return { certificate: value };
  } catch {
    return { words: "It is no certificate of removal, or a byte of its form was changed." };
  }
}

/** First letters of a digest or key, in groups of four, to be compared by eye or read out. */
export const groupsOf = (bytes: Uint8Array): string[] => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").match(/.{4}/g) ?? [];
