/** Boards over real reference vaults: delivery, proof, failure, restoration, lies; and the certificate, checked as a stranger would. */
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules } from "#sandbox/fault-proxy/rules.ts";
import { beginEpoch } from "#vault/restore.ts";
import { startWorld, WIDE, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { deliverDispatches } from "../dispatch/deliver.ts";
import { addTechnician, addVaults, hurry, readAll, releasePlan, startEstate, type Estate, type EstateVault, type Technician } from "../dispatch/testing/estate.ts";
import { Refusal } from "../errors.ts";
import { personActor } from "../identity/actor.ts";
import { createPlan } from "../plan/create.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import { utf8 } from "../protocol/bytes.ts";
import { askNow } from "./ask-now.ts";
import { openRevocation, planOpenRows, setApart } from "./open.ts";
import { showRevocation } from "./show.ts";
import { certificateOf } from "./hand-out.ts";
import { verifyCertificate } from "./verify.ts";
import { watchRevocations } from "./watch.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let proxies: FaultProxy[];
let estate: Estate;
let vaults: EstateVault[];
const clock = { now: () => new Date() };

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  world = await startWorld();
  proxies = await Promise.all(Array.from({ length: 4 }, () => FaultProxy.open({ target: world.listening })));
  estate = await startEstate(t, world, net, clock);
  vaults = await addVaults(estate, ["Acme Dental", "Birchgate Care", "Calloway Freight", "Pennard Tiles"], { dial: proxies.map(({ port }) => `http://127.0.0.1:${port}`), grant: { ...WIDE, audit: "all" } });
});
beforeEach(() => {
  for (const { book } of proxies) book.replace([]);
});
afterAll(async () => {
  await net.agent.destroy();
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await world.end();
  await t.close();
});

const deliver = () => deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
const watch = () => watchRevocations({ db: t.db, net, now: clock.now, impatient: true });
const show = (id: string) => showRevocation(estate.owner, id, { clock, db: t.db });
const fails = async (work: Promise<unknown>): Promise<string> => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const actions = async () => t.asAdmin(async (admin) => (await admin.query("select action from record where msp_id = $1 order by at, id", [estate.mspId])).rows.map(({ action }) => action as string));
/** Nothing reaches the vault: a load balancer answers for it. */
const down = { match: {}, fault: { kind: "status", status: 502, retry_after: null } } as const;

/** Somebody with a token in each of these vaults, read back. */
async function employ(name: string, at: readonly EstateVault[]): Promise<Technician> {
  const person = await addTechnician(estate, name);
  const made = await createPlan(estate.owner, { title: name, reason: null, ticket: null, wanted: at.map(({ vaultRef }) => ({ change: "grant" as const, vaultRef, personId: person.personId, scopes: "0010", allAccess: false, expiresAt: null })) }, clock, t.db);
  await releasePlan(estate, made);
  await deliver();
  await readAll(estate);
  return person;
}
const open = (person: Technician, more: Partial<Parameters<typeof openRevocation>[1]> = {}) => openRevocation(estate.owner, { personId: person.personId, cause: "leaver", reason: "Last day", tokens: null, ...more }, clock, t.db);
const sign = async (planId: string) => {
  const { digest } = (await t.asAdmin((admin) => admin.query("select encode(digest, 'hex') as digest from plan where plan_id = $1", [planId]))).rows[0] as { digest: string };
  await releasePlan(estate, { planId, digest });
};
/** Puts one vault's file back as it is now, with its host stopped, when the returned function is called: an old copy (PROTOCOL 9). */
function copied({ owned: { owner: { account: { vaultId } } } }: EstateVault): (how: "said" | "quietly") => Promise<void> {
  const file = join(world.dir, `clavitor-${vaultId}`);
  world.host.closeIdle();
  copyFileSync(file, `${file}.copy`);
  return async (how) => {
    await world.close();
    for (const end of ["-wal", "-shm"]) rmSync(file + end, { force: true });
    copyFileSync(`${file}.copy`, file);
    await world.restart();
    if (how === "said") await world.host.use(vaultId, (vault) => beginEpoch(vault));
  };
}
const holds = async ({ owned }: EstateVault, name: string) => ((await owned.owner.get("/agents")).json as { agents: { name: string }[] }).agents.some((row) => row.name === name);

