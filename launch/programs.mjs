// Runs a program to its end and keeps what it printed, so that a failing step can show it.
import { spawn } from "node:child_process";
import { StepFailure } from "./steps.mjs";
import { root } from "./paths.mjs";

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, uid?: number, gid?: number}} [options] show: let the output through as well
 * @returns {Promise<{code: number, output: string}>}
 */
export function run(program, args, options = {}) {
  const { show = false, cwd = root, env = process.env, uid, gid } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, uid, gid, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (stream) => (chunk) => {
      output = (output + chunk).slice(-200_000);
      if (show) stream.write(chunk);
    };
    child.stdout.on("data", take(process.stdout));
    child.stderr.on("data", take(process.stderr));
    const stop = () => child.kill("SIGTERM");
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    const done = () => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
    };
    child.on("error", (error) => (done(), reject(error)));
    child.on("close", (code, signal) => (done(), resolve({ code: code ?? 128, output, signal })));
  });
}

/** Like `run`, but anything other than exit 0 fails the step with the given words. */
export async function must(program, args, { why, remedy, ...options }) {
  const result = await run(program, args, options);
  if (result.code !== 0) throw new StepFailure(why, remedy, options.show ? undefined : result.output);
  return result;
}
