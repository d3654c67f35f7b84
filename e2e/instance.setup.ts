/** Starts the whole product once for the browser tests, as a person would (npm start), in a folder and on ports of its own. */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";


/** This machine's environment without settings of an installation: a test never runs on somebody's database. */
export function ownEnvironment(more: Record<string, string>): NodeJS.ProcessEnv {
  const settings = /^(.*DATABASE_URL|APP_ORIGIN|SIGN_ORIGIN|PORT|BIND|TRUSTED_PROXIES|SMTP_URLS|SEAL_KEYS|SESSION_SECRET|MAIL_FROM|SIGN_UP|STRIPE_.*)$/;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.test(name))), ...more } as NodeJS.ProcessEnv;
}

// One proxy is trusted, so that a test can come from an address of its own and has its own rate limits (e2e/people.ts).
export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "clavitor-e2e-"));
  chmodSync(folder, 0o711);
  const child = spawn(process.execPath, [join(import.meta.dirname, "../launch/start.mjs")], { env: ownEnvironment({ CLAVITOR_DATA: folder, CLAVITOR_FRESH_PORTS: "1", CLAVITOR_DEMO: "0", TRUSTED_PROXIES: "1", CI: "1" }), stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes("Ready in")) resolve();
      });
    }
    void ended.then(() => reject(new Error(`The instance for the browser tests did not start:\n${said}`)));
  });
  const ports = JSON.parse(readFileSync(join(folder, "ports.json"), "utf8")) as Record<string, number>;
  Object.assign(process.env, { E2E_ORIGIN: `http://localhost:${ports.console}`, E2E_MAIL: `http://localhost:${ports.mail}`, E2E_FOLDER: folder, E2E_LAUNCHER: String(child.pid) });
  writeFileSync(join(folder, "started.log"), said);
  return async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}
