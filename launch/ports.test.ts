import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type * as Ports from "./ports.mjs";
import { StepFailure } from "./steps.mjs";

let folder: string;
let choosePorts: typeof Ports.choosePorts;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "clavitor-ports-"));
  vi.stubEnv("CLAVITOR_DATA", folder);
  vi.stubEnv("CLAVITOR_FRESH_PORTS", "1");
  ({ choosePorts } = await import("./ports.mjs"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const remembered = (): unknown => JSON.parse(readFileSync(join(folder, "ports.json"), "utf8"));
const hold = (port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(port, "127.0.0.1", () => resolve(server));
  });

test("a start without the demo chooses none of its ports, and leaves the ones that are remembered", async () => {
  const without = await choosePorts(undefined, ["vaults", "clients", "pop"]);
  expect(Object.keys(without).sort()).toEqual(["console", "database", "mail", "smtp", "stripe"]);
  const all = await choosePorts();
  expect(all).toMatchObject(without);
  expect(new Set(Object.values(all)).size).toBe(8);
  const holder = await hold(all.vaults);
  expect(await choosePorts(undefined, ["vaults", "clients", "pop"])).toEqual(without);
  await new Promise((resolve) => void holder.close(resolve));
  expect(remembered()).toEqual(all);
});

test("the vaults' port is part of their address: when it is taken the start stops, names them and moves nothing; the admins' door moves", async () => {
  const before = await choosePorts();
  const vaults = await hold(before.vaults);
  const failure: unknown = await choosePorts().catch((error: unknown) => error);
  await new Promise((resolve) => void vaults.close(resolve));
  expect(failure).toBeInstanceOf(StepFailure);
  expect((failure as Error).message).toContain(`Port ${before.vaults}, the address of the demo's vaults, is held by process ${process.pid}`);
  expect(remembered()).toEqual(before);
  const door = await hold(before.clients);
  const after = await choosePorts();
  await new Promise((resolve) => void door.close(resolve));
  expect(after).toEqual({ ...before, clients: after.clients });
  expect(after.clients).not.toBe(before.clients);
}, 20_000);
