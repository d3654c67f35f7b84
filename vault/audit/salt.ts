import { randomFillSync } from "node:crypto";
import { b64u } from "#lib/protocol/bytes.ts";

const SALT_BYTES = 16;
// Drawn in one go for many events: asking the system for sixteen bytes costs as much as hashing the event.
const pool = Buffer.alloc(SALT_BYTES * 256);
let at = pool.length;

/** Fresh random bytes for one detail; each is given once and wiped from the pool. */
export function drawSalt(): string {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const salt = b64u(pool.subarray(at, at + SALT_BYTES));
  pool.fill(0, at, at + SALT_BYTES);
  at += SALT_BYTES;
  return salt;
}
