// Packages, exactly as the lock file names them. No package's own script runs (docs/decisions/0002-no-install-scripts.md).
import { statfsSync } from "node:fs";
import { arch, platform } from "node:process";
import { inRoot, root } from "./paths.mjs";
import { must } from "./programs.mjs";
import { fingerprint, whenStale } from "./stale.mjs";
import { StepFailure } from "./steps.mjs";

const gigabyte = 1024 ** 3;

export function needSpace(bytes, what) {
  const { bavail, bsize } = statfsSync(root);
  const free = bavail * bsize;
  if (free < bytes) {
    throw new StepFailure(
      `${what} needs ${(bytes / gigabyte).toFixed(1)} GB and the disk has ${(free / gigabyte).toFixed(1)} GB free.`,
      "Free some space, then start again. Nothing is lost.",
    );
  }
}

export async function install() {
  const print = fingerprint(["package.json", "package-lock.json"], platform, arch);
  const done = await whenStale(inRoot("node_modules", ".installed"), print, async () => {
    needSpace(2 * gigabyte, "Installing");
    const npm = process.env.npm_execpath;
    const [program, first] = npm ? [process.execPath, [npm]] : [platform === "win32" ? "npm.cmd" : "npm", []];
    await must(program, [...first, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      why: "npm could not install the packages.",
      remedy: "Look at npm's words below. If the registry was not reached, check the network and start again; what is half there is replaced.",
    });
  });
  return done ? "npm ci" : "as locked";
}
