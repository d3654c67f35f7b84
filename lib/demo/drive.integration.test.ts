/**
 * The worker's side against the demo's own world: a real vault host, admins behind their door, our reply door as HTTP. Of the
 * cast the second MSP is used, which has two clients; the whole portfolio is connected in the browser (e2e/claim.spec.ts).
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { clientById } from "../../sandbox/cast/clients.ts";
import { Admins } from "../../sandbox/clients/admin.ts";
import { openDoor, type Door } from "../../sandbox/clients/door.ts";
import { raise } from "../../sandbox/clients/raise.ts";
import { Memory } from "../../sandbox/clients/state.ts";
import { startVaultHost, temporaryFolder, type VaultHost } from "../../sandbox/clients/testing.ts";
import { dropConnections } from "../../sandbox/clients/wire.ts";
import { seedName } from "../../sandbox/keys/derive.ts";
import { peopleOf } from "../../sandbox/technicians/members.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { takeReply } from "../client/reply.ts";
import { database } from "../db/client.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { Reader } from "../known/reader.ts";
import { enrolChallenge } from "../protocol/connect.ts";
import { createDevice } from "../protocol/testing/authenticator.ts";
import { closeVaultNet } from "../vault/net.ts";
import { driveDue } from "./drive.ts";
import { demoProgress } from "./progress.ts";
import { startDemo } from "./start.ts";
import { worldAt, type World } from "./world.ts";

// What holds the demo up is tried on purpose here; the worker's log is made before the tests' settings are.
vi.hoisted(() => void (process.env.LOG_LEVEL = "silent"));

const folder = temporaryFolder();
const clients = ["ostrander-rail", "halden-biotech"];
let t: TestDatabase;
let host: VaultHost;
let replies: Server;
let door: Door;
let world: World;
let actor: Actor;
let reader: Reader;
/** How our reply door answers: as it is, or not at all. */
let taking = true;
let taken = 0;

beforeAll(async () => {
  t = await testDatabase();
  // The console of these tests: its reply door stands where APP_ORIGIN says, so that admins deliver to it as they would.
  replies = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      taken += 1;
      if (!taking) return void response.destroy();
      takeReply(JSON.parse(Buffer.concat(parts).toString("utf8"))).then(() => response.writeHead(200).end(), () => response.writeHead(409).end());
    });
  });
  await new Promise<void>((resolve) => void replies.listen(0, "127.0.0.1", resolve));
  const port = (replies.address() as AddressInfo).port;
  setTestEnvironment(t.urls, { APP_ORIGIN: `http://localhost:${port}`, SIGN_ORIGIN: `http://sign.localhost:${port}` });
  host = await startVaultHost(join(folder.path, "vaults"));
});
afterAll(async () => {
  await closeVaultNet();
  dropConnections();
  await host?.stop();
  replies.closeAllConnections();
  replies.close();
  await database().$disconnect();
  await t?.close();
  folder.remove();
});

const rows = (text: string, values: unknown[] = []) => t.asAdmin(async (admin) => (await admin.query(text, values)).rows as Record<string, unknown>[]);

/** A signing key of the claimer, as enrolment leaves it. */
async function enrol(): Promise<void> {
  const { APP_ORIGIN: origin, SIGN_ORIGIN: sign } = process.env as Record<string, string>;
  const device = await createDevice({ origin: sign! });
  const proof = await device.sign(enrolChallenge({ credential_id: device.credentialId, msp: origin!, public_key: device.publicKey }));
  await rows(
    "insert into signing_key (msp_id, credential_id, person_id, public_key, label, rp_id, origin, msp_origin, enrol, transports, backup_eligible, backed_up) values ($1, $2, $3, $4, 'Desk', 'sign.localhost', $5, $6, $7, '{usb}', false, false)",
    [actor.mspId, Buffer.from(device.credentialId, "base64url"), actor.id, Buffer.from(device.publicKey, "base64url"), sign, origin, JSON.stringify(proof)],
  );
}

