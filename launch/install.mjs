// Packages, exactly as the lock file names them. No package's own script runs (docs/decisions/0002-no-install-scripts.md).
import { arch, platform } from "node:process";
import { inRoot, root } from "./paths.mjs";
import { must } from "./programs.mjs";
import { gigabyte, needSpace } from "./space.mjs";
import { fingerprint, whenStale } from "./stale.mjs";

export async function install() {
  const print = fingerprint(["package.json", "package-lock.json"], platform, arch);
  const done = await whenStale(inRoot("node_modules", ".installed"), print, async () => {
    needSpace(root, 2 * gigabyte, "Installing");
    const npm = process.env.npm_execpath;
    const [program, first] = npm ? [process.execPath, [npm]] : [platform === "win32" ? "npm.cmd" : "npm", []];
    await must(program, [...first, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      why: "npm could not install the packages.",
      remedy: "Look at npm's words below. If the registry was not reached, check the network and start again; what is half there is replaced.",
    });
  });
  return done ? "npm ci" : "as locked";
}
