/**
 * `main.ts --data FOLDER --port N`: the reference vault's host as a part of a local instance: the same server as
 * `npm run vault`, ending with the launcher that started it. The first line on standard output is that command's too.
 */
import { parseArgs } from "node:util";
import { onLeash } from "../../lib/leash.ts";
import { startVaults } from "../../vault/start.ts";

const { values } = parseArgs({ options: { data: { type: "string" }, port: { type: "string" } } });
if (values.data === undefined || !/^\d{1,5}$/.test(values.port ?? "")) throw new Error("--data FOLDER and --port N are needed");
process.umask(0o077);
const log = (line: object): void => void process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`);
const running = await startVaults({ dir: values.data, port: Number(values.port), log });
onLeash(() => running.close());
process.stdout.write(`${JSON.stringify({ listening: running.listening, origin: running.origin })}\n`);
process.send?.("ready");