/** Another world and another claimed demo for each test: vaults and passkeys belong to one. */
beforeEach(async () => {
  taking = true;
  taken = 0;
  const seed = new Uint8Array(randomBytes(32));
  const now = () => Math.floor(Date.now() / 1_000);
  const origin = process.env.APP_ORIGIN!;
  const memory = new Memory(join(folder.path, crypto.randomUUID()), { seed: seedName(seed), origin: host.origin });
  const ground = { seed, origin: host.origin, folder: host.folder, memory, now };
  for (const id of clients) await raise(ground, clientById(id));
  door = await openDoor({ admins: new Admins({ ...ground, consoles: [origin] }), people: (msp) => peopleOf(seed, { msp, console: origin, now: now() }), progress: () => ({ standing: 2, of: 2 }), log: () => undefined }, 0);
  world = worldAt(`http://127.0.0.1:${door.port}`);

  const mspId = await t.msp("Fernhill Managed Services");
  const personId = crypto.randomUUID();
  await rows("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, 'Petronel Vasc', 'owner@fernhill.example', '{owner}')", [mspId, personId]);
  await rows("insert into demo (msp_id, demo, claim_sha256, claimed_by) values ($1, 'fernhill', $2, $3)", [mspId, randomBytes(32), personId]);
  actor = personActor({ mspId, personId, name: "Petronel Vasc", rights: ["owner"] });
  await enrol();
  await startDemo(actor);
  reader = new Reader();
});
afterEach(async () => {
  await reader.stop();
  await door.close();
  // What a test left half done is nobody's work any more.
  await rows("update demo set connected_at = now(), read_at = now() where read_at is null");
});

const states = async () => (await rows("select state from vault where msp_id = $1", [actor.mspId])).map(({ state }) => state);
const words = async () => (await rows("select words from demo where msp_id = $1", [actor.mspId]))[0]!.words;
const again = () => rows("update demo set next_at = now() where msp_id = $1", [actor.mspId]);
const managers = async () => (await rows("select count(*)::int as rows, count(distinct vault_ref)::int as vaults from known_agent where msp_id = $1 and admin and not all_access", [actor.mspId]))[0];
/** Drives to the end while vaults are read beside it, as in the worker. */
async function drive(through: World = world): Promise<void> {
  const done = new AbortController();
  const reading = (async () => {
    while (!done.signal.aborted) await reader.run();
  })();
  try {
    await driveDue({ world: through });
  } finally {
    done.abort();
    await reader.stop();
    await reading;
    reader = new Reader();
  }
}

describe("a claimed demo", () => {
  test("is connected and read: people, roles with the clients' numbers, each client once, all in the claimer's name", async () => {
    await drive();
    expect(await demoProgress(actor)).toMatchObject({ clients: 2, connected: 2, confirmed: 0, read: 2, members: 5, inboxKeys: { made: 3, endorsed: 0 }, words: null, refused: [], connectedAt: expect.any(Number), readAt: expect.any(Number) });
    expect(await states()).toEqual(["unconfirmed", "unconfirmed"]);
    expect(await rows("select name, plan, region, tags from client where msp_id = $1 order by name", [actor.mspId])).toEqual([
      { name: "Halden Biotech Group", plan: "enterprise", region: "Vale", tags: ["key account"] }, { name: "Ostrander Rail Freight", plan: "mme", region: "Vale", tags: ["key account"] },
    ]);
    expect((await rows("select letter from role where msp_id = $1 order by position", [actor.mspId])).map(({ letter }) => letter).join("")).toBe("NMBSWIC");
    expect((await rows("select count(*)::int as all from role_scope where msp_id = $1", [actor.mspId]))[0]).toEqual({ all: 14 });
    expect((await rows("select distinct p.name from known_agent a join person p using (msp_id, person_id) where a.msp_id = $1 order by 1", [actor.mspId])).map(({ name }) => name)).toEqual(["Anselm Kirchhoff", "Dalisay Cruz", "Wren Abernathy"]);
    const made = await rows("select distinct actor_name from record where msp_id = $1 and action in ('client.created', 'connect.asked', 'role.created', 'demo.connected')", [actor.mspId]);
    expect(made).toEqual([{ actor_name: "Petronel Vasc" }]);
    expect(await driveDue({ world })).toEqual({ nextDue: null });
  });
  test("goes on after our own door was down when the replies came: the admins hand on what they have, nobody taps twice", async () => {
    taking = false;
    await driveDue({ world });
    expect(await states()).toEqual(["asking", "asking"]);
    expect(await words()).toMatch(/: its reply did not reach us$/);
    taking = true;
    await again();
    await drive();
    expect(await states()).toEqual(["unconfirmed", "unconfirmed"]);
    expect(await managers()).toEqual({ rows: 2, vaults: 2 });
    expect(await rows("select 1 from connect_request where msp_id = $1", [actor.mspId])).toHaveLength(2);
    expect(await words()).toBeNull();
  });
  test("goes on after it was cut off right behind a tap: what was delivered stays, and the other client is connected once", async () => {
    let calls = 0;
    const cut: World = {
      ...world,
      connect: async (given) => {
        const answer = await world.connect(given);
        calls += 1;
        if (calls === 1) throw new Error("killed");
        return answer;
      },
    };
    await driveDue({ world: cut });
    expect(calls).toBe(2);
    expect(await words()).toMatch(/something went wrong; the worker’s log says what$/);
    await again();
    await drive();
    expect(taken).toBe(2);
    expect(await rows("select 1 from client where msp_id = $1", [actor.mspId])).toHaveLength(2);
    expect(await managers()).toEqual({ rows: 2, vaults: 2 });
  });
  test("goes on after it was cut off between making a client and asking: the client is made once", async () => {
    // What a run leaves that died there: people, roles, a client without a vault.
    await drive({ ...world, portfolio: async (demo) => ({ ...(await world.portfolio(demo)), clients: [] }) });
    await rows("update demo set connected_at = null, read_at = null, clients = null, people_at = null, next_at = now() where msp_id = $1", [actor.mspId]);
    await rows("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, 'Ostrander Rail Freight', '{}', '{}', 'mme')", [actor.mspId, crypto.randomUUID()]);
    await drive();
    expect(await rows("select 1 from client where msp_id = $1", [actor.mspId])).toHaveLength(2);
    expect(await states()).toEqual(["unconfirmed", "unconfirmed"]);
  });
  test("says whose admin declined and why, connects the others, and tries again by itself", async () => {
    let calls = 0;
    const strict: World = {
      ...world,
      connect: ({ link, code1 }) => {
        calls += 1;
        return world.connect({ link, code1: calls === 1 ? "0000000000000000" : code1 });
      },
    };
    const { nextDue } = await driveDue({ world: strict });
    expect(await words()).toMatch(/: code 1 on our screen is not the one that was read to us$/);
    expect((await states()).map(String).toSorted((a, b) => a.localeCompare(b))).toEqual(["asking", "unconfirmed"]);
    expect(nextDue!.getTime()).toBeGreaterThan(Date.now());
    await again();
    await drive();
    expect(await states()).toEqual(["unconfirmed", "unconfirmed"]);
  });
  test("waits while the demo's world is down, says so, and takes nothing for done", async () => {
    await driveDue({ world: worldAt("http://127.0.0.1:9") });
    expect(await words()).toBe("The demo’s clients do not answer");
    expect(await demoProgress(actor)).toMatchObject({ clients: null, connected: 0, connectedAt: null });
    await again();
    await drive();
    expect(await demoProgress(actor)).toMatchObject({ read: 2, words: null });
  });
});

