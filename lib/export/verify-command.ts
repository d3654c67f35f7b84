/** `npm run verify-export FILE [--key KEY]`: judges an exported file on this machine, without a network. Ends with 0 when all of it holds, else with 1. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { verifyExport, type Verdict } from "./verify.ts";

const usage = "npm run verify-export FILE [--key KEY]   KEY: the public key that /.well-known/clavitor-msp of the console shows";

function said({ ok, faults, more, lines, manifest, seal }: Verdict, keyGiven: boolean): string[] {
  const count = lines.toLocaleString("en");
  const facts = manifest === null ? [] : [
    `  of        ${manifest.msp?.name}, ${manifest.msp?.origin}`, `  asked by  ${manifest.by}, ${new Date(manifest.at).toISOString()}`, `  for       ${manifest.query || "everything"}`,
    ...(manifest.vaults ?? []).flatMap((vault) => (vault.missing ?? []).map((words) => `  missing   ${vault.client}: ${words}`)), ...(manifest.left_out ?? []).map(({ client, plan, why }) => `  left out  ${client} (${plan}): ${why}`),
  ];
  if (ok && seal) return [`All of it holds: ${count} lines, none changed, dropped, added or moved.`, ...facts, `  sealed    ${new Date(seal.at).toISOString()} with the key ${seal.key}`, ...(keyGiven ? [] : [`  Whose key that is, this program cannot know: compare it with ${seal.origin}/.well-known/clavitor-msp, or give it with --key.`])];
  return [`This file is not what was sealed: ${faults.length + more === 1 ? "1 fault" : `${faults.length + more} faults`}.`, ...faults.map(({ line, words }) => `  line ${line} ${words}`), ...(more > 0 ? [`  and ${more} more`] : []), ...facts];
}

async function main(args: readonly string[]): Promise<number> {
  const keyAt = args.indexOf("--key");
  const key = keyAt < 0 ? undefined : args[keyAt + 1];
  const [file, ...rest] = args.filter((_, at) => keyAt < 0 || (at !== keyAt && at !== keyAt + 1));
  if (file === undefined || rest.length > 0 || (keyAt >= 0 && key === undefined)) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) {
    process.stderr.write(`There is no file ${file}.\n`);
    return 2;
  }
  const verdict = await verifyExport(createReadStream(file, { highWaterMark: 1 << 20 }), key === undefined ? {} : { key });
  process.stdout.write(`${said(verdict, key !== undefined).join("\n")}\n`);
  return verdict.ok ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
