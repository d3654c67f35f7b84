import { generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "vitest";
import { encodeBackupKey, verifyBackupKey } from "./backup-key.ts";
import { b64u } from "./bytes.ts";
import { signedMessage } from "./signed.ts";

const pair = generateKeyPairSync("ed25519");
const vaultKey = pair.publicKey.export({ format: "jwk" }).x!;
const backupKey = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x!;
const signature = b64u(sign(null, signedMessage("backup-key", { backup_key: backupKey, epoch: 3, vault: "hmHr7A" }), pair.privateKey));
const header = encodeBackupKey(backupKey, { epoch: 3, signature });
const context = { vault: "hmHr7A", epoch: 3 };

test("a certificate under the vault's key gives the backup's key", async () => {
  expect(Buffer.from(header, "base64url").toString()).toBe(`{"backup_key":"${backupKey}","epoch":3,"signature":"${signature}"}`);
  expect(await verifyBackupKey(header, context, vaultKey)).toBe(backupKey);
});

test("another vault, epoch, key, signature or form gives nothing", async () => {
  const spaced = b64u(Buffer.from(`{"backup_key": "${backupKey}","epoch":3,"signature":"${signature}"}`));
  const other = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x!;
  expect(await verifyBackupKey(header, { ...context, vault: "AAAAAA" }, vaultKey)).toBe(null);
  expect(await verifyBackupKey(header, { ...context, epoch: 4 }, vaultKey)).toBe(null);
  expect(await verifyBackupKey(header, context, other)).toBe(null);
  expect(await verifyBackupKey(encodeBackupKey(other, { epoch: 3, signature }), context, vaultKey)).toBe(null);
  expect(await verifyBackupKey(encodeBackupKey(backupKey, { epoch: 4, signature }), { ...context, epoch: 4 }, vaultKey)).toBe(null);
  for (const bad of [undefined, null, "", "x", spaced, b64u(Buffer.from("[]")), b64u(Buffer.from("null")), `${header}A`]) expect(await verifyBackupKey(bad, context, vaultKey)).toBe(null);
});
