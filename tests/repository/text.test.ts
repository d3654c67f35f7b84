import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { files, isTest, read, root, sources } from "./sources.ts";

const texts = files.filter((file) => /\.(ts|tsx|mjs|md|css|json|prisma|sql|svg|yml|html)$/.test(file) || basename(file) === "run" || basename(file).startsWith("."));
const own = "tests/repository/text.test.ts";

describe("what the repository says", () => {
  test("docs name no file that is not there", () => {
    const missing: string[] = [];
    for (const file of files.filter((name) => name.endsWith(".md"))) {
      for (const [, path] of read(file).matchAll(/`((?:[\w@().-]+\/)+[\w.()[\]-]+\.(?:ts|tsx|mjs|md|sql|css|json|prisma|html))`|\]\(((?!https?:|#|mailto:)[^)\s#]+)[^)]*\)/g)) {
        if (path && !path.startsWith(".data/") && !path.includes("*") && !existsSync(join(root, path)) && !existsSync(join(root, dirname(file), path))) missing.push(`${file}: ${path}`);
      }
      for (const [, , link] of read(file).matchAll(/(\])\(((?!https?:|#|mailto:)[^)\s#]+)[^)]*\)/g)) {
        if (link && !existsSync(join(root, dirname(file), link))) missing.push(`${file}: ${link}`);
      }
    }
    expect(missing).toEqual([]);
  });

  test("no path of a machine and no host of a package registry stands anywhere", () => {
    const found = texts.filter((file) => file !== own && /\/work\/|\/root\/|\/home\/\w|registry\.npmjs|npmmirror|\.internal\b/.test(read(file)));
    expect(found).toEqual([]);
  });

  test("the lock file names no download address, so that it installs anywhere", () => expect(read("package-lock.json")).not.toContain('"resolved"'));

  test("every dependency is pinned to one version", () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
    const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+[\w.-]*$/.test(version));
    expect(loose).toEqual([]);
  });

  test("nothing is left for later: no marks of unfinished work, no test that is skipped or alone", () => {
    const marks = /\b(TODO|FIXME|XXX|HACK)\b|not implemented|lorem ipsum|\b(test|it|describe)\.(only|fixme|todo|skip)\((?!true, ")/i;
    expect(sources.filter((file) => file !== own && marks.test(read(file)))).toEqual([]);
  });

  test("no test waits for a fixed time", () => {
    expect(files.filter((file) => isTest(file) && file !== own && /waitForTimeout|networkidle/.test(read(file)))).toEqual([]);
  });

  test("nothing is called utils or helpers", () => expect(files.filter((file) => /(^|\/)(utils?|helpers?|misc|common)(\/|\.)/i.test(file))).toEqual([]));

  test("a file past 250 lines says in its first lines why it is long", () => {
    const long = sources.filter((file) => !isTest(file) && read(file).split("\n").length > 251);
    expect(long.filter((file) => !/\blong\b/i.test(read(file).split("\n").slice(0, 25).join("\n")))).toEqual([]);
  });
});
