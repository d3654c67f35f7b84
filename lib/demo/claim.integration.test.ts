/** Claiming: one link, one owner; and the demo's people, judged as anybody's. */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { peopleOf, type People as Cast } from "../../sandbox/technicians/members.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { env } from "../env.ts";
import { failure, Refusal } from "../errors.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import type { Browser } from "../identity/browser.ts";
import { bindingOf } from "../identity/challenge.ts";
import { createPasskey, type Passkey } from "../identity/testing/passkey.ts";
import { listInboxKeys } from "../inbox/waiting.ts";
import { beginClaim, claim, claimWay, lookAtClaim } from "./claim.ts";
import { claimOf } from "./code.ts";
import { importPeople } from "./people.ts";
import { demoOf, demoProgress, rateOf } from "./progress.ts";
import { startDemo } from "./start.ts";
import type { People, Portfolio, World } from "./world.ts";

let t: TestDatabase;
const origin = "http://localhost:3999";
/** Other people each time: a passkey opens one door in the whole installation. */
const castNow = (): Promise<Cast> => peopleOf(new Uint8Array(randomBytes(32)), { msp: "quillmoor", console: origin, now: Math.floor(Date.now() / 1_000) });
const away = () => Promise.reject(new Refusal("demo_away"));
const portfolio = { msp: { id: "quillmoor", name: "Quillmoor IT" }, roles: [], clients: Array.from({ length: 51 }, (_, id) => ({ id: String(id) })) } as unknown as Portfolio;
const world: World = { portfolio: async () => portfolio, people: away, phones: away, connect: away };

/** A code that nobody used, known to this console as the launcher would make it known. */
function fresh(demo = "quillmoor"): string {
  const code = randomBytes(32).toString("base64url");
  env().CLAIM_SHA256 = [...(env().CLAIM_SHA256 ?? []), `${demo}:${createHash("sha256").update(code).digest("base64url")}`];
  return code;
}

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(async () => {
  await database().$disconnect();
  await t?.close();
});

const browser = (): Browser => {
  const secret = randomBytes(32).toString("base64url");
  return { agent: "Chrome on Linux", address: "127.0.0.1", bind: (...parts) => bindingOf("visitor", secret, ...parts) };
};
const said = (asked: Promise<unknown>): Promise<string> => asked.then(() => "done", (error: Error & { failure?: { code: string } }) => error.failure?.code ?? `${error.name}: ${error.message}`);
const rows = (text: string, values: unknown[] = []) => t.asAdmin(async (admin) => (await admin.query(text, values)).rows as Record<string, unknown>[]);
const actorOf = async ({ mspId, personId, sessionId }: { mspId: string; personId: string; sessionId: string }): Promise<Actor> => {
  const row = await read(personActor({ mspId, personId, name: "", rights: [] }), ({ db }) => db.person.findUniqueOrThrow({ where: { mspId_personId: { mspId, personId } } }));
  return personActor(row, sessionId);
};

async function claimed(name = "Ines Halloran", code = fresh()): Promise<{ actor: Actor; code: string; key: Passkey }> {
  const [key, at] = [await createPasskey(origin), browser()];
  const opened = await claim({ code, name }, await key.register("signup", await beginClaim({ code, name }, at, world)), at, world);
  return { actor: await actorOf(opened), code, key };
}

