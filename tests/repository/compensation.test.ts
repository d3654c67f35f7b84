/** What an MSP is paid by its contract is confidential: no figure of it stands in any file, and none in what was built of them. */
import { randomInt } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files as tracked, root, sources } from "./sources.ts";

const subject = /resell|compensat|commission|kickback|wholesale|revenue share|partner (discount|price|programme)|\bmargin (of|for) (the )?(msp|partner)/i;
/** A share in whatever way it is written: with a sign, in words, as a fraction of one. */
const figure = /\d+(?:[.,]\d+)?\s*(?:%|per ?cent\b|basis ?points?\b|bps?\b)|\b0?[.,]\d{1,3}\b(?!\w)/i;
const term = /\b(basisPoints|share)\b\s*[:=]\s*[1-9]/;

const lines = (file: string): [string, number][] => readFileSync(file, "utf8").split("\n").map((line, index) => [line, index + 1]);
const found = (files: readonly string[], bad: (line: string) => boolean) => files.flatMap((file) => lines(join(root, file)).flatMap(([line, number]) => (bad(line) ? [`${file}:${number}`] : [])));

test("the words are looked for, and would be found", () => {
  const drawn = randomInt(1, 100);
  for (const line of [`Reseller share: ${drawn} %`, `commission of 0.${drawn}`, `the compensation is ${drawn} percent`, `partner discount ${drawn}.5%`]) expect(subject.test(line) && figure.test(line)).toBe(true);
  expect(term.test(`const terms = { basisPoints: ${drawn} }`)).toBe(true);
});

test("no line of any file that speaks of it holds a figure, and no terms are written down", () => {
  const all = tracked.filter((file) => file !== "tests/repository/compensation.test.ts" && !/\.(png|ico|woff2|lock)$/.test(file) && file !== "package-lock.json");
  expect(all.length).toBeGreaterThan(sources.length / 2);
  expect(found(all, (line) => subject.test(line) && figure.test(line))).toEqual([]);
  expect(found(all.filter((file) => /\.(ts|tsx|mjs|sql|prisma|json)$/.test(file)), (line) => term.test(line))).toEqual([]);
});

test("nothing of it is in what was built", () => {
  const built = readdirSync(root).filter((name) => name.startsWith(".next")).flatMap((name) => under(join(root, name, "static")));
  // A built line is a whole file: what stands near one another is looked at. The list of words for phrases holds any word.
  const near = new RegExp(`(?:${subject.source}).{0,80}?(?:${figure.source})`, "i");
  const bad = built.filter((file) => /\.(js|css|html)$/.test(file) && lines(file).some(([line]) => near.test(line) || /\bbasisPoints\b["']?\s*[:=]\s*[1-9]/.test(line)));
  expect(bad).toEqual([]);
});

function under(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => (statSync(join(folder, name)).isDirectory() ? under(join(folder, name)) : [join(folder, name)]));
  } catch {
    // Nothing was built here; the browser tests build, and `npm test` runs this after an earlier build.
    return [];
  }
}
