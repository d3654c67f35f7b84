/**
 * `main.ts --vaults ORIGIN --hosting FOLDER --data FOLDER --console ORIGIN [--port N] [--drift-every SECONDS]`: the demo's
 * client IT admins as a process. Their keys come from CLAVITOR_DEMO_SEED. The first line on standard output is `{"port"}`.
 */
import { parseArgs } from "node:util";
import { onLeash } from "../../lib/leash.ts";
import { readSeed } from "../keys/derive.ts";
import { startClients } from "./start.ts";

const { values } = parseArgs({
  options: {
    vaults: { type: "string" },
    hosting: { type: "string" },
    data: { type: "string" },
    console: { type: "string", multiple: true, default: [] },
    port: { type: "string", default: "0" },
    "drift-every": { type: "string", default: "0" },
  },
});
const { vaults: origin, hosting: folder, data } = values;
if (origin === undefined || folder === undefined || data === undefined) throw new Error("--vaults ORIGIN, --hosting FOLDER and --data FOLDER are needed");
const driftSeconds = Number(values["drift-every"]);
if (!Number.isSafeInteger(driftSeconds) || driftSeconds < 0) throw new Error("--drift-every takes whole seconds, 0 = never");

process.umask(0o077);
const log = (line: object): void => void process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`);
const running = await startClients({ seed: readSeed(process.env.CLAVITOR_DEMO_SEED), origin, folder, data, consoles: values.console, port: Number(values.port), driftSeconds, log });
onLeash(() => running.close());
running.standing.then(
  () => log({ event: "vaults.standing" }),
  (error: unknown) => {
    log({ event: "vaults.failed", reason: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  },
);
process.stdout.write(`${JSON.stringify({ port: running.port })}\n`);
process.send?.("ready");
