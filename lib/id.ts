import { randomBytes, randomInt } from "node:crypto";

const crockford = "0123456789abcdefghjkmnpqrstvwxyz";

/** A short id for a person to read out: `err_` and eight letters or digits that cannot be mistaken for each other. */
export const errorId = (): string => `err_${Array.from({ length: 8 }, () => crockford[randomInt(32)]).join("")}`;

/** RFC 9562 version 7: 48 bits of milliseconds, then 74 random bits. Rows made later sort later. */
export function uuid7(now = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export const requestId = (): string => randomBytes(9).toString("base64url");

/** The tenant of what belongs to no MSP: this installation's own mails and records, read by its operator only. */
export const installation = "00000000-0000-7000-8000-000000000000";
