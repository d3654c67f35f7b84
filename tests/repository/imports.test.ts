import { describe, expect, test } from "vitest";
import { importsOf, isOurs, isTest, read, sources, type Import } from "./sources.ts";

const all: Import[] = sources.filter((file) => !isTest(file)).flatMap(importsOf);
const say = ({ from, to }: Import) => `${from} imports ${to}`;
const breaking = (rule: (given: Import) => boolean) => all.filter(rule).map(say);

describe("imports run one way", () => {
  test("the list is not empty, and every import of ours leads to a file", () => {
    expect(all.length).toBeGreaterThan(100);
    expect(breaking(({ to }) => /^(app|components|lib|vault|sandbox|signing|launch)\//.test(to) && !isOurs(to))).toEqual([]);
  });
  test("lib imports neither app nor components nor the outside world's stand-ins", () => expect(breaking(({ from, to }) => from.startsWith("lib/") && /^(app|components|vault|sandbox|signing|launch|e2e|tests)\//.test(to))).toEqual([]));
  test("lib/protocol imports nothing of ours but itself, and nothing of Node", () => expect(breaking(({ from, to }) => from.startsWith("lib/protocol/") && (to.startsWith("node:") || (isOurs(to) && !to.startsWith("lib/protocol/"))))).toEqual([]));
  test("the vault imports nothing of ours but lib/protocol", () => expect(breaking(({ from, to }) => from.startsWith("vault/") && isOurs(to) && !/^(vault|lib\/protocol)\//.test(to))).toEqual([]));
  test("the signing page imports nothing of ours but lib/protocol", () => expect(breaking(({ from, to }) => from.startsWith("signing/") && isOurs(to) && !/^(signing|lib\/protocol)\//.test(to))).toEqual([]));
  test("what checks a certificate offline imports nothing of ours but lib/protocol and the two files that make and check it", () => expect(breaking(({ from, to }) => from.startsWith("verify/") && isOurs(to) && !/^(verify|lib\/protocol)\/|^lib\/revocation\/(certificate|verify)\.ts$/.test(to))).toEqual([]));
  test("components/ui knows nothing of Next, Prisma or our nouns", () => expect(breaking(({ from, to }) => from.startsWith("components/ui/") && (/^(next|@prisma|prisma)(\/|$)/.test(to) || (isOurs(to) && !to.startsWith("components/ui/"))))).toEqual([]));
  test("components take facts as props: none imports code that reaches the database", () => expect(breaking((given) => given.from.startsWith("components/") && /^(lib\/db|prisma)\//.test(given.to))).toEqual([]));
  test("the launcher runs before anything is installed: it imports Node and itself only", () => expect(breaking(({ from, to }) => from.startsWith("launch/") && from.endsWith(".mjs") && !to.startsWith("node:") && !to.startsWith("launch/"))).toEqual([]));
});

test("no code for the browser reaches the database, the environment or Node", () => {
  const found: string[] = [];
  for (const start of sources.filter((file) => /^\s*["']use client["']/.test(read(file)))) {
    const seen = new Set<string>();
    const walk = (file: string, path: string[]) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const { to, typeOnly } of importsOf(file)) {
        if (typeOnly) continue;
        if (to.startsWith("node:") || /^(pg|pino|@prisma\/.*)$/.test(to) || /^(prisma\/|lib\/(db|env|record|mail|action|log|seal))/.test(to)) found.push([...path, file, to].join(" > "));
        // A "use server" file is a border: the browser gets an address, not its code.
        else if (isOurs(to) && /\.(ts|tsx)$/.test(to) && !/^\s*["']use server["']/.test(read(to))) walk(to, [...path, file]);
      }
    };
    walk(start, []);
  }
  expect(found).toEqual([]);
});
