// A full disk is said before work begins, not in the middle of it: copying and initdb word it badly, or not at all.
import { statfsSync } from "node:fs";
import { StepFailure } from "./steps.mjs";

export const megabyte = 1024 ** 2;
export const gigabyte = 1024 ** 3;

const size = (bytes) => (bytes < gigabyte ? `${Math.floor(bytes / megabyte)} MB` : `${(bytes / gigabyte).toFixed(1)} GB`);

/** Fails the step when the file system of `folder` has less than `bytes` free. `what` begins a sentence: "Installing". */
export function needSpace(folder, bytes, what) {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new StepFailure(`The disk is full. ${what} needs ${size(bytes)}, and ${size(free)} are free at ${folder}.`, "Free some space, then start again. Nothing is lost.");
}