describe("a claim link", () => {
  test("shows what it leads to, and founds it with the key that is touched: organisation, owner, session, each recorded", async () => {
    const code = fresh();
    expect(await lookAtClaim(code, world)).toEqual({ organisation: "Quillmoor IT", clients: 51 });
    const { actor } = await claimed("Ines Halloran", code);
    expect(actor).toMatchObject({ name: "Ines Halloran", rights: ["owner"] });
    const actions = (await rows("select action from record where msp_id = $1 order by id", [actor.mspId])).map(({ action }) => action);
    expect(actions).toEqual(["organisation.created", "person.joined", "demo.claimed", "passkey.added", "mail.queued", "address.asked", "mail.queued", "session.started"]);
    expect(await demoOf(actor)).toEqual({ demo: "quillmoor", settled: false });
  });
  test("works once: the second who comes with it is told that it has an owner, before a key is asked for and after", async () => {
    const code = fresh();
    const late = browser();
    const [key, name] = [await createPasskey(origin), "Tess Quigley"];
    const question = await key.register("signup", await beginClaim({ code, name }, late, world));
    await claimed("Ines Halloran", code);
    expect(await said(lookAtClaim(code, world))).toBe("claim_used");
    expect(await said(beginClaim({ code, name }, browser(), world))).toBe("claim_used");
    expect(await said(claim({ code, name }, question, late, world))).toBe("claim_used");
  });
  test("of two who claim at the same moment one owns it, and the other made nothing", async () => {
    const code = fresh();
    const before = (await rows("select 1 from msp")).length;
    const both = await Promise.all(["Ines Halloran", "Tess Quigley"].map(async (name) => {
      const [key, at] = [await createPasskey(origin), browser()];
      return { name, at, answer: await key.register("signup", await beginClaim({ code, name }, at, world)) };
    }));
    const ends = await Promise.all(both.map(({ name, at, answer }) => said(claim({ code, name }, answer, at, world))));
    expect(ends.toSorted()).toEqual(["claim_used", "done"]);
    expect((await rows("select 1 from msp")).length).toBe(before + 1);
  });
  test("that is wrong, or of another instance, claims nothing; where there is no demo, none does", async () => {
    const known = fresh();
    expect(await said(lookAtClaim(randomBytes(32).toString("base64url"), world))).toBe("claim_unknown");
    expect(() => claimOf(known, [])).toThrow("claim_unknown");
    // A real installation has no such setting at all (lib/env.test.ts), so that the same link finds nothing there.
    const { CLAIM_SHA256, ...none } = env();
    expect(CLAIM_SHA256!.length).toBeGreaterThan(0);
    expect(none).not.toHaveProperty("CLAIM_SHA256");
  });
  test("is bound to browser, code and name: the answer of one claim founds no other", async () => {
    const [code, other, at] = [fresh(), fresh(), browser()];
    const ask = async () => (await createPasskey(origin)).register("signup", await beginClaim({ code, name: "Ines Halloran" }, at, world));
    expect(await said(claim({ code, name: "Mallory" }, await ask(), at, world))).toBe("ceremony_foreign");
    expect(await said(claim({ code: other, name: "Ines Halloran" }, await ask(), at, world))).toBe("ceremony_foreign");
    expect(await said(claim({ code, name: "Ines Halloran" }, await ask(), browser(), world))).toBe("ceremony_foreign");
    expect(await lookAtClaim(code, world)).toMatchObject({ organisation: "Quillmoor IT" });
  });
  test("stays good while the demo's clients do not answer", async () => {
    const code = fresh();
    const dark: World = { ...world, portfolio: away };
    expect(await said(beginClaim({ code, name: "Ines Halloran" }, browser(), dark))).toBe("demo_away");
    expect(failure("demo_away").status).toBe(503);
    expect(await lookAtClaim(code, world)).toMatchObject({ clients: 51 });
  });
  test("as a way into a session takes a whole claim and nothing else", async () => {
    const at = async () => browser();
    expect(await claimWay({ deed: "sign-in" }, at)).toBeNull();
    expect(await claimWay(null, at)).toBeNull();
    expect(await said(claimWay({ deed: "claim", secret: "short", name: "Ines" }, at))).toBe("invalid");
  });
});

describe("connecting begins", () => {
  let actor: Actor;
  beforeEach(async () => void ({ actor } = await claimed()));
  const signingKey = () => t.asAdmin((admin) => admin.query(`insert into signing_key (msp_id, credential_id, person_id, public_key, label, rp_id, origin, msp_origin, enrol, transports, backup_eligible, backed_up)
    values ($1, $2, $3, '\\x00', 'Desk', 'sign.localhost', 'http://sign.localhost:3999', $4, '{}', '{}', false, false)`, [actor.mspId, randomBytes(32), actor.id, origin]));

  test("with the first signing key, not before; asked twice it began once", async () => {
    expect(await said(startDemo(actor))).toBe("signing_key_needed");
    await signingKey();
    expect(await startDemo(actor)).toEqual({ started: true });
    expect(await startDemo(actor)).toEqual({ started: false });
    expect((await rows("select action from record where msp_id = $1 and action = 'demo.started'", [actor.mspId])).length).toBe(1);
    expect(await demoProgress(actor)).toMatchObject({ hasSigningKey: true, startedAt: expect.any(Number), connected: 0, clients: null });
  });
  test("for an organisation that is no demo there is nothing to begin and nothing to show", async () => {
    const mspId = await t.msp("Harbour Systems");
    const stranger = personActor({ mspId, personId: crypto.randomUUID(), name: "Odile Marchetti", rights: ["owner"] });
    expect(await said(startDemo(stranger))).toBe("not_found");
    expect(await demoProgress(stranger)).toBeNull();
    expect(await demoOf(stranger)).toBeNull();
  });
  test("is an owner's to ask for", async () => {
    const technician = personActor({ mspId: actor.mspId, personId: crypto.randomUUID(), name: "John Meier", rights: ["technician"] });
    expect(await said(startDemo(technician))).toBe("forbidden");
    expect(await said(demoProgress(technician))).toBe("forbidden");
  });
});

