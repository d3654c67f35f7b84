// The host key (one per data folder, 0600) and the keys of each vault, which lie in the vault's file sealed under it. A
// stolen vault file alone opens nothing; a file moved to another folder needs its host key beside it.
import { createHmac, createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
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
  /** The vault's own key on a primary, the backup's on a backup. */
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

function keysOf(dataKey: Uint8Array, seed: Uint8Array, publicKey: string, signingKey: string): VaultKeys {
  const signing = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", d: b64u(seed), x: signingKey }, format: "jwk" });
  return { l1: derive(dataKey, "l1"), l2: derive(dataKey, "l2"), fake: derive(dataKey, "fake-l3"), signing, publicKey };
}

/** Fresh keys for a new vault, and the sealed form that goes into its file. */
export function newVaultKeys(hostKey: Uint8Array, vaultId: string): { keys: VaultKeys; sealed: Buffer } {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const publicKey = jwk.x!;
  const seed = fromB64u(jwk.d!, KEY_BYTES);
  const dataKey = randomBytes(KEY_BYTES);
  const sealed = sealAtRest(createSecretKey(hostKey), contextOf(vaultId, publicKey), Buffer.concat([dataKey, seed]));
  return { keys: keysOf(dataKey, seed, publicKey, publicKey), sealed };
}

/** Data key and signing seed of a vault as they lie sealed in its file; throws PlainError when the host key does not fit. */
export function exportVaultKeys(hostKey: Uint8Array, vaultId: string, publicKey: string, sealed: Uint8Array): Buffer {
  try {
    return openAtRest(createSecretKey(hostKey), contextOf(vaultId, publicKey), sealed);
  } catch {
    throw new PlainError(`The host key of this folder does not fit the vault ${vaultId}. Put back the host.key that was beside the file.`);
  }
}

function publicOf(seed: Uint8Array): string {
  // PKCS #8 of RFC 8410 around the seed: the one form in which Node takes a private key without its public half.
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({ format: "jwk" }).x!;
}

/** Seals keys that came from another host under this one's; throws when they are not the keys of that public key. */
export function sealVaultKeys(hostKey: Uint8Array, vaultId: string, publicKey: string, plain: Uint8Array): Buffer {
  if (plain.length !== 2 * KEY_BYTES || publicOf(plain.subarray(KEY_BYTES)) !== publicKey) throw new PlainError(`The keys that came for ${vaultId} are not its own.`);
  return sealAtRest(createSecretKey(hostKey), contextOf(vaultId, publicKey), plain);
}

export function openVaultKeys(hostKey: Uint8Array, vaultId: string, publicKey: string, sealed: Uint8Array): VaultKeys {
  const plain = exportVaultKeys(hostKey, vaultId, publicKey, sealed);
  return keysOf(plain.subarray(0, KEY_BYTES), plain.subarray(KEY_BYTES), publicKey, publicKey);
}

// A backup signs with a key of its own (PROTOCOL 9). Sealed together with the data key, so that a running backup never opens
// what holds the vault's own signing seed; only its promotion does.

function backupContext(vaultId: string, backupKey: string): string {
  return `backup-keys\n${vaultId}\n${backupKey}`;
}

export function newBackupSeed(): { seed: Uint8Array; backupKey: string } {
  const seed = new Uint8Array(randomBytes(KEY_BYTES));
  return { seed, backupKey: publicOf(seed) };
}

/** `keys`: data key and signing seed, of which only the first goes in. */
export function sealBackupKeys(hostKey: Uint8Array, vaultId: string, backupKey: string, keys: Uint8Array, seed: Uint8Array): Buffer {
  return sealAtRest(createSecretKey(hostKey), backupContext(vaultId, backupKey), Buffer.concat([keys.subarray(0, KEY_BYTES), seed]));
}

export function openBackupSeed(hostKey: Uint8Array, vaultId: string, backupKey: string, sealed: Uint8Array): Uint8Array {
  return openAtRest(createSecretKey(hostKey), backupContext(vaultId, backupKey), sealed).subarray(KEY_BYTES);
}

/** The keys of a vault in backup mode: its data key, and the backup's own signing key. */
export function openBackupKeys(hostKey: Uint8Array, vaultId: string, publicKey: string, backupKey: string, sealed: Uint8Array): VaultKeys {
  let plain: Buffer;
  try {
    plain = openAtRest(createSecretKey(hostKey), backupContext(vaultId, backupKey), sealed);
  } catch {
    throw new PlainError(`The host key of this folder does not fit the backup of ${vaultId}.`);
  }
  return keysOf(plain.subarray(0, KEY_BYTES), plain.subarray(KEY_BYTES), publicKey, backupKey);
}
