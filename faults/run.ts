/** `npm run faults -- [how many seeds] [the first]`: delivery under faults, seed by seed; a failing one names itself and can be run alone. */
import { spawn } from "node:child_process";
import { join } from "node:path";

const [count = "100", first = "1"] = process.argv.slice(2);
if (!/^[1-9]\d{0,5}$/.test(count) || !/^\d{1,9}$/.test(first)) throw new Error("How many seeds, and the first: two whole numbers.");
const root = join(import.meta.dirname, "..");
const vitest = spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", "--project", "integration", "lib/dispatch/faults"], {
  cwd: root, stdio: "inherit", env: { ...process.env, NODE_OPTIONS: "--conditions=react-server", FAULT_SEEDS: count, FAULT_FIRST_SEED: first },
});
vitest.once("exit", (code) => {
  process.exitCode = code ?? 1;
});
