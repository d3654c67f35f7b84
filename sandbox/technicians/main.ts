/**
 * The technicians' programs, with their keys from CLAVITOR_DEMO_SEED:
 *
 *   main.ts state --person sarah --console ORIGIN            their inbox statement with the passkey's assertion, as JSON
 *   main.ts open  --person sarah --console ORIGIN --vault ID --key KEY --uid UID   a sealed token from standard input, opened
 *   main.ts list                                             who there is
 *
 * What `open` prints is a secret.
 */
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { checkSealedToken } from "../../lib/protocol/answers.ts";
import { run } from "../../lib/protocol/check.ts";
import { PEOPLE } from "../cast/people.ts";
import { readSeed } from "../keys/derive.ts";
import { Technician } from "./inbox.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { person: { type: "string" }, console: { type: "string" }, vault: { type: "string" }, key: { type: "string" }, uid: { type: "string" } },
});

function need(name: keyof typeof values): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}
const technician = (): Technician => new Technician(readSeed(process.env.CLAVITOR_DEMO_SEED), { person: need("person"), console: need("console") });

async function output(): Promise<unknown> {
  switch (positionals[0]) {
    case "list":
      return PEOPLE;
    case "state":
      return technician().state(Math.floor(Date.now() / 1_000));
    case "open": {
      const sealed: unknown = JSON.parse(await text(process.stdin));
      run(checkSealedToken, sealed, "");
      const opened = await technician().open(sealed, { vault: need("vault"), key: need("key"), uid: need("uid") });
      if (opened === null) throw new Error("it was not sealed to this inbox for that row");
      return opened;
    }
    case undefined:
    default:
      throw new Error("state, open or list");
  }
}

try {
  process.stdout.write(`${JSON.stringify(await output())}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
