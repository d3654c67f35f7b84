// How a backup shows whose it is (PROTOCOL 9): the certificate of its key under the vault's own, beside each signed answer.
import { b64u, tryB64u } from "./bytes.ts";
import { jcsBytes } from "./jcs.ts";
import { verifySigned } from "./signed.ts";

/** base64url of JCS `{backup_key, epoch, signature}`; the signature covers `{backup_key, epoch, vault}`. */
export const BACKUP_KEY_HEADER = "Clavitor-Backup-Key";

export function encodeBackupKey(backupKey: string, { epoch, signature }: { epoch: number; signature: string }): string {
  return b64u(jcsBytes({ backup_key: backupKey, epoch, signature }));
}

/**
 * The backup's key in a header, when the vault's key certified it for this vault and epoch; else null. `epoch` is the one
 * that the answer names: an older certificate says nothing about a newer epoch.
 */
export async function verifyBackupKey(header: string | null | undefined, { vault, epoch }: { vault: string; epoch: number }, publicKey: string | CryptoKey): Promise<string | null> {
  const bytes = header == null || header.length > 1_000 ? null : tryB64u(header);
  if (bytes === null) return null;
  let value: Partial<Record<"backup_key" | "epoch" | "signature", unknown>>;
  try {
    const parsed: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    if (typeof parsed !== "object" || parsed === null) return null;
    value = parsed;
  } catch {
    return null;
  }
  const { backup_key: backupKey, signature } = value;
  if (typeof backupKey !== "string" || typeof signature !== "string" || value.epoch !== epoch) return null;
  if (encodeBackupKey(backupKey, { epoch, signature }) !== header) return null;
  return (await verifySigned("backup-key", { backup_key: backupKey, epoch, vault }, signature, publicKey)) ? backupKey : null;
}
