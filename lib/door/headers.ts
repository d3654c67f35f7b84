/** Security headers, the same for every answer of the console; the policy with its nonce is set per page by proxy.ts. Pure. */

export const commonHeaders: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Frame-Options": "DENY",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
};

export const strictTransport = "max-age=63072000; includeSubDomains";

/** The policy of every answer that does not set its own: see server.ts. For answers that carry no script of ours at all: plain pages, problems, the other house. */
export const silentPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * For the one file that starts a worker (components/inbox/derive.worker.ts). A worker has the policy of its own script, not of
 * its page: this one may run our files and WebAssembly, which no page may, and may speak to nobody.
 */
export const workerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
export const startsWorker = (path: string): boolean => /^\/_next\/static\/chunks\/turbopack-worker-[\w-]+\.js$/.test(path);

/**
 * For pages. No inline script without this answer's nonce, nothing from elsewhere, never framed. Styles stay inline because
 * React's style attributes, toasts and charts need it (docs/security.md names what that leaves open). React's development
 * build evaluates text for its stack traces, so from sources eval and plain text are let through.
 */
export function pagePolicy(nonce: string, dev: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${dev ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "worker-src 'self'",
    // "default" is ours (instrumentation-client.ts), "nextjs" the framework's own.
    ...(dev ? [] : ["require-trusted-types-for 'script'", "trusted-types default nextjs nextjs#bundler"]),
  ].join("; ");
}
