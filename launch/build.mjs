// What is made from sources: the database client and the pages. Both only when what they are made from has changed.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { node24 } from "./node24.mjs";
import { inRoot, root } from "./paths.mjs";
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
  return done ? "made" : "fresh";
}

const signingScripts = () => readdirSync(inRoot("signing")).filter((name) => name.endsWith(".ts")).sort().map((name) => `signing/${name}`);

/** Everything that next build reads. */
export const pageSources = ["app", "components", "lib", "prisma", "public", "proxy.ts", "instrumentation-client.ts", "next.config.mjs", "postcss.config.mjs", "tsconfig.json", "launch/build.mjs", "package-lock.json"];

export async function build() {
  const print = fingerprint(pageSources);
  const done = await whenStale(inRoot(".next", "made-from"), print, async () => {
    needSpace(root, gigabyte / 2, "Building the pages");
    mkdirSync(inRoot(".next"), { recursive: true });
    await must(node24(), [inRoot("node_modules/next/dist/bin/next"), "build"], {
      env: { ...process.env, ...quiet, NODE_ENV: "production" },
      why: "The pages could not be built.",
      remedy: "The words below name the file. `npm run check` finds most mistakes faster.",
    });
  });
  return done ? "next build" : "fresh";
}

