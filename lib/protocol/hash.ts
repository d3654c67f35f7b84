import { sha256 as scriptSha256 } from "@hpke/common";
import { b64u, concat, utf8, type Bytes } from "./bytes.ts";

// Synchronous, because a tree of 65,536 leaves is 131,071 hashes and a promise for each would cost more than the hash.
// Node's own SHA-256 where it exists (reached without an import, so that a browser bundle has nothing to resolve), else
// the script implementation that the HPKE library brings anyway.
interface NodeHash {
  (algorithm: "sha256", data: Uint8Array, encoding: "buffer"): Uint8Array;
  (algorithm: "sha256", data: string, encoding: "base64url"): string;
}
interface MaybeNode {
  process?: { getBuiltinModule?: (id: string) => { hash?: NodeHash } | undefined };
}

const nodeHash: NodeHash | undefined = (globalThis as MaybeNode).process?.getBuiltinModule?.("node:crypto")?.hash;

/** SHA-256 in script; exported so that the tests compare it with Node's. */
export function sha256Script(data: Uint8Array): Bytes {
  return new Uint8Array(scriptSha256(data));
}

const digest: (data: Uint8Array) => Bytes =
  nodeHash === undefined ? sha256Script : (data) => new Uint8Array(nodeHash("sha256", data, "buffer"));

/** SHA-256 of the parts laid end to end; 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Bytes {
  return digest(parts.length === 1 ? parts[0]! : concat(...parts));
}

/**
 * `H("clavitor/<label>/v1\n" || rest)`. No label contains a newline, so the first newline ends the label and no two
 * purposes can share an input.
 */
export function labelledHash(label: string, ...rest: readonly Uint8Array[]): Bytes {
  return sha256(labelBytes(label), ...rest);
}

/** {@link labelledHash} of a text, as base64url: in Node without a copy of it as bytes. */
export function labelledTextHash(label: string, text: string): string {
  return nodeHash === undefined ? b64u(labelledHash(label, utf8(text))) : nodeHash("sha256", `clavitor/${label}/v1\n${text}`, "base64url");
}

/** The bytes `clavitor/<label>/v1\n` that open everything that is hashed or signed. */
export function labelBytes(label: string): Bytes {
  return utf8(`clavitor/${label}/v1\n`);
}
