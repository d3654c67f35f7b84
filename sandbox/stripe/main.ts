/** `main.ts --port PORT --data FOLDER --webhook URL`, with STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET: Stripe's sandbox as a process. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onLeash } from "../../lib/leash.ts";
import { StripeSandbox } from "./server.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "0" }, data: { type: "string" }, webhook: { type: "string" } } });
const { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: secret } = process.env;
if (!values.data || !values.webhook) throw new Error("--data FOLDER and --webhook URL are needed");
if (!key || !secret) throw new Error("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are needed");
mkdirSync(values.data, { recursive: true, mode: 0o700 });
const sandbox = new StripeSandbox({ key, webhook: { url: values.webhook, secret }, file: join(values.data, "stripe.sqlite"), port: Number(values.port) });
process.stdout.write(`${JSON.stringify({ port: await sandbox.open() })}\n`);
process.send?.("ready");
onLeash(() => sandbox.close());