describe("a leaver", () => {
  test("every vault asked, signed, accepted, read again without the token: the board closes and issues a certificate that a stranger can check", async () => {
    const jim = await employ("Jim Okafor", vaults);
    const { revocationId, planId } = await open(jim);
    expect(await show(revocationId)).toMatchObject({ closedAt: null, certificate: null, tap: null, tally: { total: 4, asked: 4, signed: 0, accepted: 0, absent: 0 }, plans: [{ id: planId, waiting: 4 }] });
    await watch();
    expect((await show(revocationId)).tally).toMatchObject({ absent: 0, open: 4 });
    await sign(planId!);
    expect((await show(revocationId)).tally).toMatchObject({ signed: 4, accepted: 0 });
    await deliver();
    // Accepted and read again by the dispatch, but the board's own proof, which can be shown to others, is still to come.
    expect((await show(revocationId)).tally).toMatchObject({ accepted: 4, absent: 0 });
    expect(await fails(certificateOf(estate.owner, { revocationId, clientId: null }, t.db))).toBe("certificate_none");
    await watch();
    const closed = await show(revocationId);
    expect(closed).toMatchObject({ tally: { total: 4, absent: 4, open: 0 }, certificate: { number: 1, proven: 4 }, tap: { by: "Ines Halloran", key: "Desk", taps: 1 } });
    expect(closed.closedAt).not.toBeNull();
    const { file } = await certificateOf(estate.owner, { revocationId, clientId: null }, t.db);
    const verdict = await verifyCertificate(utf8(file));
    expect(verdict).toMatchObject({ ok: true, whole: true, proven: Array.from({ length: 4 }, () => ({ row: "Jim Okafor", signer: "Desk" })) });
    expect(await actions()).toEqual(expect.arrayContaining(["revocation.opened", "revocation.absent", "revocation.closed", "revocation.handed_out"]));
    // What stood by in case of a restored copy is gone with the board.
    expect((await t.asAdmin((admin) => admin.query("select distinct state from dispatch where plan_id = $1 and kind = 'standing'", [planId]))).rows).toEqual([{ state: "dropped" }]);
  });
  test("the part of one client holds alone, and says nothing of the others", async () => {
    const [{ id }] = (await t.asAdmin((admin) => admin.query("select revocation_id as id from revocation where closed_at is not null limit 1"))).rows as [{ id: string }];
    const { file } = await certificateOf(estate.owner, { revocationId: id, clientId: vaults[1]!.clientId }, t.db);
    expect(file).toContain("Birchgate Care");
    expect(file).not.toMatch(/Acme|Calloway|Pennard/);
    expect(await verifyCertificate(utf8(file))).toMatchObject({ ok: true, whole: false, proven: [{ client: "Birchgate Care" }] });
  });
  test("a second board for the same tokens is refused while one is open, and none is opened where nothing is ours", async () => {
    const eve = await employ("Eve Marlow", vaults.slice(0, 1));
    const { revocationId } = await open(eve);
    expect(await fails(open(eve))).toBe("revocation_open");
    const nobody = await addTechnician(estate, "Nobody Yet");
    expect(await fails(open(nobody))).toBe("nothing_to_revoke");
    expect(await fails(planOpenRows(estate.owner, { revocationId }, clock, t.db))).toBe("revocation_nothing_open");
    expect(await fails(setApart(estate.owner, { revocationId, vaultRef: vaults[0]!.vaultRef, uid: (await show(revocationId)).open[0]!.uid, words: "no" }, clock, t.db))).toBe("moved_on");
  });
  test("only an owner opens one; an auditor looks, a technician and finance do not even that", async () => {
    const as = (right: string) => personActor({ mspId: estate.mspId, personId: estate.owner.id, name: "Somebody", rights: [right] });
    const [{ id, person }] = (await t.asAdmin((admin) => admin.query("select revocation_id as id, person_id as person from revocation limit 1"))).rows as [{ id: string; person: string }];
    for (const right of ["auditor", "technician", "finance"]) expect(await fails(openRevocation(as(right), { personId: person, cause: "leaver", reason: null, tokens: null }, clock, t.db))).toBe("forbidden");
    expect(await fails(showRevocation(as("auditor"), id, { db: t.db }))).toBe("done");
    for (const right of ["technician", "finance"]) expect(await fails(showRevocation(as(right), id, { db: t.db }))).toBe("forbidden");
  });
});

