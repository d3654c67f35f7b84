// The same code runs in the signing page: it must bundle for a browser, and stay small.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { b64u, utf8 } from "./bytes.ts";
import { buildTree, leafHash } from "./tree.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));

async function bundle(contents: string, format: "esm" | "iife" = "esm"): Promise<{ text: string; kilobytes: number; imports: string[] }> {
  const result = await build({
    stdin: { contents, resolveDir: folder, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: "browser",
    target: "es2024",
    format,
    globalName: "page",
    logLevel: "silent",
  });
  const text = result.outputFiles[0]!.text;
  // The sealing libraries try `import("crypto")` where no WebCrypto is; a browser has it, so that line is never reached.
  const imports = Object.values(result.metafile.inputs)
    .flatMap((input) => input.imports)
    .filter(({ external, kind, path }) => external && !(kind === "dynamic-import" && path === "crypto"))
    .map(({ path }) => path);
  return { text, kilobytes: gzipSync(text, { level: 9 }).length / 1000, imports };
}

describe("in a browser", () => {
  test("the whole folder bundles and asks for no module of Node", async () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
    const { imports } = await bundle(files.map((name) => `export * as ${name.replace(/\W/g, "_")} from "./${name}";`).join("\n"));
    expect(files.length).toBeGreaterThan(25);
    expect(imports).toEqual([]);
  });

  test("a signing page with tree, assertions, checks and sealing stays under 60 kB compressed", async () => {
    const { kilobytes } = await bundle('export * from "./tree.ts"; export * from "./assertion.ts"; export * from "./answers.ts"; export * from "./seal.ts"; export * from "./inbox.ts";');
    expect(kilobytes).toBeLessThan(60);
  });

  test("without Node's crypto a tree has the same root", async () => {
    const { text } = await bundle('export { buildTree, leafHash } from "./tree.ts"; export { b64u, utf8 } from "./bytes.ts";', "iife");
    const script = `${text}; page.b64u(page.buildTree({ shares: [page.leafHash(page.utf8("a"))], seed: new Uint8Array(32), order: [5] }).root)`;
    const root: unknown = runInNewContext(script, { TextEncoder, TextDecoder });
    expect(root).toBe(b64u(buildTree({ shares: [leafHash(utf8("a"))], seed: new Uint8Array(32), order: [5] }).root));
  });
});
