// Local mode or real mode, by APP_ORIGIN (DESIGN: two commands). Local: this launcher makes every setting. Real: all are set.
import { demoSettings, withDemo } from "./demo.mjs";
import { paymentSettings } from "./payments.mjs";

const loopback = (host) => host === "localhost" || host.endsWith(".localhost") || host === "127.0.0.1" || host === "[::1]";

export function isLocal(env = process.env) {
  if (!env.APP_ORIGIN) return true;
  try {
    return loopback(new URL(env.APP_ORIGIN).hostname);
  } catch {
    return false; // lib/env.ts names the variable
  }
}

/** The settings of a local instance. What the operator has set wins, but for the port, which was chosen once and is kept. */
export function localEnvironment({ ports, secrets, databaseUrls, dev, operator = process.env }) {
  return {
    ...(withDemo() && ports.clients ? demoSettings({ ports, secrets }) : {}),
    ...(process.env.CLAVITOR_DEMO !== "0" && ports.vaults ? { DEMO_VAULTS: `http://vault.localhost:${ports.vaults}` } : {}),
    ...(ports.stripe ? paymentSettings({ ports, secrets, operator }) : {}),
    APP_ORIGIN: `http://localhost:${ports.console}`,
    SIGN_ORIGIN: `http://sign.localhost:${ports.console}`,
    SESSION_SECRET: secrets.sessionSecret,
    SEAL_KEYS: `k1:${secrets.sealKey}`,
    MAIL_FROM: "Clavitor MSP <console@clavitor.localhost>",
    SMTP_URLS: `smtp://127.0.0.1:${ports.smtp}`,
    ...databaseUrls,
    ...operator,
    PORT: String(ports.console),
    NODE_ENV: dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
  };
}

/** What any program needs of the machine: where things are, its language and clock, whom it trusts. */
const machine = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "SystemRoot", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "CI", "NODE_ENV", "LOG_LEVEL", "CLAVITOR_DATA"];
/** Console and worker see the demo's world through one door, and know of its claim codes the SHA-256 only. */
const demo = ["DEMO_DOOR", "CLAIM_SHA256"];
const money = ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_HOST", "POP_SECRET"];
const shared = ["APP_ORIGIN", "SIGN_ORIGIN", "APP_DATABASE_URL", "SESSION_SECRET", "SEAL_KEYS", "MAIL_FROM", "SIGN_UP", "VAULT_RANGES"];

/** Which settings each part is given. Nobody who runs gets the owner's login or the administrator's. */
const given = {
  prepare: [...shared, ...demo, ...money, "ADMIN_DATABASE_URL", "DATABASE_URL", "JOBS_DATABASE_URL", "SMTP_URLS"],
  console: [...shared, ...demo, ...money, "PORT", "BIND", "TRUSTED_PROXIES", "NEXT_TELEMETRY_DISABLED", "CLAVITOR_PAGES", "DEMO_VAULTS"],
  worker: [...shared, ...money, "DEMO_DOOR", "POP_DOOR", "JOBS_DATABASE_URL", "SMTP_URLS"],
  "mail sink": [],
  "payment sandbox": ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"],
  "point of presence": ["POP_SECRET"],
  "demo removal": ["DATABASE_URL"],
  "client vaults": ["NODE_COMPILE_CACHE"],
  "client admins": ["CLAVITOR_DEMO_SEED", "NODE_COMPILE_CACHE"],
  postgres: [],
};

/** The environment of one part: of everything that the launcher knows, what this part needs. */
export function partEnvironment(part, env) {
  return Object.fromEntries([...machine, ...given[part]].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** Where the console is asked whether it answers: the address it listens on. */
export function consoleAddress({ BIND, PORT }) {
  const everywhere = !BIND || BIND === "0.0.0.0" || BIND === "::";
  return `http://${everywhere ? "127.0.0.1" : BIND.includes(":") ? `[${BIND}]` : BIND}:${PORT ?? 3000}`;
}
