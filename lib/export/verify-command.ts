/**
 * `npm run verify-export -- FILE [--key KEY]`: judges an exported file, or the proof of one record, on this machine, without a network. Ends
 * with 0 when all of it holds, else with 1.
 */
import { createReadStream } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { proofBegins } from "../audit/proof-file.ts";
import { ownRecordsWords } from "./format.ts";
import { verifyExport, type Verdict } from "./verify.ts";
import { keyFrom, verifyRecord, type RecordVerdict } from "./verify-record.ts";

const usage = "npm run verify-export -- FILE [--key KEY]   KEY: the public key, or verifier key, that /.well-known/clavitor-msp of the console shows";
/** A record is a few kilobytes. */
const largestProof = 4 * 1024 * 1024;

const whose = (origin: string): string => `  Whose key that is, this program cannot know: compare it with ${origin}/.well-known/clavitor-msp, or give it with --key.`;

function said({ ok, faults, more, lines, manifest, seal }: Verdict, keyGiven: boolean): string[] {
  const count = lines.toLocaleString("en");
  const facts = manifest === null ? [] : [
    `  of        ${manifest.msp?.name}, ${manifest.msp?.origin}`, `  asked by  ${manifest.by}, ${new Date(manifest.at).toISOString()}`, `  for       ${manifest.query || "everything"}`,
    ...(manifest.own_records === undefined ? [] : [`  ours      ${ownRecordsWords[manifest.own_records]}`]),
    ...(manifest.vaults ?? []).flatMap((vault) => (vault.missing ?? []).map((words) => `  missing   ${vault.client}: ${words}`)), ...(manifest.left_out ?? []).map(({ client, plan, why }) => `  left out  ${client} (${plan}): ${why}`),
  ];
  if (ok && seal) return [`All of it holds: ${count} lines, none changed, dropped, added or moved.`, ...facts, `  sealed    ${new Date(seal.at).toISOString()} with the key ${seal.key}`, ...(keyGiven ? [] : [whose(seal.origin)])];
  return [`This file is not what was sealed: ${faults.length + more === 1 ? "1 fault" : `${faults.length + more} faults`}.`, ...faults.map(({ line, words }) => `  line ${line} ${words}`), ...(more > 0 ? [`  and ${more} more`] : []), ...facts];
}

function saidOfRecord({ ok, faults, proof, record, origin }: RecordVerdict, keyGiven: boolean): string[] {
  const facts = proof === null || record === null ? [] : [`  of        ${record.msp}`, `  by        ${record.actor.name}, ${new Date(record.at).toISOString()}`, `  what      ${record.action}`, `  record    ${proof.record}`];
  if (!ok || proof === null || origin === null) return ["This is not a record as it was signed.", ...faults.map((words) => `  ${words}`), ...facts];
  return [`It holds: record ${proof.position} of ${proof.size} under the signed root.`, ...facts, `  signed    as ${origin} with the key ${proof.key}`, ...(keyGiven ? [] : [whose(`https://${origin.split("/")[0]}`)])];
}

async function isProof(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(proofBegins.length), position: 0 });
    return buffer.subarray(0, bytesRead).toString("utf8") === proofBegins;
  } finally {
    await handle.close();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const keyAt = args.indexOf("--key");
  const given = keyAt < 0 ? undefined : args[keyAt + 1];
  const [file, ...rest] = args.filter((_, at) => keyAt < 0 || (at !== keyAt && at !== keyAt + 1));
  if (file === undefined || rest.length > 0 || (keyAt >= 0 && given === undefined)) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) {
    process.stderr.write(`There is no file ${file}.\n`);
    return 2;
  }
  const key = given === undefined ? undefined : keyFrom(given);
  if (key === null) {
    process.stderr.write(`${given} is no key.\n${usage}\n`);
    return 2;
  }
  const asked = key === undefined ? {} : { key };
  if (found.size <= largestProof && (await isProof(file))) {
    const verdict = await verifyRecord(await readFile(file, "utf8"), asked);
    process.stdout.write(`${saidOfRecord(verdict, key !== undefined).join("\n")}\n`);
    return verdict.ok ? 0 : 1;
  }
  const verdict = await verifyExport(createReadStream(file, { highWaterMark: 1 << 20 }), asked);
  process.stdout.write(`${said(verdict, key !== undefined).join("\n")}\n`);
  return verdict.ok ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
