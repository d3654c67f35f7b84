/** `main.ts --smtp PORT --http PORT --data FOLDER`: the mail sink as a process. */
import { parseArgs } from "node:util";
import { onLeash } from "../../lib/leash.ts";
import { openSink } from "./sink.ts";
import { MailStore } from "./store.ts";

const { values } = parseArgs({ options: { smtp: { type: "string", default: "0" }, http: { type: "string", default: "0" }, data: { type: "string" } } });
if (!values.data) throw new Error("--data FOLDER is missing");
const sink = await openSink(new MailStore(values.data), { smtp: Number(values.smtp), http: Number(values.http) });
process.stdout.write(`${JSON.stringify({ smtp: sink.smtpPort, http: sink.httpPort })}\n`);
process.send?.("ready");
onLeash(() => sink.close());
