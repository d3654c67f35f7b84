import { ownChunk } from "./own-chunk.ts";

/**
 * Under `require-trusted-types-for 'script'` no string may become a script's address. Next's chunk loader assigns strings, so the
 * page's default policy lets through exactly its own built files, and nothing else: no HTML, no inline script, no other address.
 * Loaded by `instrumentation-client.ts`, before anything can ask for a chunk.
 */
type Factory = { createPolicy(name: "default", rules: { createScriptURL: (url: string) => string | null }): unknown };

declare const trustedTypes: Factory | undefined;

// Browsers without Trusted Types enforce nothing, so there is nothing to let through.
if (typeof trustedTypes !== "undefined") trustedTypes.createPolicy("default", { createScriptURL: (url) => (ownChunk(url, location.href) ? url : null) });
