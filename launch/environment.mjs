// Local mode or real mode, by APP_ORIGIN (DESIGN: two commands). Local: this launcher makes every setting. Real: all are set.
const loopback = (host) => host === "localhost" || host.endsWith(".localhost") || host === "127.0.0.1" || host === "[::1]";

export function isLocal(env = process.env) {
  if (!env.APP_ORIGIN) return true;
  try {
    return loopback(new URL(env.APP_ORIGIN).hostname);
  } catch {
    return false; // lib/env.ts names the variable
  }
}

/** The settings of a local instance. What the operator has set wins. */
export function localEnvironment({ ports, secrets, databaseUrls, dev }) {
  return {
    APP_ORIGIN: `http://localhost:${ports.console}`,
    SIGN_ORIGIN: `http://sign.localhost:${ports.console}`,
    PORT: String(ports.console),
    SESSION_SECRET: secrets.sessionSecret,
    SEAL_KEYS: `k1:${secrets.sealKey}`,
    MAIL_FROM: "Clavitor MSP <console@clavitor.localhost>",
    SMTP_URLS: `smtp://127.0.0.1:${ports.smtp}`,
    ...databaseUrls,
    ...process.env,
    NODE_ENV: dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
  };
}
