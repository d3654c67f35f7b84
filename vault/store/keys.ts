// The host key (one per data folder, 0600) and the keys of each vault, which lie in the vault's file sealed under it. A
// stolen vault file alone opens nothing; a file moved to another folder needs its host key beside it.
import { createHmac, createPrivateKey, createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { chmodSync, existsSync, openSync, readFileSync, writeSync, fsyncSync, closeSync } from "node:fs";
import { b64u, fromB64u } from "#lib/protocol/bytes.ts";
import { PlainError } from "./plain-error.ts";
import { openAtRest, sealAtRest } from "./seal.ts";

const KEY_BYTES = 32;

/** Reads DIR/host.key, or makes it when the folder has no vault yet. A folder with vaults and no key is refused. */
export function loadHostKey(path: string, mayCreate: boolean): Buffer {
  if (!existsSync(path)) {
    if (!mayCreate) throw new PlainError(`The host key ${path} is missing. Vaults in this folder cannot be opened without it; restore it from your backup.`);
    const key = randomBytes(KEY_BYTES);
    const file = openSync(path, "wx", 0o600);
    writeSync(file, key);
    fsyncSync(file);
    closeSync(file);
    return key;
  }
  const key = readFileSync(path);
  if (key.length !== KEY_BYTES) throw new PlainError(`The host key ${path} has ${key.length} bytes instead of ${KEY_BYTES}. Restore it from your backup.`);
  chmodSync(path, 0o600);
  return key;
}

/** The keys of one opened vault. */
export interface VaultKeys {
  /** Seals L1: title, tags, plain metadata. */
  l1: KeyObject;
  /** Seals L2 values. */
  l2: KeyObject;
  /** What /l3's stable fakes are derived from. */
  fake: KeyObject;
  signing: KeyObject;
  /** Ed25519 public key, base64url of 32 bytes: the vault's identity. */
  publicKey: string;
}

function contextOf(vaultId: string, publicKey: string): string {
  return `vault-keys\n${vaultId}\n${publicKey}`;
}

function derive(dataKey: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(createHmac("sha256", dataKey).update(`clavitor/vault-key/v1\n${purpose}`).digest());
}

function keysOf(dataKey: Uint8Array, seed: Uint8Array, publicKey: string): VaultKeys {
  const signing = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", d: b64u(seed), x: publicKey }, format: "jwk" });
  return { l1: derive(dataKey, "l1"), l2: derive(dataKey, "l2"), fake: derive(dataKey, "fake-l3"), signing, publicKey };
}

/** Fresh keys for a new vault, and the sealed form that goes into its file. */
export function newVaultKeys(hostKey: Uint8Array, vaultId: string): { keys: VaultKeys; sealed: Buffer } {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const publicKey = jwk.x!;
  const seed = fromB64u(jwk.d!, KEY_BYTES);
  const dataKey = randomBytes(KEY_BYTES);
  const sealed = sealAtRest(createSecretKey(hostKey), contextOf(vaultId, publicKey), Buffer.concat([dataKey, seed]));
  return { keys: keysOf(dataKey, seed, publicKey), sealed };
}

/** Opens the keys of a vault; throws PlainError when the host key is not the one that sealed them. */
export function openVaultKeys(hostKey: Uint8Array, vaultId: string, publicKey: string, sealed: Uint8Array): VaultKeys {
  let plain: Buffer;
  try {
    plain = openAtRest(createSecretKey(hostKey), contextOf(vaultId, publicKey), sealed);
  } catch {
    throw new PlainError(`The host key of this folder does not fit the vault ${vaultId}. Put back the host.key that was beside the file.`);
  }
  return keysOf(plain.subarray(0, KEY_BYTES), plain.subarray(KEY_BYTES), publicKey);
}
