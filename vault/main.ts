// npm run --silent vault -- --data DIR --port N [--host 127.0.0.1] [--rp-id vault.localhost] [--origin URL] [--register CODE]
// The first line on standard output is JSON {"listening", "origin"}; everything else goes to standard error, one JSON a line.
import { parseArgs } from "node:util";
import { hostOf, isOrigin } from "#lib/protocol/address.ts";
import { startVaults, type RunningVaults, type StartOptions } from "./start.ts";
import { Host } from "./host.ts";
import { beginEpochAfterRestore } from "./restore.ts";
import { PlainError } from "./store/plain-error.ts";
import { eraseDetails } from "./audit/erase.ts";

const USAGE = `Usage: npm run --silent vault -- --data DIR --port N
  --data DIR       folder of the vaults, made when missing
  --port N         port to listen on; 0 picks one
  --host ADDRESS   address to listen on (127.0.0.1)
  --rp-id NAME     host name that passkeys are bound to (vault.localhost)
  --origin URL     address to open in a browser (http://<rp-id>:<port>)
  --register CODE  one-time code for a new vault; a host that is not on this machine takes none without it
  --restored ID    say that this vault's file was put back from a backup (begins a new epoch), then exit
  --erase-details-before DATE   erase names and addresses in the log before this date (YYYY-MM-DD), then exit`;

function log(line: Readonly<Record<string, string | number | null>>): void {
  console.error(JSON.stringify({ at: new Date().toISOString(), ...line }));
}

interface Options {
  start: StartOptions;
  /** Work on the files instead of serving them. */
  upkeep: ((host: Host) => Promise<void>) | null;
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      port: { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      "rp-id": { type: "string", default: "vault.localhost" },
      origin: { type: "string" },
      register: { type: "string" },
      restored: { type: "string" },
      "erase-details-before": { type: "string" },
    },
  });
  const port = /^\d{1,5}$/.test(values.port ?? "") ? Number(values.port) : Number.NaN;
  const upkeep = upkeepOf(values.restored, values["erase-details-before"]);
  if (values.data === undefined || (upkeep === null && !(port <= 65_535))) throw new PlainError(USAGE);
  if (values.origin !== undefined && (!isOrigin(values.origin) || !isUnder(hostOf(values.origin)!, values["rp-id"]))) {
    throw new PlainError("--origin must be https (or a name ending in .localhost) and its host --rp-id or below it.");
  }
  if (values.register !== undefined && values.register.length < 12) throw new PlainError("--register needs a code of at least 12 characters.");
  const { data: dir, host: address, "rp-id": rpId, origin, register: registerCode } = values;
  return { start: { dir, port, address, rpId, origin, registerCode, log }, upkeep };
}

function isUnder(host: string, rpId: string): boolean {
  return host === rpId || host.endsWith(`.${rpId}`);
}

async function main(): Promise<void> {
  process.umask(0o077);
  const { start, upkeep } = options();
  if (upkeep !== null) {
    await onFiles(start, upkeep);
    return;
  }
  const running = await startVaults(start);
  console.log(JSON.stringify({ listening: running.listening, origin: running.origin }));
  stopOnSignal(running);
}

function upkeepOf(restored: string | undefined, eraseBefore: string | undefined): Options["upkeep"] {
  if (restored !== undefined) {
    return async (host) => {
      if (!host.has(restored)) throw new PlainError(`There is no vault ${restored} in this folder.`);
      log({ event: "vault.restored", vault: restored, ...(await host.use(restored, beginEpochAfterRestore)) });
    };
  }
  if (eraseBefore === undefined) return null;
  const before = /^\d{4}-\d\d-\d\d$/.test(eraseBefore) ? Date.parse(`${eraseBefore}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(before)) throw new PlainError(USAGE);
  return async (host) => {
    for (const id of host.ids()) log({ event: "details.erased", vault: id, events: await host.use(id, (vault) => eraseDetails(vault, before)) });
  };
}

async function onFiles({ dir, rpId = "vault.localhost", origin = `http://${rpId}` }: StartOptions, upkeep: (host: Host) => Promise<void>): Promise<void> {
  const host = new Host({ dir, origin, rpId, log });
  try {
    await upkeep(host);
  } finally {
    host.close();
  }
}

function stopOnSignal(running: RunningVaults): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void running.close().then(() => process.exit(0));
    });
  }
}

try {
  await main();
} catch (error) {
  const plain = error instanceof PlainError || (error instanceof TypeError && String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS"));
  if (!plain) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
