/** Everything secret that the demo's people hold comes from one seed of the instance, so that a restart finds the same people. */
import { createHash, hkdfSync } from "node:crypto";
import { b64u, tryB64u, type Bytes } from "../../lib/protocol/bytes.ts";

/** 32 bytes; whoever has them holds every key of the demo's people. */
export type Seed = Bytes;

/** The seed as the launcher hands it over, base64url of 32 bytes. Throws an Error that does not quote it. */
export function readSeed(text: string | undefined): Seed {
  const seed = text === undefined ? null : tryB64u(text, 32);
  if (seed === null) throw new Error("CLAVITOR_DEMO_SEED must be base64url of 32 bytes");
  return seed;
}

/** HKDF-SHA256 (RFC 5869) of the seed for one purpose, by default 32 bytes. Different purposes know nothing of each other. */
export function derive(seed: Seed, purpose: string, length = 32): Bytes {
  return new Uint8Array(hkdfSync("sha256", seed, new Uint8Array(0), `clavitor-demo/v1/${purpose}`, length));
}

/** A UUID v4 (RFC 9562) that is the same for one purpose of one seed. */
export function deriveUuid(seed: Seed, purpose: string): string {
  const bytes = derive(seed, `uuid/${purpose}`, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A name for a seed that gives nothing away: tells whether kept state belongs to it. */
export function seedName(seed: Seed): string {
  return b64u(createHash("sha256").update("clavitor-demo/v1/name\n").update(seed).digest().subarray(0, 9));
}
