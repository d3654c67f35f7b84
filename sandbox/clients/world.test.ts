import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientById } from "../cast/clients.ts";
import { NUMBERINGS } from "../cast/roles.ts";
import { rowsOf } from "../cast/rows.ts";
import { seedName } from "../keys/derive.ts";
import { adminKey, handedToken, raise, type Ground } from "./raise.ts";
import { findAgain, l3Key, register } from "./register.ts";
import { Memory } from "./state.ts";
import { startVaultHost, temporaryFolder, type VaultHost } from "./testing.ts";
import { call, dropConnections } from "./wire.ts";
import { paidUntil, writeCeilings } from "./hosting.ts";
import { Owner, operation } from "./owner.ts";

const seed = new Uint8Array(32).fill(9);
const folder = temporaryFolder();
const now = (): number => Math.floor(Date.now() / 1_000);
let host: VaultHost;
let ground: Ground;

const memoryIn = (name: string): Memory => new Memory(join(folder.path, name), { seed: seedName(seed), origin: host.origin });

beforeAll(async () => {
  host = await startVaultHost(join(folder.path, "vaults"));
  ground = { seed, origin: host.origin, folder: host.folder, memory: memoryIn("clients"), now };
}, 30_000);
afterAll(async () => {
  dropConnections();
  await host.stop();
  folder.remove();
});

describe("a client's vault", () => {
  test("stands with its plan's ceilings, its entries on all three tiers, and its rows, all the client's own", async () => {
    const client = clientById("saltmarsh");
    const owner = await raise(ground, client);
    const info = await owner.vault();
    expect(info).toMatchObject({ name: "Saltmarsh Breweries", mode: "primary", limits: { tokens: { used: client.tokens - 1, limit: 11 }, devices: { used: 1, limit: 100 } } });
    expect(info.paid_until).toBeGreaterThan(now() + 300 * 86_400);
    const rows = await owner.agents();
    expect(rows.map(({ name }) => name)).toEqual([client.name, ...rowsOf(client).map(({ name }) => name)]);
    expect(rows.every(({ managed_by }) => managed_by === null || managed_by === rows[0]!.uid)).toBe(true);
    const entries = await owner.entries();
    expect(entries).toHaveLength(17);
    const tiers = new Set<string>();
    for (const { id } of entries) {
      const entry = (await call(owner.access, "GET", `/entry/${id}`)) as { fields: { tier: string; value: string }[] };
      for (const { tier, value } of entry.fields) {
        tiers.add(tier);
        expect(value).not.toBe("");
      }
    }
    expect([...tiers].sort()).toEqual(["L1", "L2", "L3"]);
  });
  test("a technician's old token opens the entries of their roles there, and no other", async () => {
    const client = clientById("saltmarsh");
    const owner = await raise(ground, client);
    const tomas = (await owner.agents()).find(({ name }) => name === "Tomás Ferreira")!;
    const access = { ...owner.access, agentId: tomas.id, uid: tomas.uid, token: handedToken(seed, client.id, "tomas") };
    const { entries } = (await call(access, "GET", "/entries")) as { entries: { title: string; scopes: string }[] };
    expect(entries.map(({ title }) => title)).toEqual(["Backup appliance", "Off-site bucket"]);
    expect(entries.every(({ scopes }) => scopes === NUMBERINGS.usual.Backup)).toBe(true);
    const card = (await owner.entries()).find(({ title }) => title === "Company card")!;
    await expect(call(access, "GET", `/entry/${card.id}`)).rejects.toThrow("403 denied");
  });
  test("its ceiling is hard: the vault refuses the token beyond it", async () => {
    const owner = await raise(ground, clientById("pennard"));
    const row = (name: string): object => ({ name, kind: "human", scopes: "", all_access: false, admin: false });
    await owner.change([operation("POST", "/agent", row("the last one"))]);
    await expect(owner.change([operation("POST", "/agent", row("one too many"))])).rejects.toThrow("409 limit_reached");
  });
  test("a client of an unlimited plan has no ceiling", async () => {
    const owner = await raise(ground, clientById("ostrander-rail"));
    expect((await owner.vault()).limits).toEqual({ tokens: { used: 63, limit: null }, devices: { used: 1, limit: null } });
  });
  test("is raised once: a second time changes nothing in it", async () => {
    const before = await (await raise(ground, clientById("saltmarsh"))).vault();
    const again = await raise({ ...ground, memory: memoryIn("clients") }, clientById("saltmarsh"));
    expect(await again.vault()).toMatchObject({ vault_id: before.vault_id, revision: before.revision });
  });
});

