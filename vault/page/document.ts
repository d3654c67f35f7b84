import type { Reply } from "../http/answer.ts";
import { scriptUrl } from "./assets.ts";

/**
 * No framing, no inline script, no markup from strings. `connect-src` is wide because the page itself posts the reply to
 * the MSP's `reply_to` (PROTOCOL 10); everything else is this server's.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self' https: http://localhost:* http://*.localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS: Record<string, string> = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": POLICY,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()",
  "Referrer-Policy": "no-referrer",
  "X-Frame-Options": "DENY",
};

/** An empty page whose script draws it; both parts are constants of this program, nothing of a request enters. */
export function pageReply(title: string, script: "connect" | "register"): Reply {
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/page/style.css">
<script type="module" src="${scriptUrl(script)}"></script>
</head>
<body>
<main id="main"><noscript>This page needs JavaScript, because your security key signs in the browser.</noscript></main>
</body>
</html>
`;
  return { status: 200, body, headers: { ...HEADERS } };
}