describe("one driver at a time", () => {
  test("of two workers at once one connects it, the other finds nothing to do", async () => {
    const asked: string[] = [];
    const counting = (name: string): World => ({ ...world, people: (demo) => (asked.push(name), world.people(demo)) });
    await Promise.all([drive(counting("one")), driveDue({ world: counting("two") })]);
    expect(asked).toHaveLength(1);
    // The one that was left out comes again when the other's lease is over or its work is done.
    await driveDue({ world });
    expect(await managers()).toEqual({ rows: 2, vaults: 2 });
  });
  test("one that a dead worker held is taken up when its lease is over, not before", async () => {
    await rows("update demo set lease_until = now() + interval '60 seconds' where msp_id = $1", [actor.mspId]);
    const { nextDue } = await driveDue({ world });
    expect(nextDue!.getTime()).toBeGreaterThan(Date.now() + 30_000);
    expect(await states()).toEqual([]);
    await rows("update demo set lease_until = now() - interval '1 second' where msp_id = $1", [actor.mspId]);
    await drive();
    expect(await states()).toEqual(["unconfirmed", "unconfirmed"]);
  });
  test("a worker that stops begins nothing more, and leaves it free for the next at once", async () => {
    const stopping = new AbortController();
    const stopped: World = { ...world, people: async (demo) => (stopping.abort(), world.people(demo)) };
    await driveDue({ world: stopped, signal: stopping.signal });
    expect(await states()).toEqual([]);
    expect(await demoProgress(actor)).toMatchObject({ connectedAt: null, words: null });
    await drive();
    expect(await demoProgress(actor)).toMatchObject({ connected: 2, read: 2 });
  });
  test("whoever claimed it and lost the right to connect clients connects none", async () => {
    await rows("update person set rights = '{auditor}' where msp_id = $1", [actor.mspId]);
    await driveDue({ world });
    expect(await words()).toBe("Whoever claimed the demo may not connect clients any more.");
    expect(await states()).toEqual([]);
  });
});
