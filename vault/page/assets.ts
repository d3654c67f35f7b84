// The page's files. Its scripts are this repository's own modules, served as they are with their types stripped: what runs in
// the owner's browser can be read here, and there is no build that could differ from it. Only what the two entry scripts
// import, directly or not, is served.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Reply } from "../http/answer.ts";

interface Asset {
  type: string;
  body: string;
}

const ENTRIES = { connect: new URL("./browser/connect.ts", import.meta.url).href, register: new URL("./browser/register.ts", import.meta.url).href };
const STYLE = new URL("./browser/style.css", import.meta.url);
// Imports and re-exports at the start of a line, as every formatter leaves them; comments start otherwise.
const SPECIFIER = /^((?:import|export)\b[^"';]*?\bfrom\s*|import\s*)(["'])([^"'\n]+)\2/gm;

let built: ReadonlyMap<string, Asset> | null = null;

/** Where a module is served: its place in the source tree stays private, its name helps in a debugger. */
function served(moduleUrl: string): string {
  const digest = createHash("sha256").update(moduleUrl).digest("hex").slice(0, 12);
  return `/page/m/${digest}-${basename(moduleUrl).replace(/\.[mc]?[jt]s$/, "")}.js`;
}

function resolve(specifier: string, from: string): string {
  return specifier.startsWith(".") ? new URL(specifier, from).href : import.meta.resolve(specifier);
}

function build(): Map<string, Asset> {
  const assets = new Map<string, Asset>([["/page/style.css", { type: "text/css; charset=utf-8", body: readFileSync(STYLE, "utf8") }]]);
  const queue = Object.values(ENTRIES);
  for (let url = queue.pop(); url !== undefined; url = queue.pop()) {
    const path = served(url);
    if (assets.has(path)) continue;
    const source = readFileSync(fileURLToPath(url), "utf8");
    const script = url.endsWith(".ts") ? stripTypeScriptTypes(source) : source;
    const from = url;
    const body = script.replace(SPECIFIER, (_whole, lead: string, quote: string, specifier: string) => {
      const target = resolve(specifier, from);
      queue.push(target);
      return `${lead}${quote}${served(target)}${quote}`;
    });
    assets.set(path, { type: "text/javascript; charset=utf-8", body });
  }
  return assets;
}

export function scriptUrl(entry: keyof typeof ENTRIES): string {
  return served(ENTRIES[entry]);
}

/** The file at a path below /page/, or null. */
export function asset(path: string): Reply | null {
  built ??= build();
  const found = built.get(path);
  if (found === undefined) return null;
  return { status: 200, body: found.body, headers: { "Content-Type": found.type, "Cross-Origin-Resource-Policy": "same-origin" } };
}
