/** One line of JSON per event. Names that carry secrets are blanked at any depth we use; bodies and queries are never logged. */
import pino from "pino";

const secretNames = ["password", "token", "secret", "authorization", "cookie", "assertion", "ticket", "code", "key", "sealed", "body", "APP_DATABASE_URL", "JOBS_DATABASE_URL", "DATABASE_URL", "SESSION_SECRET", "SEAL_KEYS", "SMTP_URLS"];

/** A connection string inside an error's text would carry its password. */
const blankUrls = (text: string) => text.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)\S+@/gi, "$1[blanked]@");

export type Log = pino.Logger;

export function createLog(name: string, destination?: pino.DestinationStream): Log {
  const options: pino.LoggerOptions = {
    name,
    level: process.env.LOG_LEVEL ?? "info",
    base: { part: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretNames.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]), censor: "[blanked]" },
    serializers: {
      err: (error: unknown) => {
        const plain = pino.stdSerializers.err(error as Error);
        return { type: plain.type, message: blankUrls(plain.message), stack: blankUrls(plain.stack), kind: (error as { code?: unknown }).code };
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
