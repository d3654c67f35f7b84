/**
 * Runs before anything else of ours in the browser. The pages' policy demands Trusted Types (proxy.ts); the bundler's loader
 * sets the address of later scripts as plain text. This default policy lets through exactly our own built scripts and
 * nothing else: no HTML, no inline script, no other address.
 */
type Policies = { createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown };

const { trustedTypes } = globalThis as { trustedTypes?: Policies };

trustedTypes?.createPolicy("default", {
  createScriptURL(url) {
    const { origin, pathname } = new URL(url, location.href);
    if (origin !== location.origin || !pathname.startsWith("/_next/static/")) throw new TypeError(`A script from ${origin}${pathname} was refused.`);
    return url;
  },
});
