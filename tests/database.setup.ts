/** One throw-away PostgreSQL for all integration tests, with a prepared template; each test file takes a copy (database.ts). */
import { mkdtempSync, rmSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { prepare } from "../lib/db/prepare.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgres: { ADMIN_DATABASE_URL: string; DATABASE_URL: string; APP_DATABASE_URL: string; JOBS_DATABASE_URL: string; template: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "clavitor-test-"));
  chmodSync(folder, 0o711); // the server runs as another user when the tests run as root
  process.env.CLAVITOR_DATA = folder;
  process.env.CLAVITOR_FRESH_PORTS = "1";
  const { startDatabase, urls } = await import("../launch/database.mjs");
  const { choosePorts } = await import("../launch/ports.mjs");
  const { localSecrets } = await import("../launch/secrets.mjs");
  const { database: port } = await choosePorts();
  const secrets = localSecrets();
  const server = await startDatabase(port, secrets, { fsync: false });
  const template = "clavitor_template";
  const at = urls(port, secrets, template);
  await prepare({ adminUrl: at.ADMIN_DATABASE_URL, ownerUrl: at.DATABASE_URL, appUrl: at.APP_DATABASE_URL, jobsUrl: at.JOBS_DATABASE_URL });
  project.provide("postgres", { ...at, template });
  return async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
