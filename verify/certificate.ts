/** `npm run verify-certificate -- FILE [--key KEY]`: checks a certificate of removal offline. Ends with 0 when it holds, 1 when not, 2 when it cannot be read. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { verifyCertificate } from "../lib/revocation/verify.ts";
import { reportOf } from "./report.ts";

const usage = "npm run verify-certificate -- FILE [--key KEY]\n\nKEY: the installation’s key, as its own page or a person there told you; then a certificate under another key is refused.\n";

async function main(): Promise<number> {
  let file: Uint8Array;
  let key: string | null;
  try {
    const { values, positionals } = parseArgs({ options: { key: { type: "string" } }, allowPositionals: true });
    if (positionals.length !== 1) throw new TypeError("One file is checked at a time.");
    key = values.key ?? null;
    file = readFileSync(positionals[0]!);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  const { holds, title, facts, proven, remarks, limits } = reportOf(await verifyCertificate(file, key));
  const out = [title, "", ...facts.map(([label, value]) => `${label.padEnd(14)}${value}`), ...(facts.length > 0 ? [""] : []), ...proven, ...(proven.length > 0 ? [""] : []), ...remarks, ...(remarks.length > 0 ? [""] : []), ...limits];
  process.stdout.write(`${out.join("\n")}\n`);
  return holds ? 0 : 1;
}

process.exitCode = await main();
