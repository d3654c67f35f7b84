import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Refusal } from "../../lib/errors.ts";
import { holds, personActor, type Actor } from "../../lib/identity/actor.ts";
import { permissions, personRights, rights, type Permission } from "../../lib/identity/permission.ts";
import { doors } from "./doors.ts";
import { files, importsOf, isTest, read, root } from "./sources.ts";

// Only who asks is put in place of the cookie; what each door does with it is its own.
const asking = vi.hoisted(() => ({ actor: undefined as Actor | undefined, asked: [] as string[] }));
vi.mock("next/headers", () => ({ headers: async () => new Headers(), cookies: async () => ({ get: () => undefined, set: () => undefined }) }));
vi.mock("../../lib/identity/session.ts", async () => {
  const { authorize, holds } = await import("../../lib/identity/actor.ts");
  const { Refusal } = await import("../../lib/errors.ts");
  return {
    currentActor: async () => asking.actor,
    currentVisitor: async () => (asking.actor ? { kind: "person", actor: asking.actor } : { kind: "nobody" }),
    visitorWith: async () => ({ kind: "nobody" }),
    actorWith: async (permission: Permission) => {
      asking.asked.push(permission);
      if (!asking.actor) throw new Refusal("sign_in_needed");
      authorize(asking.actor, permission);
      return asking.actor;
    },
    pageActor: async (permission: Permission) => {
      asking.asked.push(permission);
      // The real one throws the framework's redirect and 403 (tried in the browser, e2e/people.spec.ts).
      if (!asking.actor) throw new Error("to the sign-in page");
      if (!holds(asking.actor, permission)) throw new Error("the 403 page");
      return asking.actor;
    },
  };
});
// A door that refuses has asked nothing: a database that is asked fails the test.
vi.mock("../../lib/db/client.ts", () => ({ database: () => { throw new Error("the database was asked"); }, createDatabase: () => { throw new Error("the database was asked"); } }));

vi.mock("server-only", () => ({}));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));
// They need a browser's React, and draw or steer only what was let in.
vi.mock("lucide-react", () => new Proxy({}, { get: (_target, name) => (name === "then" ? undefined : () => null), has: () => true }));
vi.mock("next/link", () => ({ default: () => null }));
vi.mock("next/navigation", () => ({ notFound: () => { throw new Error("the 404 page"); }, redirect: () => { throw new Error("another page"); }, forbidden: () => { throw new Error("the 403 page"); } }));

