// Time-based one-time passwords (RFC 6238 over RFC 4226).
import { createHmac } from "node:crypto";
import type { Totp } from "#lib/protocol/messages.ts";
import { record } from "../audit/write.ts";
import { openContent } from "../store/entry.ts";
import type { Agent } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { withinLimits } from "./abuse.ts";
import { auditedRead, denied, visibleEntry } from "./gate.ts";

export interface Seed {
  secret: Uint8Array;
  algorithm: "sha1" | "sha256" | "sha512";
  digits: number;
  period: number;
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 base32 as people copy it: either case, spaces and dashes between groups, padding or none. Null when it is none. */
export function base32(text: string): Uint8Array | null {
  const plain = text.replace(/[\s-]/g, "").replace(/=+$/, "").toUpperCase();
  if (plain === "") return null;
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const letter of plain) {
    const value = BASE32.indexOf(letter);
    if (value < 0) return null;
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((buffer >> bits) & 0xff);
    }
  }
  return bytes.length === 0 ? null : Uint8Array.from(bytes);
}

/** A seed from a base32 secret (SHA-1, 6 digits, 30 s) or an `otpauth://totp/` URI; null when unusable. */
export function parseSeed(value: string): Seed | null {
  if (!/^otpauth:/i.test(value)) {
    const secret = base32(value);
    return secret === null ? null : { secret, algorithm: "sha1", digits: 6, period: 30 };
  }
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return null;
  }
  if (url.host !== "totp" && !url.pathname.startsWith("//totp")) return null;
  const secret = base32(url.searchParams.get("secret") ?? "");
  const algorithm = (url.searchParams.get("algorithm") ?? "SHA1").toLowerCase().replace("-", "");
  const digits = Number(url.searchParams.get("digits") ?? 6);
  const period = Number(url.searchParams.get("period") ?? 30);
  if (secret === null || (algorithm !== "sha1" && algorithm !== "sha256" && algorithm !== "sha512")) return null;
  if (!Number.isInteger(digits) || digits < 6 || digits > 8 || !Number.isInteger(period) || period < 1 || period > 300) return null;
  return { secret, algorithm, digits, period };
}

/** The code at `now` (Unix seconds). */
export function totpAt({ secret, algorithm, digits, period }: Seed, now: number): Totp {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / period)));
  const mac = createHmac(algorithm, secret).update(counter).digest();
  const offset = mac.at(-1)! & 0x0f;
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits;
  return { code: String(number).padStart(digits, "0"), period, remaining: period - (now % period) };
}

/** `GET /totp/:id`: from the first `totp` field that the vault can read. No usable seed reads as denied (PROTOCOL 4). */
export function readTotp(vault: Vault, agent: Agent, id: number, ip: string): Totp {
  return auditedRead(vault, agent, "totp.read", ip, (now) => {
    const row = visibleEntry(vault, agent, id);
    if (row === undefined) return denied(vault, agent, "totp.read", ip, id);
    const fields = openContent(vault.keys, vault.id, row).fields.filter(({ kind, tier }) => kind === "totp" && tier !== "L3");
    const seed = fields.map(({ value }) => parseSeed(value)).find((found) => found !== null);
    if (seed === undefined) return denied(vault, agent, "totp.read", ip, id);
    const beyond = withinLimits(vault, agent, id, "totp.read", ip, now);
    if (beyond !== null) return beyond;
    record(vault, { actor: agent, action: "totp.read", target: { kind: "entry", id: row.uid as string }, ip });
    return totpAt(seed, now);
  });
}
