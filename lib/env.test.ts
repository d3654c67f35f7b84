import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { EnvironmentError, parseEnv, parseWorkerEnv } from "./env.ts";

const random = () => randomBytes(32).toString("base64url");
const real = () => ({
  NODE_ENV: "production", APP_ORIGIN: "https://console.example.com", SIGN_ORIGIN: "https://sign.example.com",
  APP_DATABASE_URL: "postgresql://clavitor_app:x@db/clavitor", JOBS_DATABASE_URL: "postgresql://clavitor_jobs:x@db/clavitor",
  SESSION_SECRET: random(), SEAL_KEYS: `k1:${random()}`, SMTP_URLS: "smtps://a:b@mail.example.com,smtp://mail2.example.com:587", MAIL_FROM: "Clavitor MSP <console@example.com>",
});
const said = (source: Record<string, string | undefined>): string => {
  try {
    parseEnv(source);
    parseWorkerEnv(source);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  return "";
};

describe("the environment", () => {
  test("a complete one of real mode passes, and lists come as lists", () => {
    const env = parseEnv(real());
    expect(env.local).toBe(false);
    expect(parseWorkerEnv(real()).SMTP_URLS).toHaveLength(2);
  });

  test.each(["APP_ORIGIN", "SIGN_ORIGIN", "APP_DATABASE_URL", "JOBS_DATABASE_URL", "SESSION_SECRET", "SEAL_KEYS", "SMTP_URLS", "MAIL_FROM"])("without %s the start fails and names it", (name) => {
    expect(said({ ...real(), [name]: undefined })).toContain(`${name} is missing`);
    expect(said({ ...real(), [name]: "" })).toContain(`${name} is missing`);
  });

  test("networks for vaults come as a list, none when left out; what is no network stops the start", () => {
    expect(parseEnv(real()).VAULT_RANGES).toEqual([]);
    expect(parseEnv({ ...real(), VAULT_RANGES: "10.20.0.0/16, fd00:1::/32" }).VAULT_RANGES).toEqual(["10.20.0.0/16", "fd00:1::/32"]);
    expect(said({ ...real(), VAULT_RANGES: "10.20.0.0" })).toContain("VAULT_RANGES must be networks");
  });

  test("several mistakes are named at once", () => {
    const text = said({ ...real(), SESSION_SECRET: "short", MAIL_FROM: "nobody" });
    expect(text).toContain("SESSION_SECRET");
    expect(text).toContain("MAIL_FROM");
  });

  test.each(["changeme", "a".repeat(64), "abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc"])("the weak secret %s is refused", (weak) => {
    expect(said({ ...real(), SESSION_SECRET: weak })).toContain("SESSION_SECRET must hold at least 32 random bytes");
  });

  test("a seal key of the wrong length is refused", () => {
    expect(said({ ...real(), SEAL_KEYS: `k1:${randomBytes(16).toString("base64url")}` })).toContain("SEAL_KEYS each key must be 32 random bytes");
  });

  test("a value that is wrong is never repeated in the message: it may be a secret", () => {
    const text = said({ ...real(), SESSION_SECRET: "hunter2hunter2", APP_DATABASE_URL: "mysql://u:hunter2@db" }) + said({ ...real(), SMTP_URLS: "http://u:hunter2@mail" });
    expect(text).toContain("SMTP_URLS must be");
    expect(text).not.toContain("hunter2");
  });

  test("away from loopback only https is allowed", () => {
    expect(said({ ...real(), APP_ORIGIN: "http://console.example.com" })).toContain("APP_ORIGIN must be https://");
    expect(said({ ...real(), SIGN_ORIGIN: "http://sign.example.com" })).toContain("SIGN_ORIGIN must be https://");
  });

  test("console and signing origin are never one host", () => {
    expect(said({ ...real(), SIGN_ORIGIN: "https://console.example.com:8443" })).toContain("another host");
  });

  test("one of the two on loopback and the other not is refused", () => {
    expect(said({ ...real(), SIGN_ORIGIN: "http://sign.localhost:3000" })).toContain("both be on loopback");
  });

  test("away from loopback a mail server of this machine alone is refused", () => {
    expect(said({ ...real(), SMTP_URLS: "smtp://127.0.0.1:25" })).toContain("name a real one");
    expect(said({ ...real(), SMTP_URLS: "smtp://127.0.0.1:25,smtps://a:b@mail.example.com" })).toBe("");
  });

  test("an origin with a path or a slash at its end is refused", () => {
    expect(said({ ...real(), APP_ORIGIN: "https://console.example.com/" })).toContain("APP_ORIGIN must be an origin");
  });
});
