/**
 * The environment, typed and validated once per process. Local mode (APP_ORIGIN on loopback) gets its settings from the
 * launcher; anywhere else each must be set and strong, or the process ends with the variable's name (DESIGN, Two commands).
 */
import { z } from "zod";
import { isRange } from "./vault/address.ts";

const loopback = (host: string) => host === "localhost" || host.endsWith(".localhost") || host === "127.0.0.1" || host === "[::1]";

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, "must be an origin such as https://console.example.com, without a path");
const postgres = z.string().refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), "must be a postgresql:// address");
const smtp = z.string().refine((text) => /^smtps?:\/\//.test(text) && URL.canParse(text), "must be smtp:// or smtps:// addresses, separated by commas");
const list = (item: z.ZodType<string, string>) => z.string().transform((text) => text.split(",").map((part) => part.trim()).filter(Boolean)).pipe(z.array(item).min(1, "must name at least one"));

/** 32 random bytes or more, as base64url or hex; a phrase or a repeated letter is refused. */
const strong = z.string().refine((text) => text.length >= 43 && new Set(text).size >= 12, "must hold at least 32 random bytes, for example from: openssl rand -base64 32");
/** `id:key`, newest first: the first seals, all open. Ids stay in the envelopes, so keys can be rotated. */
const sealKeys = list(z.string().regex(/^[a-z0-9]{1,16}:.+$/, "must be id:key pairs, newest first")).refine(
  (pairs) => pairs.every((pair) => Buffer.from(pair.slice(pair.indexOf(":") + 1), "base64url").length === 32),
  "each key must be 32 random bytes in base64url",
);

const schema = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("production"),
  APP_ORIGIN: origin,
  SIGN_ORIGIN: origin,
  BIND: z.string().optional(),
  PORT: z.coerce.number().int().min(1).max(65_535).default(3000),
  /** Number of proxies before us that each append to X-Forwarded-For. 0: the socket's own address counts. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(5).default(0),
  APP_DATABASE_URL: postgres,
  SESSION_SECRET: strong,
  SEAL_KEYS: sealKeys,
  MAIL_FROM: z.string().regex(/^[^\r\n<>]*<?[^\s@<>]+@[^\s@<>]+>?$/, "must be an address, such as Clavitor MSP <console@example.com>"),
  /** Whether somebody may found an organisation at /sign-up. Left out: open on this machine, closed anywhere else. */
  SIGN_UP: z.enum(["open", "closed"]).optional(),
  /** Local only: the people of the demo's world, as an origin; and its claim codes as `name:SHA-256 in base64url` pairs. */
  DEMO_DOOR: origin.optional(),
  CLAIM_SHA256: list(z.string().regex(/^[a-z]{1,40}:[A-Za-z0-9_-]{43}$/, "must be name:SHA-256 pairs")).optional(),
  /** Networks beside the public ones in which vaults may live, as an operator allows them. */
  VAULT_RANGES: z.string().optional().transform((text) => (text ?? "").split(",").map((part) => part.trim()).filter(Boolean)).refine((ranges) => ranges.every(isRange), "must be networks such as 10.20.0.0/16, separated by commas"),
  /** On a local instance with the demo: where a new vault can be made, as a client would. */
  DEMO_VAULTS: origin.optional(),
  /** Stripe. Without them nothing is bought or charged here; STRIPE_HOST is the sandbox's origin, on a local instance only. */
  STRIPE_SECRET_KEY: z.string().regex(/^(sk|rk)_/, "must be a secret key of Stripe").optional(),
  STRIPE_WEBHOOK_SECRET: z.string().regex(/^whsec_.{16,}/, "must be the signing secret of Stripe's endpoint").optional(),
  STRIPE_HOST: origin.optional(),
  /** What points of presence and this account system show each other (docs/billing.md, Hosted vaults). */
  POP_SECRET: strong.optional(),
  /** On a local instance with the demo: the sidecar beside its vaults. */
  POP_DOOR: origin.optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

/** What only the worker holds: the queue's login, and the mail servers with their passwords. */
const workerSchema = z.object({ JOBS_DATABASE_URL: postgres, SMTP_URLS: list(smtp) });

export type WorkerEnv = z.infer<typeof workerSchema>;
export type Env = Omit<z.infer<typeof schema>, "SIGN_UP"> & {
  SIGN_UP: "open" | "closed";
  /** True when the console lives on loopback: the demo's parts are allowed, and secrets were drawn by the launcher. */
  local: boolean;
};

/** One line per variable that is missing or wrong. Values are never repeated: they may be secrets. */
export class EnvironmentError extends Error {
  override name = "EnvironmentError";
}

type Source = Record<string, string | undefined>;

function judged<Shape extends z.ZodObject>(shape: Shape, source: Source): z.output<Shape> {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const result = shape.safeParse(set);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${name} ${set[name] === undefined ? "is missing" : issue.message}`;
  });
  throw new EnvironmentError(`The environment is not complete:\n${[...new Set(lines)].map((line) => `  ${line}`).join("\n")}\nSee docs/operations.md, Settings.`);
}

const doNotFit = (wrong: readonly string[]) => new EnvironmentError(`The environment does not fit together:\n${wrong.map((line) => `  ${line}`).join("\n")}`);

/** Pure: judges what every part needs. Throws EnvironmentError naming every variable that is missing or wrong. */
export function parseEnv(source: Source): Env {
  const env = judged(schema, source);
  const [app, sign] = [new URL(env.APP_ORIGIN), new URL(env.SIGN_ORIGIN)];
  const local = loopback(app.hostname);
  const wrong: string[] = [];
  if (!local && app.protocol !== "https:") wrong.push("APP_ORIGIN must be https://, except on this machine");
  if (loopback(sign.hostname) !== local) wrong.push("SIGN_ORIGIN and APP_ORIGIN must both be on loopback or both not");
  if (!local && sign.protocol !== "https:") wrong.push("SIGN_ORIGIN must be https://, except on this machine");
  if (!local) for (const name of ["DEMO_DOOR", "CLAIM_SHA256"] as const) if (env[name] !== undefined) wrong.push(`${name} belongs to the demo, which exists on this machine only`);
  if (env.DEMO_DOOR !== undefined && !loopback(new URL(env.DEMO_DOOR).hostname)) wrong.push("DEMO_DOOR must be on this machine");
  if (sign.hostname === app.hostname) wrong.push("SIGN_ORIGIN must be another host than APP_ORIGIN: a sign-in tap must never become an approval");
  if (!local && env.STRIPE_HOST !== undefined) wrong.push("STRIPE_HOST is for a console on this machine only: real money goes to Stripe itself");
  if ((env.STRIPE_SECRET_KEY === undefined) !== (env.STRIPE_WEBHOOK_SECRET === undefined)) wrong.push("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are set both or neither");
  if (!local && env.DEMO_VAULTS !== undefined) wrong.push("DEMO_VAULTS is for a console on this machine only: the demo's vaults are nobody's");
  if (wrong.length > 0) throw doNotFit(wrong);
  return { ...env, SIGN_UP: env.SIGN_UP ?? (local ? "open" : "closed"), local };
}

/** Pure: judges what the worker needs besides. Throws EnvironmentError. */
export function parseWorkerEnv(source: Source): WorkerEnv {
  const env = judged(workerSchema, source);
  const onlyHere = env.SMTP_URLS.every((url) => loopback(new URL(url).hostname));
  if (onlyHere && source.NODE_ENV === "production" && !loopback(new URL(source.APP_ORIGIN ?? "http://localhost").hostname)) {
    throw doNotFit(["SMTP_URLS names only mail servers on this machine; name a real one, better two"]);
  }
  return env;
}

let parsed: Env | undefined;

/** This process's environment. Throws EnvironmentError at its first use when it is not complete. */
export function env(): Env {
  if (parsed) return parsed;
  parsed = parseEnv(process.env);
  // next-auth 4 learns its own address from this variable only; it must never be another than ours.
  process.env.NEXTAUTH_URL = parsed.APP_ORIGIN;
  return parsed;
}

export const workerEnv = (): WorkerEnv => parseWorkerEnv(process.env);