describe("vaults that are down, restored or lying", () => {
  test("two vaults are down at the tap: the board stays open and says so, their standing removals go in when they return, and then it closes", async () => {
    const ravi = await employ("Ravi Chandrasekar", vaults);
    const { revocationId, planId } = await open(ravi);
    for (const at of [1, 2]) proxies[at]!.book.replace(parseRules([down]));
    await sign(planId!);
    await deliver();
    await readAll(estate);
    await readAll(estate);
    await watch();
    const waiting = await show(revocationId);
    expect(waiting).toMatchObject({ closedAt: null, certificate: null, tally: { total: 4, signed: 4, accepted: 2, absent: 2, open: 2 } });
    expect(waiting.open.map(({ client, contact }) => [client, contact.name])).toEqual([["Birchgate Care", ""], ["Calloway Freight", ""]]);
    for (const { lead, rest } of waiting.open) expect(`${lead}${rest}`).toMatch(/^(No answer came back|Unreachable since).*stands until/);
    for (const { book } of proxies) book.replace([]);
    await hurry(estate);
    await deliver();
    await readAll(estate);
    await watch();
    expect(await show(revocationId)).toMatchObject({ tally: { absent: 4, open: 0 }, certificate: { number: 1 } });
    for (const vault of vaults) expect(await holds(vault, "Ravi Chandrasekar")).toBe(false);
  });
  test("asked for at once while a try hangs and the last reading says silent: tried again without a pause, and closed before the next reading", async () => {
    const tara = await employ("Tara Nwosu", vaults.slice(0, 1));
    const { revocationId, planId } = await open(tara);
    proxies[0]!.book.replace(parseRules([down]));
    await sign(planId!);
    await readAll(estate);
    await readAll(estate);
    for (let failed = 0; failed < 8; failed += 1) {
      await hurry(estate);
      await deliver();
    }
    const [line] = (await t.asAdmin((admin) => admin.query("select failures from vault_line where vault_ref = $1", [vaults[0]!.vaultRef]))).rows as [{ failures: number }];
    expect(line.failures).toBeGreaterThan(6);
    proxies[0]!.book.replace(parseRules([{ match: { method: "POST" }, fault: { kind: "hang" } }]));
    await hurry(estate);
    const trying = deliver();
    await expect.poll(() => proxies[0]!.book.rules()[0]?.seen, { interval: 20 }).toBe(1);
    proxies[0]!.book.replace([]);
    expect(await askNow(estate.owner, { revocationId }, clock, t.db)).toEqual({ count: 1 });
    // Nobody hurries it now: by its own pause it would be asked again in a minute.
    await trying;
    await watch();
    expect(await show(revocationId)).toMatchObject({ tally: { total: 1, absent: 1, open: 0 }, certificate: { number: 1 } });
    expect((await t.asAdmin((admin) => admin.query("select health from reading where vault_ref = $1", [vaults[0]!.vaultRef]))).rows).toEqual([{ health: "silent" }]);
    await readAll(estate);
  });
  test("a restored copy brings the token back while the board is open: its row opens again and the standing removal goes in without another tap", async () => {
    const sam = await employ("Sam Whitcombe", vaults.slice(0, 2));
    const back = copied(vaults[0]!);
    const { revocationId, planId } = await open(sam);
    proxies[1]!.book.replace(parseRules([down]));
    await sign(planId!);
    await deliver();
    await watch();
    expect((await show(revocationId)).tally).toMatchObject({ absent: 1, open: 1 });
    await back("said");
    expect(await holds(vaults[0]!, "Sam Whitcombe")).toBe(true);
    await readAll(estate);
    expect((await show(revocationId)).tally).toMatchObject({ absent: 0, open: 2 });
    await watch();
    const again = (await show(revocationId)).open.find(({ client }) => client === "Acme Dental")!;
    expect(`${again.lead}${again.rest}`).toMatch(/^The token is back.*restored from a copy.*stands until/);
    await deliver();
    await readAll(estate);
    await watch();
    expect(await holds(vaults[0]!, "Sam Whitcombe")).toBe(false);
    expect((await show(revocationId)).tally).toMatchObject({ absent: 1, open: 1 });
    proxies[1]!.book.replace([]);
    await hurry(estate);
    await deliver();
    await readAll(estate);
    await watch();
    expect(await show(revocationId)).toMatchObject({ tally: { open: 0 }, certificate: { number: 1 } });
    expect((await t.asAdmin((admin) => admin.query("select count(*)::int as taps from approval where plan_id = $1", [planId]))).rows).toEqual([{ taps: 1 }]);
  });
  test("a closed board opens again when a vault's epoch rises, hands out no certificate meanwhile, and needs another tap where the token is back", async () => {
    const lena = await employ("Lena Brandt", vaults.slice(2, 3));
    const back = copied(vaults[2]!);
    const { revocationId, planId } = await open(lena);
    await sign(planId!);
    await deliver();
    await watch();
    expect((await show(revocationId)).closedAt).not.toBeNull();
    await back("said");
    await readAll(estate);
    await watch();
    const reopened = await show(revocationId);
    expect(reopened).toMatchObject({ closedAt: null, certificate: null, replannable: 1, tally: { open: 1, absent: 0 } });
    expect(reopened.reopenedWords).toMatch(/Calloway Freight.*epoch rose from 1 to 2/);
    expect(await fails(certificateOf(estate.owner, { revocationId, clientId: null }, t.db))).toBe("certificate_none");
    await readAll(estate);
    const made = await planOpenRows(estate.owner, { revocationId }, clock, t.db);
    await sign(made.planId);
    await deliver();
    await watch();
    expect(await show(revocationId)).toMatchObject({ certificate: { number: 2 }, tally: { open: 0 } });
    expect(await holds(vaults[2]!, "Lena Brandt")).toBe(false);
  });
  test("a vault that takes back what it signed, in one epoch, proves nothing any more: the board opens again and stays open", async () => {
    const odd = vaults[3]!;
    const mara = await employ("Mara Solheim", [odd]);
    const back = copied(odd);
    const { revocationId, planId } = await open(mara);
    await sign(planId!);
    await deliver();
    await readAll(estate);
    await watch();
    expect((await show(revocationId)).closedAt).not.toBeNull();
    await back("quietly");
    await readAll(estate);
    await watch();
    const board = await show(revocationId);
    expect(board).toMatchObject({ closedAt: null, certificate: null, tally: { absent: 0, open: 1 } });
    expect(`${board.open[0]!.lead}${board.open[0]!.rest}`).toMatch(/contradicts itself.*revision fell/i);
    await watch();
    expect((await show(revocationId)).closedAt).toBeNull();
    expect(await actions()).toEqual(expect.arrayContaining(["revocation.withdrawn", "revocation.reopened"]));
  });
  test("a list that shows the token again after its removal was proven opens the board, though neither epoch nor revision moved", async () => {
    const vault = vaults[0]!;
    const { vaultId } = vault.owned.owner.account;
    const noor = await employ("Noor Aziz", [vault]);
    const kept = await world.host.use(vaultId, ({ db }) => db.get("SELECT * FROM agents WHERE name = ?", "Noor Aziz")!);
    const { revocationId, planId } = await open(noor);
    await sign(planId!);
    await deliver();
    await watch();
    expect((await show(revocationId)).closedAt).not.toBeNull();
    // The vault lies: the row is back in its list, and nothing else says so.
    await world.host.use(vaultId, ({ db }) => db.run(`INSERT INTO agents (${Object.keys(kept).join(", ")}) VALUES (${Object.keys(kept).map(() => "?").join(", ")})`, ...(Object.values(kept) as never[])));
    await t.asAdmin((admin) => admin.query("update reading set agents_etag = null where vault_ref = $1", [vault.vaultRef]));
    await readAll(estate);
    await watch();
    await watch();
    const board = await show(revocationId);
    expect(board).toMatchObject({ closedAt: null, certificate: null });
    expect(`${board.open[0]!.lead}${board.open[0]!.rest}`).toMatch(/^The token is back.*signed a list that shows the token/);
  });
});
