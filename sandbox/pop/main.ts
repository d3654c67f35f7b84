/** `main.ts --vaults FOLDER --port N --hq ORIGIN`, with POP_SECRET: the sidecar of the demo's point of presence as a process. */
import { parseArgs } from "node:util";
import { onLeash } from "../../lib/leash.ts";
import { PopSidecar } from "./sidecar.ts";

const { values } = parseArgs({ options: { vaults: { type: "string" }, port: { type: "string", default: "0" }, hq: { type: "string" } } });
const { POP_SECRET: secret } = process.env;
if (!values.vaults || !values.hq) throw new Error("--vaults FOLDER and --hq ORIGIN are needed");
if (!secret) throw new Error("POP_SECRET is needed");
const sidecar = new PopSidecar({ folder: values.vaults, secret, hq: values.hq, port: Number(values.port) });
process.stdout.write(`${JSON.stringify({ port: await sidecar.open() })}\n`);
process.send?.("ready");
onLeash(() => sidecar.close());
