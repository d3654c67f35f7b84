import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyFolder, verifyCopy } from "./copy.ts";
import { op } from "./testing/client.ts";
import { registerVault, startWorld, type OwnedVault, type World } from "./testing/world.ts";

let world: World;
let vault: OwnedVault;
let to: string;
beforeEach(async () => {
  world = await startWorld();
  vault = await registerVault(world);
  to = mkdtempSync(join(tmpdir(), "copies-"));
});
afterEach(async () => {
  await world.end();
  rmSync(to, { recursive: true, force: true });
});

const entry = () => op("POST", "/entry", { title: "Router", scopes: "", fields: [{ label: "p", kind: "password", tier: "L2", value: "s" }] });
const copy = (): string => join(to, `clavitor-${vault.owner.account.vaultId}`);
const tamper = (sql: string): void => {
  const file = new DatabaseSync(copy());
  file.exec(sql);
  file.close();
};

test("a copy of a running host is one consistent state, whatever is written meanwhile", async () => {
  const done = new AbortController();
  const writing = (async () => {
    while (!done.signal.aborted) await vault.owner.must([entry(), entry()], { keys: [vault.key] });
  })();
  const states = [];
  for (let i = 0; i < 5; i++) states.push((await copyFolder(world.dir, to, world.host.hostKey))[0]!);
  done.abort();
  await writing;
  // Two entries per batch and one revision per batch: a torn copy would break one of these, or its chain.
  for (const { entries, revision, events } of states) {
    expect(entries).toBe((revision - 1) * 2);
    expect(events).toBeGreaterThanOrEqual(entries);
  }
  expect(states.at(-1)!.revision).toBeGreaterThan(states[0]!.revision);
  expect(readdirSync(to)).toEqual([`clavitor-${vault.owner.account.vaultId}`]);
});

test("a copy is for its owner alone, and holds neither the host key nor anything in clear", async () => {
  await vault.owner.must([entry()], { keys: [vault.key] });
  await copyFolder(world.dir, to, world.host.hostKey);
  expect(statSync(copy()).mode & 0o777).toBe(0o600);
  const bytes = readFileSync(copy());
  expect(bytes.includes(world.host.hostKey)).toBe(false);
  expect(bytes.includes("Router")).toBe(false);
});

test("what is wrong with a copy is found and named", async () => {
  await vault.owner.must(Array.from({ length: 40 }, entry), { keys: [vault.key] });
  const refusal = async (spoil: () => void): Promise<string> => {
    await copyFolder(world.dir, to, world.host.hostKey);
    spoil();
    try {
      verifyCopy(copy(), world.host.hostKey);
    } catch (error) {
      return (error as Error).message;
    }
    return "whole";
  };
  expect(await refusal(() => undefined)).toBe("whole");
  expect(await refusal(() => tamper("UPDATE events SET at = at + 1 WHERE seq = 3"))).toMatch(/broken at event 3 .*hash/);
  expect(await refusal(() => tamper("DELETE FROM events WHERE seq = 5"))).toMatch(/broken at event 6 .*gap/);
  expect(await refusal(() => tamper("UPDATE events SET detail = json_set(detail, '$.name', 'x') WHERE seq = 2"))).toMatch(/broken at event 2 .*detail/);
  expect(await refusal(() => tamper("UPDATE entries SET l2 = (SELECT l2 FROM entries WHERE id = 1) WHERE id = 2"))).not.toBe("whole");
  expect(await refusal(() => writeFileSync(copy(), readFileSync(copy()).subarray(0, 20_480)))).toMatch(/damaged/);
  expect(await refusal(() => rmSync(copy()))).toMatch(/no file/);
  await copyFolder(world.dir, to, world.host.hostKey);
  expect(() => verifyCopy(copy(), Buffer.alloc(32))).toThrow(/does not fit/);
});

test("erased details are no damage", async () => {
  await world.host.use(vault.owner.account.vaultId, ({ db }) => db.exec("UPDATE events SET detail = NULL"));
  await copyFolder(world.dir, to, world.host.hostKey);
  copyFileSync(copy(), `${copy()}.second`);
  expect(verifyCopy(`${copy()}.second`, world.host.hostKey).events).toBe(1);
});
