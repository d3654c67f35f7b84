/**
 * The pages' own scripts and styles, compressed while they were built (launch/build.mjs) with what a server cannot afford per request:
 * an eighth less on the wire than the framework's gzip. Read once and kept: about a megabyte. Whoever takes no Brotli, or asks for a
 * part, gets them from the framework.
 */
import { globSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";

const types: Readonly<Record<string, string>> = { js: "application/javascript; charset=UTF-8", css: "text/css; charset=UTF-8" };
const base = "/_next/static/";

/** By path. */
export type Compressed = ReadonlyMap<string, { type: string; body: Buffer }>;

/** @param pages the folder that `next build` filled */
export function loadCompressed(pages: string): Compressed {
  const folder = join(pages, "static");
  return new Map(globSync("**/*.{js,css}.br", { cwd: folder }).map((name) => {
    const path = name.replaceAll("\\", "/").slice(0, -".br".length);
    return [base + path, { type: types[path.slice(path.lastIndexOf(".") + 1)]!, body: readFileSync(join(folder, name)) }];
  }));
}

/** RFC 9110, 12.5.3: named, and not with a weight of nothing. */
export const takesBrotli = (accepted: string | undefined): boolean => (accepted ?? "").split(",").some((one) => /^\s*br\s*(;\s*q=(?!0(\.0*)?\s*$)|$)/i.test(one));

/** @returns whether it was answered. The names hold a hash of what they name, so they are kept for good. */
export function sendCompressed(files: Compressed, path: string, { method, headers }: IncomingMessage, response: ServerResponse): boolean {
  const file = files.get(path);
  if (file === undefined || headers.range !== undefined || !takesBrotli(headers["accept-encoding"]?.toString())) return false;
  response.writeHead(200, { "Content-Type": file.type, "Content-Encoding": "br", "Content-Length": file.body.length, Vary: "Accept-Encoding", "Cache-Control": "public, max-age=31536000, immutable" });
  response.end(method === "HEAD" ? undefined : file.body);
  return true;
}
