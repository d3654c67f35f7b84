/** The repository as text: what git tracks (or would), and who imports whom. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** Tracked and new files, not the ignored ones. */
export const files: readonly string[] = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));

export const read = (file: string): string => readFileSync(join(root, file), "utf8");

export const isTest = (file: string): boolean => /\.test\.[a-z]+$/.test(file) || file.startsWith("tests/") || file.startsWith("e2e/") || file.includes("/testing/");
export const sources: readonly string[] = files.filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.endsWith(".d.ts"));

const specifier = /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;
const typeOnly = /(?:^|\n)\s*(?:import|export)\s+type\s[^"';]*?\sfrom\s["']([^"']+)["']/g;

function place(from: string, target: string): string {
  if (target.startsWith("#")) return target.slice(1);
  if (target.startsWith(".")) return normalize(join(dirname(from), target));
  return target;
}

export type Import = { from: string; to: string; typeOnly: boolean };

/** What a file imports: a path of this repository, or a package's name as written. */
export function importsOf(file: string): Import[] {
  const text = read(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const types = new Set([...text.matchAll(typeOnly)].map((match) => match[1]));
  return [...text.matchAll(specifier)].map((match) => {
    const target = match[1] ?? match[2] ?? "";
    return { from: file, to: place(file, target), typeOnly: types.has(target) };
  });
}

export const isOurs = (target: string): boolean => existsSync(join(root, target)) && statSync(join(root, target)).isFile();
