/**
 * Builds the signing page into signing/built (or the folder named): one script, one style, each named after its content, the
 * page with their SRI hashes and the version, and the list of it all for whoever serves it.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;

export type Built = { version: string; script: string; style: string };

const hashOf = (algorithm: string, bytes: Uint8Array | string, encoding: "hex" | "base64") => createHash(algorithm).update(bytes).digest(encoding);

export async function buildSigningPage(folder: string): Promise<Built> {
  const { outputFiles } = await build({
    entryPoints: { script: join(here, "main.ts"), style: join(here, "page.css") },
    bundle: true, minify: true, write: false, outdir: "out", platform: "browser", format: "esm", target: "es2024", legalComments: "none", charset: "utf8", logLevel: "silent",
  });
  const contents = (ending: string) => {
    const found = outputFiles.filter(({ path }) => path.endsWith(ending));
    if (found.length !== 1) throw new Error(`The signing page must have one ${ending} file; the build made ${found.length}.`);
    return found[0]!.contents;
  };
  const [script, style] = [contents(".js"), contents(".css")];
  const names = { script: `page-${hashOf("sha256", script, "hex").slice(0, 16)}.js`, style: `page-${hashOf("sha256", style, "hex").slice(0, 16)}.css` };
  const template = readFileSync(join(here, "page.html"), "utf8");
  const version = hashOf("sha256", `${names.script}\n${names.style}\n${template}`, "hex").slice(0, 16);
  const values: Record<string, string> = {
    VERSION: version, SCRIPT: names.script, STYLE: names.style,
    SCRIPT_INTEGRITY: `sha384-${hashOf("sha384", script, "base64")}`, STYLE_INTEGRITY: `sha384-${hashOf("sha384", style, "base64")}`,
  };
  // %CONSOLE_ORIGIN% stays: it is known where the page is served, not where it is built.
  const html = template.replaceAll(/%([A-Z_]+)%/g, (whole, key: string) => values[key] ?? whole);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const built: Built = { version, ...names };
  writeFileSync(join(folder, names.script), script);
  writeFileSync(join(folder, names.style), style);
  writeFileSync(join(folder, "page.html"), html);
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(built, null, 2)}\n`);
  return built;
}

if (import.meta.main) await buildSigningPage(join(here, "built"));
