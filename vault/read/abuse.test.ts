import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AgentRow } from "#lib/protocol/messages.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { op, type Response, type VaultClient } from "../testing/client.ts";
import { connectMsp, registerVault, startWorld, type OwnedVault, type World } from "../testing/world.ts";

let world: World;
let vault: OwnedVault;
beforeEach(async () => {
  world = await startWorld();
  vault = await registerVault(world);
  const fields = [{ label: "code", kind: "totp", tier: "L2", value: "GEZDGNBVGY3TQOJQ" }];
  const entries = Array.from({ length: 16 }, (_, i) => op("POST", "/entry", { title: `Entry ${i + 1}`, scopes: i < 14 ? "0010" : "0011", fields }));
  await vault.owner.must(entries, { keys: [vault.key] });
});
afterEach(async () => {
  await world.end();
});

async function row(change: object = {}): Promise<VaultClient> {
  const token = newToken();
  const body = { name: "Bot", kind: "agent", scopes: "0010", all_access: false, admin: false, token_hash: tokenHash(token), ...change };
  const { receipt } = await vault.owner.must([op("POST", "/agent", body)], { keys: [vault.key] });
  return vault.owner.as({ token, agentId: receipt.results[0]!.agent_id!, uid: receipt.results[0]!.uid! });
}

const code = (answer: Response): string => (answer.status === 200 ? "200" : `${answer.status} ${String(answer.json.code)}`);
const read = async (client: VaultClient, ...ids: number[]): Promise<string[]> => {
  const codes: string[] = [];
  for (const id of ids) codes.push(code(await client.get(`/entry/${id}`)));
  return codes;
};
const isLocked = async (client: VaultClient): Promise<boolean> =>
  ((await vault.owner.get("/agents")).json.agents as AgentRow[]).find(({ uid }) => uid === client.account.uid)!.locked;
const violate = async (client: VaultClient): Promise<void> => {
  // Four entries in one minute, of which the fourth is beyond three.
  expect(await read(client, 1, 2, 3, 4)).toEqual(["200", "200", "200", "429 slow_down"]);
};

describe("PROTOCOL 12, abuse limits", () => {
  test("an entry and its TOTP are one distinct entry; lists and searches are none", async () => {
    const bot = await row();
    for (const path of ["/entry/1", "/totp/1", "/totp/2", "/entry/2", "/entries", "/search?q=entry", "/entry/3"]) expect(code(await bot.get(path))).toBe("200");
    expect(code(await bot.get("/totp/4"))).toBe("429 slow_down");
  });
  test("ten an hour, however slowly they are read; the window slides", async () => {
    const bot = await row();
    for (let id = 1; id <= 10; id++) {
      expect(await read(bot, id)).toEqual(["200"]);
      world.clock.forward(120);
    }
    const beyond = await bot.get("/entry/11");
    expect(code(beyond)).toBe("429 slow_down");
    // The first was read 1,200 s ago and leaves the hour 2,400 s from now.
    expect(Number(beyond.headers["retry-after"])).toBeGreaterThanOrEqual(2_395);
    expect(Number(beyond.headers["retry-after"])).toBeLessThanOrEqual(2_400);
    expect(await read(bot, 5)).toEqual(["200"]);
    world.clock.forward(Number(beyond.headers["retry-after"]));
    expect(await read(bot, 11)).toEqual(["200"]);
  });
  test("who waits as long as Retry-After says is served, also after its limits were made tighter", async () => {
    const bot = await row({ limits: { per_minute: 5, per_hour: 50 } });
    for (const id of [1, 2, 3, 4, 5]) {
      await read(bot, id);
      world.clock.forward(5);
    }
    await vault.owner.must([op("PUT", `/agent/${bot.account.agentId}`, { limits: { per_minute: 2, per_hour: 50 } })], { keys: [vault.key] });
    const beyond = await bot.get("/entry/6");
    expect(code(beyond)).toBe("429 slow_down");
    world.clock.forward(Number(beyond.headers["retry-after"]));
    expect(await read(bot, 6)).toEqual(["200"]);
    expect(await isLocked(bot)).toBe(false);
  });
  test("denied and missing entries never count, before or after a violation", async () => {
    const bot = await row();
    await violate(bot);
    for (let i = 0; i < 10; i++) expect(await read(bot, 15, 16, 999)).toEqual(["403 denied", "403 denied", "403 denied"]);
    expect(await isLocked(bot)).toBe(false);
    expect(await read(bot, 1, 2, 3)).toEqual(["200", "200", "200"]);
  });
  test("a second violation inside two hours locks from the next read on; that violation itself is 429", async () => {
    const bot = await row();
    await violate(bot);
    world.clock.forward(7_190);
    await violate(bot);
    expect(await isLocked(bot)).toBe(true);
    expect(await read(bot, 1)).toEqual(["423 locked"]);
    const { events } = (await vault.owner.get("/audit")).json as { events: { action: string; actor: { kind: string }; detail: { target: { id: string } | null } }[] };
    const lock = events.find(({ action }) => action === "agent.lock")!;
    expect([lock.actor.kind, lock.detail.target!.id]).toEqual(["system", bot.account.uid]);
  });
  test("two violations two hours apart lock nobody", async () => {
    const bot = await row();
    await violate(bot);
    world.clock.forward(7_201);
    await violate(bot);
    expect(await isLocked(bot)).toBe(false);
  });
  test("a restart forgets neither the entries read nor a violation", async () => {
    const bot = await row();
    await violate(bot);
    await world.close();
    await world.restart();
    expect(await read(bot, 1, 5)).toEqual(["200", "429 slow_down"]);
    expect(await read(bot, 1)).toEqual(["423 locked"]);
  });
});

