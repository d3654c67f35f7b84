// What is made from sources: the database client and the pages. Both only when what they are made from has changed.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import { node24 } from "./node24.mjs";
import { inRoot, root } from "./paths.mjs";
import { alive } from "./processes.mjs";
import { must } from "./programs.mjs";
import { gigabyte, needSpace } from "./space.mjs";
import { fingerprint, whenStale } from "./stale.mjs";

const quiet = { NEXT_TELEMETRY_DISABLED: "1", CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" };

export async function generate() {
  const print = fingerprint(["prisma", "prisma.config.ts", "launch/build.mjs", "package-lock.json"]);
  mkdirSync(inRoot("prisma", "generated"), { recursive: true });
  const done = await whenStale(inRoot("prisma", "generated", ".made-from"), print, async () => {
    await must(node24(), [inRoot("node_modules/prisma/build/index.js"), "generate"], {
      env: { ...process.env, ...quiet },
      why: "Prisma could not make the database client from prisma/*.prisma.",
      remedy: "Its words below name the line of the schema.",
    });
    writeMigrationList();
  });
  return done ? "made" : "fresh";
}

/** Which migrations this release was built for, so that /api/ready can tell whether the database is the one it needs. */
function writeMigrationList() {
  const folder = inRoot("prisma", "migrations");
  const list = readdirSync(folder).filter((name) => name.endsWith(".sql")).sort().map((name) => ({
    name,
    sha256: createHash("sha256").update(readFileSync(join(folder, name), "utf8")).digest("hex"),
  }));
  writeFileSync(inRoot("prisma", "generated", "migrations.json"), `${JSON.stringify(list, null, 2)}\n`);
}

/** The signing page: one script, one style, named after their content (signing/build.ts). */
export async function buildSigning() {
  const print = fingerprint(["signing/build.ts", "signing/page.html", "signing/page.css", ...signingScripts(), "lib/protocol", "app/tokens.css", "launch/build.mjs", "package-lock.json"]);
  const done = await whenStale(inRoot("signing", "built", ".made-from"), print, async () => {
    await must(node24(), [inRoot("signing/build.ts")], { why: "The signing page could not be built.", remedy: "The words below name the file." });
  });
  const checker = await buildChecker();
  return done || checker ? "made" : "fresh";
}

/** The page that checks certificates offline: one file that is handed out (verify/build.ts). */
async function buildChecker() {
  const print = fingerprint([...verifySources(), "lib/revocation/certificate.ts", "lib/revocation/verify.ts", "lib/protocol", "launch/build.mjs", "package-lock.json"]);
  return whenStale(inRoot("verify", "built", ".made-from"), print, async () => {
    await must(node24(), [inRoot("verify/build.ts")], { why: "The page that checks certificates could not be built.", remedy: "The words below name the file." });
  });
}

const verifySources = () => readdirSync(inRoot("verify")).filter((name) => name !== "built").sort().map((name) => `verify/${name}`);

const signingScripts = () => readdirSync(inRoot("signing")).filter((name) => name.endsWith(".ts")).sort().map((name) => `signing/${name}`);

/** Everything that next build reads. */
export const pageSources = ["app", "components", "lib", "prisma", "public", "proxy.ts", "instrumentation-client.ts", "next.config.mjs", "postcss.config.mjs", "tsconfig.json", "launch/build.mjs", "package-lock.json"];

/** The folder of built pages is named after what they were made from: a start keeps its own while another builds new ones. */
const folderOf = (print) => `.next-${print.slice(0, 12)}`;

/** How many sets of built pages are kept besides those that a start runs on. */
const kept = 2;

/** @returns {Promise<{folder: string, note: string}>} the folder that the console serves from, in the checkout */
export async function build() {
  const print = fingerprint(pageSources);
  const folder = folderOf(print);
  const done = await whenStale(inRoot(folder, "made-from"), print, async () => {
    needSpace(root, gigabyte / 2, "Building the pages");
    await must(node24(), [inRoot("node_modules/next/dist/bin/next"), "build"], {
      env: { ...process.env, ...quiet, NODE_ENV: "production" },
      why: "The pages could not be built.",
      remedy: "The words below name the file. `npm run check` finds most mistakes faster.",
    });
    await compress(inRoot(".next", "static"));
    rmSync(inRoot(folder), { recursive: true, force: true });
    renameSync(inRoot(".next"), inRoot(folder));
    removeOld(folder);
  });
  return { folder, note: done ? "next build" : "fresh" };
}

/** Scripts and styles once more, as small as they get: two seconds here, an eighth of every page's script there (lib/door/compressed.ts). */
async function compress(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(js|css)$/.test(name));
  await Promise.all(files.map(async (name) => writeFileSync(join(folder, `${name}.br`), await promisify(brotliCompress)(readFileSync(join(folder, name))))));
}

/** Says that this process runs on these pages, until it ends. */
export const holdPages = (folder) => writeFileSync(inRoot(folder, `used-by-${process.pid}`), "");

function removeOld(newest) {
  const isUsed = (name) => readdirSync(inRoot(name)).some((file) => file.startsWith("used-by-") && alive(Number(file.slice("used-by-".length))));
  const old = readdirSync(root)
    .filter((name) => /^\.next-[0-9a-f]{12}$/.test(name) && name !== newest && !isUsed(name))
    .sort((a, b) => statSync(inRoot(b)).mtimeMs - statSync(inRoot(a)).mtimeMs);
  for (const name of old.slice(kept)) rmSync(inRoot(name), { recursive: true, force: true });
}
