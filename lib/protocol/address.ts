// Addresses: what counts as an origin, and which of them may do without TLS (PROTOCOL 1).

/** The host without port, in the spelling of the URL standard; null when the text is no canonical origin. */
export function hostOf(origin: string): string | null {
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return null;
  }
  if (url.origin !== origin || (url.protocol !== "https:" && url.protocol !== "http:")) return null;
  return url.hostname;
}

/** Hosts that are this machine by name: `127.0.0.1`, `[::1]`, `localhost` and names ending in `.localhost`. */
export function isLoopbackHost(host: string): boolean {
  return host === "127.0.0.1" || host === "[::1]" || host === "localhost" || host.endsWith(".localhost");
}

/** `https://host[:port]`, or http for a loopback host; exactly as `URL.origin` spells it. */
export function isOrigin(value: unknown): value is string {
  if (typeof value !== "string" || value.length > 300) return false;
  const host = hostOf(value);
  return host !== null && (value.startsWith("https:") || isLoopbackHost(host));
}

/**
 * A base URL of a vault: an origin with or without a path prefix, without trailing slash, query, fragment, credentials,
 * percent-encoding or dot segments, so that `<base><path>` is what is sent and signed.
 */
export function isBaseUrl(value: unknown): value is string {
  if (typeof value !== "string" || value.length > 2000) return false;
  const origin = originOf(value);
  if (origin === null || !isOrigin(origin)) return false;
  const prefix = value.slice(origin.length);
  return prefix === "" || (value.startsWith(origin) && /^(\/[A-Za-z0-9_-]+)+$/.test(prefix));
}

/** The origin of any http(s) URL, or null. */
export function originOf(url: string): string | null {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.origin : null;
  } catch {
    return null;
  }
}

/** A URL in its canonical spelling on an allowed origin, without credentials or fragment (`reply_to`). */
export function isUrl(value: unknown): value is string {
  if (typeof value !== "string" || value.length > 2000) return false;
  const origin = originOf(value);
  if (origin === null || !isOrigin(origin)) return false;
  const url = new URL(value);
  return url.href === value && url.username === "" && url.password === "" && !value.includes("#");
}
