import { afterAll, beforeAll, expect, test } from "vitest";
import type { AgentRow, Grant } from "#lib/protocol/messages.ts";
import { sendRaw } from "../testing/client.ts";
import { registerVault, startWorld, WIDE, type World } from "../testing/world.ts";
import { whyNotNumbered } from "./browser/request.ts";
import { duration, grantSentences, refusal } from "./browser/words.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.end();
});

const get = (path: string): ReturnType<typeof sendRaw> => sendRaw(world.listening, "GET", path, {});

test("the pages carry a policy that forbids framing, inline script and markup from strings", async () => {
  const { owner } = await registerVault(world);
  for (const path of ["/", "/register", `/${owner.account.vaultId}/connect`]) {
    const page = await get(path);
    expect(page.status).toBe(200);
    const policy = String(page.headers["content-security-policy"]);
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", "connect-src 'self' https: http://localhost:* http://*.localhost:*"]) {
      expect(policy.split("; ")).toContain(part);
    }
    expect(page.headers["referrer-policy"]).toBe("no-referrer");
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(page.text).not.toMatch(/\son\w+=|style=/);
  }
});

test("every module that a page imports is served as script, and nothing else of this folder is", async () => {
  const seen = new Set<string>();
  const queue = [...(await get("/register")).text.matchAll(/src="([^"]+)"/g)].map((match) => match[1]!);
  const { owner } = await registerVault(world);
  queue.push(/src="([^"]+)"/.exec((await get(`/${owner.account.vaultId}/connect`)).text)![1]!);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const served = await get(path);
    expect([path, served.status, served.headers["content-type"]]).toEqual([path, 200, "text/javascript; charset=utf-8"]);
    for (const match of served.text.matchAll(/^(?:(?:import|export)\b[^"';]*?\bfrom\s*|import\s*)"([^"]+)"/gm)) {
      expect(match[1]).toMatch(/^\/page\/m\//);
      queue.push(match[1]!);
    }
  }
  expect(seen.size).toBeGreaterThan(15);
  for (const path of ["/page/m/x.js", "/page/../main.ts", "/page/main.ts", "/page/style.css/..", "/page/"]) expect((await get(path)).status).toBe(404);
  expect((await get("/page/style.css")).headers["content-type"]).toContain("text/css");
});

test("a grant is told in sentences that name what is far-reaching", () => {
  const loose: Grant = { ...WIDE, scopes: "any", all_access: "yes", entries: true, cosign: 2, audit: "all", max_agents: 1, signer_delay: 0 };
  expect(grantSentences(loose).join(" ")).toBe(
    "They can give people access to everything, without a time limit. They can give people any role number, except the numbers of your own people and programs. They can look after one person or program. They can create, change and delete entries. Two different people of theirs must sign every change. A new security key of theirs counts at once. They can read your whole log. They themselves can read no entry.",
  );
  expect(grantSentences(WIDE)[0]).toBe("They can give people access to everything, but only for a limited time of at most 1 day.");
});

test.each([[60, "1 minute"], [7_200, "2 hours"], [86_400, "1 day"], [90, "90 seconds"], [0, "no time"]])("%i seconds are %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test("an unknown refusal is said with its code", () => {
  expect(refusal("something_new")).toContain("something_new");
});

test("the form says before the tap which number cannot be a role's", async () => {
  const { owner } = await registerVault(world, "Numbers");
  const { agents } = (await owner.get("/agents")).json as { agents: AgentRow[] };
  const named = (...scopes: string[]): { name: string; scope: string }[] => scopes.map((scope, i) => ({ name: `role ${i}`, scope }));
  const any: Grant = { ...WIDE, scopes: "any" };
  expect(whyNotNumbered(named("0010", "0011"), WIDE, agents)).toBeNull();
  expect(whyNotNumbered(named("0010", "7777"), WIDE, agents)).toContain('"role 1" is not among');
  expect(whyNotNumbered(named("7777", "0001"), any, agents)).toContain("own number of Numbers");
  expect(whyNotNumbered(named("7777", "7777"), any, agents)).toContain("same number");
});
