/**
 * `main.ts --target http://127.0.0.1:PORT [--port N] [--control N] [--tls NAME] [--rules JSON]`: a fault proxy as a process.
 * The first line on standard output is `{"listening", "control", "certificate"}`, the last the PEM that a client must trust.
 */
import { parseArgs } from "node:util";
import { onLeash } from "../../lib/leash.ts";
import { openControl } from "./control.ts";
import { FaultProxy } from "./proxy.ts";
import { parseRules } from "./rules.ts";

const { values } = parseArgs({
  options: { target: { type: "string" }, port: { type: "string", default: "0" }, control: { type: "string", default: "0" }, tls: { type: "string" }, rules: { type: "string", default: "[]" } },
});
if (values.target === undefined || !/^http:\/\/127\.0\.0\.1:\d+$/.test(values.target)) throw new Error("--target http://127.0.0.1:PORT is needed");
const proxy = await FaultProxy.open({ target: values.target, port: Number(values.port), tls: values.tls === undefined ? null : { name: values.tls }, rules: parseRules(JSON.parse(values.rules)) });
const control = await openControl(proxy, Number(values.control));
onLeash(async () => {
  await Promise.all([control.close(), proxy.close()]);
});
const scheme = values.tls === undefined ? "http" : "https";
process.stdout.write(`${JSON.stringify({ listening: `${scheme}://127.0.0.1:${proxy.port}`, control: `http://127.0.0.1:${control.port}`, certificate: proxy.pem("trusted") })}\n`);
process.send?.("ready");
