/**
 * The key under which this installation signs statements of its own: Ed25519, made once, its private half sealed at rest. What
 * it proves: that this console said so, then; not that it is true. What a vault signs proves the rest.
 */
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { installation, uuid7 } from "../id.ts";
import { workerFor } from "../identity/actor.ts";
import { b64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { seal, sealKeys, unseal, type SealContext } from "../seal.ts";

/** `publicKey`: b64u of 32 bytes. `sign` gives b64u of 64 bytes. */
export type CheckpointKey = { readonly publicKey: string; sign(message: Uint8Array): string };

const context = (keyId: string): SealContext => ({ mspId: installation, object: keyId, purpose: "checkpoint-key" });
const itself = workerFor(installation);
/** The fixed head of a raw Ed25519 seed as PKCS #8 (RFC 8410). */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");

function open(row: { keyId: string; publicKey: Uint8Array; sealedPrivate: Uint8Array }): CheckpointKey {
  const seed = Buffer.from(unseal(sealKeys(env().SEAL_KEYS), context(row.keyId), row.sealedPrivate), "base64url");
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: "der", type: "pkcs8" });
  return { publicKey: b64u(row.publicKey), sign: (message) => b64u(new Uint8Array(sign(null, message, key))) };
}

const find = (db: Database) => read(itself, (tx) => tx.db.checkpointKey.findFirst({ where: { mspId: installation } }), db);

/** The key, made with its record at the first use; two first uses at once get the same one. Throws Refusal, SealError. */
export async function checkpointKey(db: Database = database()): Promise<CheckpointKey> {
  const there = await find(db);
  if (there) return open(there);
  const { privateKey } = generateKeyPairSync("ed25519");
  const { d, x } = privateKey.export({ format: "jwk" }) as { d: string; x: string };
  const keyId = uuid7();
  await write(itself, async (tx) => {
    const sealed = seal(sealKeys(env().SEAL_KEYS), context(keyId), d);
    const made = await tx.db.$executeRaw`insert into checkpoint_key (msp_id, key_id, public_key, sealed_private) values (${installation}::uuid, ${keyId}::uuid, ${Buffer.from(x, "base64url")}, ${sealed}) on conflict (msp_id) do nothing`;
    // Somebody was faster: theirs counts, and nothing was changed here.
    if (made === 1) await record(tx, { action: "checkpoint_key.made", target: { kind: "checkpoint_key", id: keyId }, fields: { key: x } });
    else tx.replayed = true;
  }, db);
  return open((await find(db))!);
}
