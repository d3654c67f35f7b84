import { fromB64u } from "#lib/protocol/bytes.ts";
import { expect, test } from "vitest";
import { readdirSync } from "node:fs";
import { SoftwareKey } from "../testing/authenticator.ts";
import { sendRaw } from "../testing/client.ts";
import { startWorld, type World } from "../testing/world.ts";

const CODE = "one-time-code-of-the-operator";

async function register(world: World, code?: string): Promise<string> {
  const key = new SoftwareKey({ rpId: "vault.localhost", origin: world.origin });
  const begun = await sendRaw(world.listening, "POST", "/register/begin", {}, "{}");
  if (begun.status !== 201) return `${begun.status} ${String(begun.json.code)}`;
  const registration = key.createJson(fromB64u(begun.json.challenge as string, 32));
  const body = JSON.stringify({ registration, p0: key.p0, wrapped_l3: "", name: "New", ...(code === undefined ? {} : { code }) });
  const made = await sendRaw(world.listening, "POST", "/register", {}, body);
  return made.status === 201 ? "201" : `${made.status} ${String(made.json.code)}`;
}
const vaults = (world: World): number => readdirSync(world.dir).filter((name) => /^clavitor-.{6}$/.test(name)).length;

test("a registration code makes one vault: a wrong one none, of two at once one, after a restart none", async () => {
  let ask = 0;
  const world = await startWorld({ registerCode: CODE, capacity: () => Promise.resolve(++ask > 0) });
  try {
    expect(await register(world)).toBe("403 denied");
    expect(await register(world, `${CODE}x`)).toBe("403 denied");
    expect((await Promise.all([register(world, CODE), register(world, CODE)])).sort()).toEqual(["201", "403 denied"]);
    expect(vaults(world)).toBe(1);
    await world.close();
    await world.restart();
    expect(await register(world, CODE)).toBe("403 denied");
    expect(vaults(world)).toBe(1);
  } finally {
    await world.end();
  }
});

test("no capacity is 402 and uses up no code; a question that fails is no yes", async () => {
  let answer: () => Promise<boolean> = () => Promise.resolve(false);
  const world = await startWorld({ registerCode: CODE, capacity: () => answer() });
  try {
    expect(await register(world, CODE)).toBe("402 no_capacity");
    answer = () => Promise.reject(new Error("HQ does not answer"));
    expect(await register(world, CODE)).toBe("500 internal");
    expect(vaults(world)).toBe(0);
    answer = () => Promise.resolve(true);
    expect(await register(world, CODE)).toBe("201");
  } finally {
    await world.end();
  }
});

test("a host whose origin is not on this machine takes no registration without a code", async () => {
  const world = await startWorld({ origin: "https://vaults.example" });
  try {
    expect(await register(world)).toBe("403 denied");
  } finally {
    await world.end();
  }
});
