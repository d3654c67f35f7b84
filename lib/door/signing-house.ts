/**
 * The signing house's whole site map (DESIGN section 2, The signing house): one page, its two files, its JSON doors. Every
 * other path is 404, so nothing of the console can ever be reached under this origin. Pure.
 */
export const signingDoors = ["trade", "enrol", "endorse", "confirm", "begin", "approve", "cosign", "decline"] as const;
export type SigningDoor = (typeof signingDoors)[number];

export type SigningRoute = { kind: "page" } | { kind: "asset"; name: string } | { kind: "door"; door: SigningDoor };

/** A subject is named by a UUID, in one spelling; the ticket stands in the fragment, which no server sees. */
const page = /^\/approve\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const asset = /^\/(page-[0-9a-f]{16}\.(?:js|css)|icon\.svg)$/;
const door = /^\/api\/signing\/([a-z]+)$/;

/** Which part of the house a request asks for; undefined is 404. `path` without query, as sent. */
export function signingRoute(method: string, path: string): SigningRoute | undefined {
  if (method === "POST") {
    const name = door.exec(path)?.[1];
    const found = signingDoors.find((one) => one === name);
    return found && { kind: "door", door: found };
  }
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (page.test(path)) return { kind: "page" };
  const name = asset.exec(path)?.[1];
  return name === undefined ? undefined : { kind: "asset", name };
}

/**
 * Headers of every answer of this house. No cookie is set or read here, no referrer leaves, nothing may frame or be framed,
 * and of the browser's powers only the one to ask for a key's tap is left.
 */
export const signingHeaders: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Origin-Agent-Cluster": "?1",
  "X-Frame-Options": "DENY",
  "X-Robots-Tag": "noindex, nofollow",
  "Permissions-Policy":
    "accelerometer=(), bluetooth=(), camera=(), clipboard-read=(), clipboard-write=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
};

/**
 * The page's policy. Script and style are named file by file, not by origin: even another file of this very origin would
 * not run. No Trusted Types policy may be made, so no text can ever become markup or code.
 */
export function signingPolicy(origin: string, files: { script: string; style: string }): string {
  return [
    "default-src 'none'",
    `script-src ${origin}/${files.script}`,
    `style-src ${origin}/${files.style}`,
    `img-src ${origin}/icon.svg`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}