const addressOf = (file: string) => `/${file.slice("app/".length).split("/").slice(0, -1).filter((part) => !/^\(.*\)$/.test(part)).join("/")}`;
const exported = (file: string) => [
  ...[...read(file).matchAll(/^export (?:async )?(?:function|const) (\w+)/gm)].map((match) => match[1]!),
  ...[...read(file).matchAll(/^export \{([^}]+)\};/gm)].flatMap((match) => match[1]!.split(",").map((one) => one.trim().split(/\s+as\s+/).at(-1)!)),
];
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const inApp = files.filter((file) => file.startsWith("app/") && !isTest(file));
const pages = inApp.filter((file) => /(^|\/)page\.(tsx|ts|jsx|js|mdx)$/.test(file));
const routes = inApp.filter((file) => /(^|\/)route\.(ts|tsx|js)$/.test(file));
const actions = files.filter((file) => /\.(ts|tsx)$/.test(file) && !isTest(file) && /^\s*["']use server["']/.test(read(file)));

const found = new Map<string, { file: string; name: string }>([
  ...pages.map((file) => [`page ${addressOf(file)}`, { file, name: "default" }] as const),
  ...routes.flatMap((file) => exported(file).filter((name) => methods.has(name)).map((name) => [`${name} ${addressOf(file)}`, { file, name }] as const)),
  ...actions.flatMap((file) => exported(file).map((name) => [`action ${file} ${name}`, { file, name }] as const)),
]);

describe("every door says which right it needs", () => {
  test("the table and the route tree name the same doors", () => {
    expect([...found.keys()].toSorted((a, b) => a.localeCompare(b))).toEqual(Object.keys(doors).toSorted((a, b) => a.localeCompare(b)));
    expect(found.size).toBeGreaterThan(35);
  });
  test("no server action hides inside another file, where the table would not see it", () => {
    const inline = files.filter((file) => /\.(ts|tsx)$/.test(file) && !isTest(file) && !actions.includes(file) && /^[ \t]+["']use server["']/m.test(read(file)));
    expect(inline).toEqual([]);
  });
  test("no old-style pages and no middleware of another name serve anything beside the table", () => {
    expect(files.filter((file) => /^(src\/|pages\/|middleware\.)/.test(file))).toEqual([]);
  });
  test("every permission stands at a door, and every right holds what it names", () => {
    const used = new Set<string>(Object.values(doors));
    expect(permissions.filter((permission) => !used.has(permission))).toEqual([]);
    for (const held of Object.values(rights)) for (const permission of held) expect(permissions).toContain(permission);
  });
});

// A page that refuses draws nothing: what would draw is left out, since it needs a browser's React.
for (const { to } of inApp.filter((file) => file.endsWith(".tsx")).flatMap(importsOf).filter(({ to }) => to.startsWith("components/"))) vi.doMock(join(root, to), () => Object.fromEntries(exported(to).map((name) => [name, () => null])));

const load = async (file: string) => (await import(/* @vite-ignore */ join(root, file))) as Record<string, (...given: unknown[]) => Promise<unknown>>;
/** Everything but the permission asked for, of one kind of person; then of nobody. */
const without = (permission: Permission) => personRights.filter((right) => !(rights[right] as readonly Permission[]).includes(permission));
const person = (held: readonly string[]) => personActor({ mspId: crypto.randomUUID(), personId: crypto.randomUUID(), name: "Priya Raman", rights: held }, crypto.randomUUID());
const guarded = [...found].flatMap(([door, place]) => {
  const need = doors[door];
  return need && need !== "visitor" && need !== "actor" ? [{ door, need, ...place }] : [];
});

describe("every door refuses whoever lacks its right, before anything is asked or read", () => {
  beforeEach(() => {
    asking.actor = undefined;
    asking.asked = [];
  });
  const props = { params: Promise.resolve({}), searchParams: Promise.resolve({}) };
  test.each(guarded.filter(({ door }) => door.startsWith("page ")))("$door needs $need", async ({ file, need }) => {
    const page = (await load(file))["default"]!;
    await expect(page(props)).rejects.toThrow("to the sign-in page");
    const others = without(need);
    // A right that everybody holds is refused to a person without any.
    for (const held of [[], ...(others.length > 0 ? [others] : [])]) {
      asking.actor = person(held);
      expect(holds(asking.actor, need)).toBe(false);
      await expect(page(props), `as ${held.join("+") || "nothing"}`).rejects.toThrow("the 403 page");
    }
    expect(new Set(asking.asked)).toEqual(new Set([need]));
  }, 30_000);
  test.each(guarded.filter(({ door }) => door.startsWith("action ")))("$door needs $need", async ({ file, name, need }) => {
    const action = (await load(file))[name]!;
    // Called as a form would, with nothing in it: who may not, learns nothing of what it takes.
    const code = async () => {
      const outcome = (await action(null, new FormData())) as { ok: boolean; failure?: { code: string } };
      return outcome.ok ? "done" : outcome.failure?.code;
    };
    expect(await code()).toBe("sign_in_needed");
    const others = without(need);
    for (const held of [[], ...(others.length > 0 ? [others] : [])]) {
      asking.actor = person(held);
      expect(await code(), `as ${held.join("+") || "nothing"}`).toBe("forbidden");
    }
    expect(new Set(asking.asked)).toEqual(new Set([need]));
  }, 30_000);
  test.each(guarded.filter(({ door }) => door.startsWith("GET ")))("$door needs $need", async ({ file, need }) => {
    const handler = (await load(file))["GET"]!;
    const status = async () => ((await handler(new Request("http://localhost/"), { params: Promise.resolve({}) })) as Response).status;
    expect(await status()).toBe(401);
    for (const held of [[], ...(without(need).length > 0 ? [without(need)] : [])]) {
      asking.actor = person(held);
      expect(await status(), `as ${held.join("+") || "nothing"}`).toBe(403);
    }
    expect(new Set(asking.asked)).toEqual(new Set([need]));
  }, 30_000);
  test("the list of doors tried is the whole of those that need a right", () => {
    expect(guarded.length).toBe(Object.values(doors).filter((need) => need !== "visitor" && need !== "actor").length);
    expect(new Refusal("forbidden").failure.status).toBe(403);
  });
});
