// The Node that everything runs on. It comes with the packages, so that every machine has the same one.
import { existsSync } from "node:fs";
import { inRoot } from "./paths.mjs";
import { StepFailure } from "./steps.mjs";

const needed = [22, 18];

const atLeast = (version, [major, minor]) => {
  const [a, b] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
};

/** The program to start. Pinned 24 LTS where a package exists for this machine, else the Node at hand when it is new enough. */
export function node24() {
  const os = process.platform === "win32" ? "win" : process.platform;
  const pinned = inRoot("node_modules", `node-${os}-${process.arch}`, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(pinned)) return pinned;
  if (atLeast(process.versions.node, needed)) return process.execPath;
  throw new StepFailure(
    `There is no Node 24 package for ${process.platform}-${process.arch}, and the Node at hand is ${process.versions.node}.`,
    `Install Node ${needed.join(".")} or newer (24 LTS is best), then start again.`,
  );
}

/** Said before anything else happens. The oldest Node that can run the launcher itself. */
export function checkNodeAtHand() {
  if (!atLeast(process.versions.node, [20, 19])) {
    throw new StepFailure(`This is Node ${process.versions.node}.`, "Install Node 20.19 or newer, then start again.");
  }
}
