/** What is published of the checkpoint key. It names no tenant. */
import { database, type Database } from "../db/client.ts";
import { env } from "../env.ts";
import { checkpointKey } from "../glass/checkpoint-key.ts";
import { fromB64u } from "../protocol/bytes.ts";
import { keyNameOf, originOf, verifierKey } from "./checkpoint.ts";

/** `public_key`: b64u of 32 bytes; `verifier_key` as C2SP signed-note takes it; `origin`: of an organisation's checkpoints. */
export type PublishedKey = { v: 1; name: string; algorithm: "Ed25519"; public_key: string; verifier_key: string; origin: string; signs: string[] };

/** Throws Refusal `database_unavailable`, SealError. */
export async function publishedKey(db: Database = database()): Promise<PublishedKey> {
  const { publicKey } = await checkpointKey(db);
  const { APP_ORIGIN } = env();
  const name = keyNameOf(APP_ORIGIN);
  return {
    v: 1, name, algorithm: "Ed25519", public_key: publicKey, verifier_key: verifierKey(name, fromB64u(publicKey, 32)), origin: originOf(APP_ORIGIN, "<organisation>"),
    signs: ["checkpoints of our own records (C2SP tlog-checkpoint)", "exports of the audit", "what a client is shown of us (clavitor/glass/v1)"],
  };
}
