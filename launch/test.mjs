// npm test: everything, from a clean clone. `node launch/test.mjs types lint unit` runs only what is named.
import { rmSync } from "node:fs";
import { build, buildSigning, generate } from "./build.mjs";
import { chromium } from "./chromium.mjs";
import { install } from "./install.mjs";
import { checkNodeAtHand, node24 } from "./node24.mjs";
import { inRoot } from "./paths.mjs";
import { must } from "./programs.mjs";
import { explain, seconds, step } from "./steps.mjs";

const bin = (...parts) => inRoot("node_modules", ...parts);
const remedy = "The words above say where. `npm run check` is the quick loop.";
const tool = (args, why, options = {}) => must(node24(), args, { why, remedy, ...options });
const vitest = (project, ...more) =>
  tool([bin("vitest/vitest.mjs"), "run", "--project", project, ...more], `A guarantee of the ${project} tests does not hold.`, { show: true, env: { ...process.env, NODE_OPTIONS: "--conditions=react-server" } });

const steps = {
  types: async () => {
    // Types of routes are derived from the folders; leftovers of an older build name pages that are gone.
    rmSync(inRoot(".next", "types"), { recursive: true, force: true });
    await tool([bin("next/dist/bin/next"), "typegen"], "The types of the routes could not be made.", { env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" } });
    await tool([bin("typescript/bin/tsc"), "--noEmit", "-p", "."], "The types do not fit.");
  },
  lint: () => tool([bin("oxlint/bin/oxlint"), "--type-aware", "--deny-warnings"], "The linter objects."),
  unit: () => vitest("unit"),
  // The vault's own page is tried in a real browser here too.
  integration: async () => {
    process.env.CHROMIUM = await step("Chromium", chromium);
    await vitest("integration");
  },
  browser: async () => {
    const executable = process.env.CHROMIUM ?? (await step("Chromium", chromium));
    await step("signing page", buildSigning);
    const { folder } = await step("pages", build);
    await tool([bin("@playwright/test/cli.js"), "test"], "A guarantee of the browser tests does not hold.", { show: true, env: { ...process.env, CHROMIUM: executable, CLAVITOR_PAGES: folder } });
  },
};

try {
  const began = performance.now();
  checkNodeAtHand();
  const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
  const unknown = wanted.filter((word) => !(word in steps));
  if (unknown.length > 0) throw new Error(`There is no step "${unknown[0]}". There are: ${Object.keys(steps).join(", ")}.`);
  console.log("\nClavitor MSP, tests\n");
  await step("packages", install);
  await step("database client", generate);
  for (const [name, work] of Object.entries(steps)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    await step(name, async () => void (await work()));
  }
  console.log(`\n  All of it holds, in ${seconds(performance.now() - began)}.\n`);
} catch (error) {
  explain(error);
  process.exit(1);
}
