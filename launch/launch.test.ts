import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isLocal } from "./environment.mjs";
import { writeWhole } from "./files.mjs";
import { aloneInCheckout, takeLock } from "./lock.mjs";
import { alive, listenerOn, until } from "./processes.mjs";
import { whenStale } from "./stale.mjs";
import { explain, StepFailure } from "./steps.mjs";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "clavitor-launch-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a step that is skipped while it is fresh", () => {
  const mark = () => join(folder, "mark");
  test("runs once, and again when what it reads has changed", async () => {
    const work = vi.fn<() => Promise<void>>(async () => undefined);
    expect(await whenStale(mark(), "a", work)).toBe(true);
    expect(await whenStale(mark(), "a", work)).toBe(false);
    expect(await whenStale(mark(), "b", work)).toBe(true);
    expect(work).toHaveBeenCalledTimes(2);
  });
  test("that was cut off in the middle is done again", async () => {
    await whenStale(mark(), "a", async () => undefined);
    await expect(whenStale(mark(), "b", async () => { throw new Error("cut off"); })).rejects.toThrow("cut off");
    // Even what was fresh before: the half-done work has replaced it.
    expect(await whenStale(mark(), "a", async () => undefined)).toBe(true);
  });
});

describe("one launcher per instance", () => {
  test("a lock that a dead process left is taken over", () => {
    writeFileSync(join(folder, "lock"), "999999999");
    const release = takeLock("anything", join(folder, "lock"));
    expect(readFileSync(join(folder, "lock"), "utf8")).toBe(String(process.pid));
    release();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });
  test("a lock whose number now belongs to some other program is taken over", () => {
    writeFileSync(join(folder, "lock"), String(process.ppid));
    expect(() => takeLock("no-such-program-name", join(folder, "lock"))()).not.toThrow();
  });
  test("a lock that lives is respected, and says who has it", () => {
    writeFileSync(join(folder, "lock"), String(process.ppid));
    expect(() => takeLock("", join(folder, "lock"))).toThrow(new RegExp(`already running as process ${process.ppid}`));
  });
  test("work in the checkout is done by one at a time, and a lock that a dead process left does not hold it up", async () => {
    const lock = join(folder, "making");
    writeFileSync(lock, "999999999");
    let inside = 0;
    const most = await aloneInCheckout(async () => ++inside, lock);
    expect(most).toBe(1);
    expect(existsSync(lock)).toBe(false);
    await expect(aloneInCheckout(async () => { throw new Error("failed"); }, lock)).rejects.toThrow("failed");
    expect(existsSync(lock)).toBe(false);
  });
  test("giving back a lock that somebody else has taken since leaves it alone", () => {
    const release = takeLock("anything", join(folder, "lock"));
    writeFileSync(join(folder, "lock"), "1");
    release();
    expect(readFileSync(join(folder, "lock"), "utf8")).toBe("1");
  });
});

test("a file is either whole or as it was before", () => {
  const file = join(folder, "deep", "file");
  writeWhole(file, "one", 0o600);
  writeWhole(file, "two", 0o600);
  expect(readFileSync(file, "utf8")).toBe("two");
});

test("local mode is loopback and nothing else", () => {
  for (const origin of [undefined, "http://localhost:3000", "http://console.localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"]) expect(isLocal({ NODE_ENV: "test", APP_ORIGIN: origin }), origin).toBe(true);
  for (const origin of ["https://console.example.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "nonsense"]) expect(isLocal({ NODE_ENV: "test", APP_ORIGIN: origin }), origin).toBe(false);
});

test("a process that has ended is not alive, this one is", () => {
  expect(alive(process.pid)).toBe(true);
  expect(alive(999_999_999)).toBe(false);
});

test("whoever listens on a port is named", async () => {
  const { createServer } = await import("node:net");
  const server = createServer();
  const port = await new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)));
  expect(listenerOn(port)).toContain(`process ${process.pid}`);
  await new Promise((resolve) => server.close(resolve));
});

test("waiting ends with undefined when the time is over", async () => expect(await until(() => false, { within: 30, every: 5 })).toBeUndefined());

test("a failed step is explained with step, reason and remedy; a full disk too", () => {
  const said: string[] = [];
  const spy = vi.spyOn(console, "error").mockImplementation((text: string) => void said.push(text));
  explain(Object.assign(new StepFailure("The well is dry.", "Dig deeper.", "last words"), { step: "water" }));
  explain(Object.assign(new Error("write"), { code: "ENOSPC", step: "packages" }));
  spy.mockRestore();
  expect(said[0]).toContain('The step "water" failed.');
  expect(said[0]).toMatch(/Why {6}The well is dry\.\n {2}Do this {2}Dig deeper\.[\s\S]*last words/);
  expect(said[1]).toContain("The disk is full.");
});
