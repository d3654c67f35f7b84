/**
 * Builds the page that checks certificates into verify/built (or the folder named): one file with its script and style inside, under a
 * policy that lets nothing else run and nothing leave, to be kept and opened from a disk.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const hashOf = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

/** @returns the page's bytes */
export async function buildChecker(folder: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: { script: join(here, "main.ts"), style: join(here, "page.css") },
    bundle: true, minify: true, write: false, outdir: "out", platform: "browser", format: "esm", target: "es2024", legalComments: "none", charset: "utf8", logLevel: "silent",
  });
  const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))!.text.trim();
  const [script, style] = [text(".js"), text(".css")];
  // Inside an HTML element these two would end or hide it.
  if (/<\/script|<!--/i.test(script)) throw new Error("The script holds what would end its element.");
  const values: Record<string, string> = { SCRIPT: script, STYLE: style, SCRIPT_HASH: hashOf(script), STYLE_HASH: hashOf(style) };
  const html = readFileSync(join(here, "page.html"), "utf8").replaceAll(/%([A-Z_]+)%/g, (whole, key: string) => values[key] ?? whole);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "check-certificate.html"), html);
  return html;
}

if (import.meta.main) await buildChecker(join(here, "built"));