describe("PROTOCOL 12, a lock", () => {
  test("stops entry, list, search and TOTP reads, nothing else; a manager cannot take it off, an owner can, and counting starts anew", async () => {
    const msp = await connectMsp(vault);
    const bot = await row();
    await vault.owner.must([op("PUT", `/agent/${bot.account.agentId}`, { managed_by: msp.manager.account.uid })], { keys: [vault.key] });
    await violate(bot);
    expect(await read(bot, 4)).toEqual(["429 slow_down"]);
    for (const path of ["/entry/1", "/totp/1", "/entries", "/search?q=e"]) expect(code(await bot.get(path))).toBe("423 locked");
    expect(code(await bot.get("/vault"))).toBe("200");
    const unlock = op("PUT", `/agent/${bot.account.agentId}`, { locked: false });
    expect(code(await msp.manager.change([unlock], { keys: [msp.signers[0]!] }))).toBe("403 not_granted");
    expect(code(await msp.manager.change([op("PUT", `/agent/${bot.account.agentId}`, { name: "Bot 2" })], { keys: [msp.signers[0]!] }))).toBe("200");
    expect(await isLocked(bot)).toBe(true);
    await vault.owner.must([{ ...unlock, id: crypto.randomUUID() }], { keys: [vault.key] });
    world.clock.forward(61);
    await violate(bot);
    expect(await isLocked(bot)).toBe(false);
  });
  test("a locked owner still changes what a tap approves, and reads nothing", async () => {
    const limits = { per_minute: 1, per_hour: 1 };
    const second = await row({ kind: "human", all_access: true, admin: false, limits, scopes: "" });
    expect(await read(second, 1, 2, 2, 1)).toEqual(["200", "429 slow_down", "429 slow_down", "423 locked"]);
    await vault.owner.must([op("PUT", "/agent/1", { limits })], { keys: [vault.key] });
    expect(await read(vault.owner, 1, 2, 3, 1)).toEqual(["200", "429 slow_down", "429 slow_down", "423 locked"]);
    expect(code(await vault.owner.change([op("PUT", `/agent/${second.account.agentId}`, { locked: false })], { keys: [vault.key] }))).toBe("200");
  });
});
