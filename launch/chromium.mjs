// The browser of the tests: the one at hand, else Debian's, else Playwright's own.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync, chmodSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { inRoot } from "./paths.mjs";
import { must, run } from "./programs.mjs";
import { node24 } from "./node24.mjs";
import { StepFailure } from "./steps.mjs";

const known = [
  "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const has = (program) => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** Unpacks Debian's package beside us, for an ordinary user who may not install. */
async function unpacked() {
  const folder = inRoot("node_modules", ".chromium");
  const program = join(folder, "run");
  if (existsSync(program)) return program;
  mkdirSync(join(folder, "debs"), { recursive: true });
  const options = { cwd: join(folder, "debs"), why: "Debian's Chromium could not be fetched.", remedy: "Install chromium by hand (as root: apt-get install chromium), then run the tests again." };
  const { output } = await must("apt-cache", ["depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", "--no-pre-depends", "chromium"], options);
  const packages = [...new Set(output.split("\n").filter((line) => /^[a-z0-9]/.test(line)))];
  const missing = [];
  for (const name of packages) {
    const { output: status } = await run("dpkg-query", ["-W", "-f=${Status}", name]);
    if (!status.includes("install ok installed")) missing.push(name);
  }
  await must("apt-get", ["download", ...missing], options);
  for (const deb of readdirSync(join(folder, "debs"))) await must("dpkg-deb", ["-x", join(folder, "debs", deb), folder], options);
  const libraries = ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib/chromium"].map((path) => join(folder, path)).join(":");
  writeFileSync(program, `#!/bin/sh\nLD_LIBRARY_PATH="${libraries}" exec "${join(folder, "usr/lib/chromium/chromium")}" "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}

/** The path of a Chromium that starts. */
export async function chromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const here = known.find((path) => existsSync(path));
  if (here) return here;
  if (process.platform === "linux" && has("apt-get")) {
    if (process.getuid?.() !== 0) return unpacked();
    const options = { why: "Debian's Chromium could not be installed.", remedy: "Look at apt's words below; or set CHROMIUM to a Chromium that you have." };
    await must("apt-get", ["update", "-qq"], options);
    await must("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { ...options, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
    return "/usr/bin/chromium";
  }
  await must(node24(), [inRoot("node_modules/playwright/cli.js"), "install", "chromium"], { why: "Playwright could not fetch its Chromium.", remedy: "Set CHROMIUM to a Chromium or Chrome that you have." });
  const cache = process.platform === "darwin" ? join(homedir(), "Library/Caches/ms-playwright") : join(homedir(), ".cache/ms-playwright");
  const folder = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name)).sort().at(-1);
  const program = folder && ["chrome-linux/chrome", "chrome-linux64/chrome", "chrome-mac/Chromium.app/Contents/MacOS/Chromium", "chrome-win/chrome.exe"].map((path) => join(cache, folder, path)).find((path) => existsSync(path));
  if (!program) throw new StepFailure("Playwright's Chromium was fetched but not found.", "Set CHROMIUM to a Chromium or Chrome that you have.");
  return program;
}
