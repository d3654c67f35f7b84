// npm run --silent vault -- --data DIR --port N [--host 127.0.0.1] [--rp-id vault.localhost] [--origin URL] [--register CODE]
// The first line on standard output is JSON {"listening", "origin"}; everything else goes to standard error, one JSON a line.
import { parseArgs } from "node:util";
import { hostOf, isOrigin } from "#lib/protocol/address.ts";
import { startVaults, type RunningVaults } from "./start.ts";
import { PlainError } from "./store/plain-error.ts";
import { eraseDetails } from "./audit/erase.ts";

const USAGE = `Usage: npm run --silent vault -- --data DIR --port N
  --data DIR       folder of the vaults, made when missing
  --port N         port to listen on; 0 picks one
  --host ADDRESS   address to listen on (127.0.0.1)
  --rp-id NAME     host name that passkeys are bound to (vault.localhost)
  --origin URL     address to open in a browser (http://<rp-id>:<port>)
  --register CODE  one-time code for a new vault; a host that is not on this machine takes none without it
  --erase-details-before DATE   erase names and addresses in the log before this date (YYYY-MM-DD), then exit`;

function log(line: Readonly<Record<string, string | number | null>>): void {
  console.error(JSON.stringify({ at: new Date().toISOString(), ...line }));
}

function options(): Parameters<typeof startVaults>[0] & { eraseBefore: number | null } {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      port: { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      "rp-id": { type: "string", default: "vault.localhost" },
      origin: { type: "string" },
      register: { type: "string" },
      "erase-details-before": { type: "string" },
    },
  });
  const port = /^\d{1,5}$/.test(values.port ?? "") ? Number(values.port) : Number.NaN;
  const eraseBefore = values["erase-details-before"] === undefined ? null : Date.parse(`${values["erase-details-before"]}T00:00:00Z`);
  if (values.data === undefined || (eraseBefore === null && !(port <= 65_535)) || Number.isNaN(eraseBefore)) throw new PlainError(USAGE);
  if (values.origin !== undefined && (!isOrigin(values.origin) || !isUnder(hostOf(values.origin)!, values["rp-id"]))) {
    throw new PlainError("--origin must be https (or a name ending in .localhost) and its host --rp-id or below it.");
  }
  if (values.register !== undefined && values.register.length < 12) throw new PlainError("--register needs a code of at least 12 characters.");
  return { dir: values.data, port, address: values.host, rpId: values["rp-id"], origin: values.origin, registerCode: values.register, log, eraseBefore };
}

function isUnder(host: string, rpId: string): boolean {
  return host === rpId || host.endsWith(`.${rpId}`);
}

async function main(): Promise<void> {
  process.umask(0o077);
  const { eraseBefore, ...rest } = options();
  if (eraseBefore !== null) {
    await erase(rest.dir, eraseBefore);
    return;
  }
  const running = await startVaults(rest);
  console.log(JSON.stringify({ listening: running.listening, origin: running.origin }));
  stopOnSignal(running);
}

async function erase(dir: string, before: number): Promise<void> {
  const { Host } = await import("./host.ts");
  const host = new Host({ dir, origin: "http://vault.localhost", rpId: "vault.localhost", log });
  try {
    for (const id of host.ids()) log({ event: "details.erased", vault: id, events: await host.use(id, (vault) => eraseDetails(vault, before)) });
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