describe("the demo's people", () => {
  const given = async (change: (members: People["members"]) => void = () => undefined): Promise<People> => {
    const people = structuredClone(await castNow()) as unknown as People;
    change(people.members);
    return people;
  };
  const sarahOf = (members: People["members"]) => members.find(({ name }) => name === "Sarah Lindqvist")!;

  test("join with their rights, pods and leave, and their inbox keys wait for a signer; a second time changes nothing", async () => {
    const { actor } = await claimed();
    const people = await given();
    await importPeople(actor, people, 51);
    const look = async () => ({
      people: await rows("select name, rights from person where msp_id = $1 order by name", [actor.mspId]),
      technicians: await rows("select count(*)::int as all, count(pod_id)::int as in_pods, count(leave_from)::int as away from technician where msp_id = $1", [actor.mspId]),
      records: (await rows("select 1 from record where msp_id = $1", [actor.mspId])).length,
    });
    const first = await look();
    expect(first.people).toHaveLength(24);
    expect(first.technicians).toEqual([{ all: 20, in_pods: 20, away: 1 }]);
    const keys = await listInboxKeys(actor);
    expect(keys).toHaveLength(20);
    expect(new Set(keys.map(({ state }) => state))).toEqual(new Set(["waits"]));
    await importPeople(actor, people, 51);
    expect(await look()).toEqual(first);
    // The same people once more, for somebody else: their passkeys open a door already.
    expect(await said(importPeople((await claimed()).actor, people, 51))).toBe("key_known");
    expect(await demoProgress(actor)).toMatchObject({ members: 24, clients: 51, inboxKeys: { made: 20, endorsed: 0 } });
  });
  test("cut off after some of them, the next run brings the others and nobody twice", async () => {
    const { actor } = await claimed();
    const people = await given();
    const broken = structuredClone(people);
    Object.assign(broken.members[12]!.inbox!, { wrapped: "AAAA" });
    expect(await said(importPeople(actor, broken, 51))).toBe("invalid");
    const made = (await listInboxKeys(actor)).length;
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(20);
    expect(await demoProgress(actor)).toMatchObject({ clients: null });
    await importPeople(actor, people, 51);
    expect(await listInboxKeys(actor)).toHaveLength(20);
    expect(await rows("select 1 from person where msp_id = $1", [actor.mspId])).toHaveLength(24);
  });
  const lies: [string, (members: People["members"]) => void, string][] = [
    ["signed by another's passkey", (members) => Object.assign(sarahOf(members).inbox!, { assertion: members.find(({ name }) => name === "John Meier")!.inbox!.assertion }), "tap_for_another"],
    ["signed by another passkey than the one that is named", (members) => Object.assign(sarahOf(members).passkey, { public_key: members.find(({ name }) => name === "Oskar Lund")!.passkey.public_key }), "tap_refused"],
    ["over another name", (members) => Object.assign(sarahOf(members).inbox!.statement as object, { name: "Priya Raman" }), "moved_on"],
    ["for another console", (members) => Object.assign(sarahOf(members).inbox!.statement as object, { msp: "https://elsewhere.example" }), "moved_on"],
    ["over a longer time than was signed", (members) => Object.assign(sarahOf(members).inbox!.statement as object, { not_after: Math.floor(Date.now() / 1_000) + 100 }), "tap_for_another"],
    ["of somebody who is no technician", (members) => Object.assign(members.find(({ name }) => name === "Oskar Lund")!, { inbox: sarahOf(members).inbox }), "invalid"],
  ];
  test.each(lies)("a statement %s is refused, whoever hands it out", async (_how, bend, expected) => {
    const { actor } = await claimed();
    expect(await said(importPeople(actor, await given(bend), 51))).toBe(expected);
    expect((await listInboxKeys(actor)).filter(({ name }) => name === "Sarah Lindqvist" || name === "Oskar Lund")).toEqual([]);
  });
});

test("a rate is said while it connects, never before the first and never after the last", () => {
  const began = new Date("2026-11-21T12:00:00Z");
  const later = new Date(began.getTime() + 4_000);
  expect(rateOf(10, began, null, later)).toBe(2.5);
  expect(rateOf(0, began, null, later)).toBeNull();
  expect(rateOf(51, began, later, later)).toBeNull();
  expect(rateOf(3, null, null, later)).toBeNull();
  expect(rateOf(3, began, null, began)).toBe(3);
});
