// A vault host that kills itself at a named step: `killable.ts DIR ORIGIN STEP COUNT`. Started by the fault tests only; the
// hook goes through the host's constructor, the production command line knows none.
import { startVaults } from "../start.ts";
import type { Step } from "../vault.ts";

const [dir, origin, step, count] = process.argv.slice(2);
let left = Number(count);
const running = await startVaults({
  dir: dir!,
  origin: origin!,
  port: 0,
  onStep(reached: Step) {
    if (reached === step && --left === 0) process.kill(process.pid, "SIGKILL");
  },
});
process.stdout.write(`${JSON.stringify({ listening: running.listening })}\n`);
