// npm run --silent vault -- --data DIR --port N [--host 127.0.0.1] [--rp-id vault.localhost] [--origin URL] [--register CODE]
// The first line on standard output is JSON {"listening", "origin"}; everything else goes to standard error, one JSON a line.
import { options, type Options } from "./options.ts";
import { startVaults, type RunningVaults } from "./start.ts";
import { PlainError } from "./store/plain-error.ts";
import { carryOutUpkeep } from "./upkeep.ts";

function log(line: Readonly<Record<string, string | number | null>>): void {
  console.error(JSON.stringify({ at: new Date().toISOString(), ...line }));
}

async function main(): Promise<void> {
  process.umask(0o077);
  const { start, upkeep }: Options = options(process.argv.slice(2));
  if (upkeep !== null) {
    const { dir, rpId = "vault.localhost", origin = `http://${rpId}` } = start;
    await carryOutUpkeep(upkeep, { dir, rpId, origin, log });
    return;
  }
  const running = await startVaults({ ...start, log });
  console.log(JSON.stringify({ listening: running.listening, origin: running.origin }));
  stopOnSignal(running);
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