describe("a start that was cut off", () => {
  test("after the vault was made and before anything was written down: the same vault is found and filled", async () => {
    const client = clientById("blue-heron");
    const made = await register(host.origin, { name: client.name, key: adminKey(seed, host.origin, client), l3: l3Key(seed, client.id) });
    const owner = await raise(ground, client);
    expect(owner.access.vaultId).toBe(made.vaultId);
    expect(owner.access.token).not.toBe(made.token);
    await expect(call(made, "GET", "/vault")).rejects.toThrow("401 unknown_token");
    expect(await owner.entries()).toHaveLength(17);
  });
  test("after it was filled and before that was written down: nothing is there twice", async () => {
    const client = clientById("blue-heron");
    const before = await (await raise(ground, client)).agents();
    const forgotten = { ...ground, memory: memoryIn("forgotten") };
    const owner = await raise(forgotten, client);
    expect((await owner.agents()).map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
    expect(await owner.entries()).toHaveLength(17);
  });
  test("a key that owns no vault finds none", async () => {
    expect(await findAgain(host.origin, adminKey(seed, host.origin, clientById("ironbark")))).toBeNull();
  });
});

describe("what is remembered", () => {
  test("lies in one file that only its owner may read", () => {
    memoryIn("clients");
    expect(statSync(join(folder.path, "clients/clients.json")).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder.path, "clients")).mode & 0o077).toBe(0);
  });
  test("another seed, another address and a damaged file stop the start with words, and no token in them", () => {
    const file = join(folder.path, "clients");
    const token = (JSON.parse(readFileSync(join(file, "clients.json"), "utf8")) as { vaults: { access: { token: string } }[] }).vaults[0]!.access.token;
    const words = (open: () => unknown): string => {
      try {
        open();
      } catch (error) {
        return (error as Error).message;
      }
      return "opened";
    };
    const said = [
      words(() => new Memory(file, { seed: "another", origin: host.origin })),
      words(() => new Memory(file, { seed: seedName(seed), origin: "http://vault.localhost:1" })),
    ];
    const damaged = join(folder.path, "damaged");
    mkdirSync(damaged);
    writeFileSync(join(damaged, "clients.json"), readFileSync(join(file, "clients.json"), "utf8").slice(0, -9));
    said.push(words(() => new Memory(damaged, { seed: seedName(seed), origin: host.origin })));
    expect(said[0]).toContain("another seed");
    expect(said[1]).toContain("passkeys contain the address");
    expect(said[2]).toContain("damaged");
    for (const text of said) expect(text).not.toContain(token);
  });
});

describe("the hosting side", () => {
  test("renews paid time when little is left, and leaves it alone otherwise", () => {
    const at = 1_800_000_000;
    expect(paidUntil(null, at)).toBe(at + 365 * 86_400);
    expect(paidUntil(at + 31 * 86_400, at)).toBe(at + 31 * 86_400);
    expect(paidUntil(at + 29 * 86_400, at)).toBe(at + 365 * 86_400);
    expect(paidUntil(at - 1, at)).toBe(at + 365 * 86_400);
  });
  const hosted = { tokens: 1, devices: 1, email: "it@nobody.example", until: 1 };
  test("renewing keeps one row, and a suspension that stands in it", async () => {
    const { access } = await raise(ground, clientById("tamarind"));
    const file = new DatabaseSync(join(host.folder, `clavitor-${access.vaultId}`));
    file.exec("UPDATE vault_meta SET suspended_at = 77");
    writeCeilings(host.folder, access.vaultId, { ...hosted, tokens: 11, until: 1_999_999_999 });
    const rows = file.prepare("SELECT account_email, expires_at, paid_until, suspended_at, tokens_limit, devices_limit FROM vault_meta").all();
    file.close();
    expect(rows).toEqual([{ account_email: "it@tamarind.example", expires_at: 1_999_999_999, paid_until: 1_999_999_999, suspended_at: 77, tokens_limit: 11, devices_limit: 1 }]);
  });
  test("a vault that is not in the folder is an error, and no file appears", () => {
    expect(() => writeCeilings(host.folder, "AAAAAA", hosted)).toThrow("unable to open database file");
    expect(() => statSync(join(host.folder, "clavitor-AAAAAA"))).toThrow("ENOENT");
    expect(() => writeCeilings(host.folder, "../x", hosted)).toThrow("no vault id");
  });
});

test("a vault whose key is another one is not taken for the remembered one", async () => {
  const owner = await raise(ground, clientById("saltmarsh"));
  const foreign = new Owner({ ...owner.access, key: (await raise(ground, clientById("pennard"))).access.key }, adminKey(seed, host.origin, clientById("saltmarsh")));
  await expect(foreign.vault()).rejects.toThrow("without the vault's signature");
});
