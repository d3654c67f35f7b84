/** One-time links: 32 random bytes in the fragment, which no server and no proxy writes down; of them only the SHA-256 is kept. Pure. */
import { createHash, randomBytes } from "node:crypto";

export const hashOfSecret = (secret: string): Uint8Array<ArrayBuffer> => new Uint8Array(createHash("sha256").update(secret).digest());

export function drawSecret(): { secret: string; sha256: Uint8Array<ArrayBuffer> } {
  const secret = randomBytes(32).toString("base64url");
  return { secret, sha256: hashOfSecret(secret) };
}

export const joinLink = (origin: string, secret: string): string => `${origin}/join#${secret}`;
export const recoverLink = (origin: string, secret: string): string => `${origin}/recover#${secret}`;
export const addressLink = (origin: string, secret: string): string => `${origin}/address#${secret}`;
