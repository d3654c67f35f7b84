import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actorOf, setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { personActor, workerFor, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { addPerson, ownerOf } from "../known/testing/connected.ts";
import { clientLog } from "./client-log.ts";
import { parseCursor } from "./line.ts";
import { listAudit, auditNames } from "./list.ts";
import { showAudit } from "./show.ts";
import { plain } from "./sentence.ts";
import { auditStrip } from "./strip.ts";
import { tallyAudit } from "./tally.ts";
import { addEvents, addTrailClient, type TrailClient } from "./testing/trail.ts";

let t: TestDatabase;
let mspId: string;
let owner: Actor;
let priya: string;
let acme: TrailClient;
let sum: TrailClient;
const now = Math.floor(Date.now() / 1000) * 1000;
const clock = { now: () => new Date(now + 1) };

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  mspId = await t.msp("Quillmoor IT");
  owner = ownerOf(mspId, await addPerson(t, mspId, "Ines Halloran", ["owner"]));
  priya = await addPerson(t, mspId, "Priya Raman");
  acme = await addTrailClient(t, mspId, "Château Vermeil Hôtels");
  sum = await addTrailClient(t, mspId, "=Sum Analytics");
  await addEvents(t, mspId, acme, { count: 450, until: now, personId: priya });
  await addEvents(t, mspId, sum, { count: 300, until: now - 500, name: "نور الحسيني" });
  for (let index = 0; index < 30; index += 1) await write(actorOf(mspId), (tx) => record(tx, { action: index % 10 === 0 ? "plan.tap_refused" : "plan.withdrawn", fields: index % 10 === 0 ? { title: "x", reason: "y" } : { title: `plan ${index}` } } as never));
}, 60_000);
afterAll(async () => {
  await database().$disconnect();
  await t?.close();
});

const walk = async (query: string, actor = owner) => {
  const ids: string[] = [];
  let before: string | null = null;
  let pages = 0;
  do {
    const page: Awaited<ReturnType<typeof listAudit>> = await listAudit(actor, { query, before: parseCursor(before) }, clock, t.db);
    ids.push(...page.lines.map(({ id }) => id));
    before = page.older;
    pages += 1;
  } while (before && pages < 50);
  return ids;
};
const count = async (query: string) => (await walk(query)).length;

describe("the one table", () => {
  test("events of all vaults and our own records stand in one list, each once, newest first", async () => {
    const ids = await walk("");
    expect(ids).toHaveLength(780);
    expect(new Set(ids).size).toBe(780);
    const { lines } = await listAudit(owner, { query: "" }, clock, t.db);
    expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).toSorted((a, b) => b - a));
    expect(new Set(lines.map(({ source }) => source))).toEqual(new Set(["vault", "console"]));
  });
  test("going back from a page leads to the page it came from", async () => {
    const first = await listAudit(owner, { query: "source:vault" }, clock, t.db);
    const second = await listAudit(owner, { query: "source:vault", before: parseCursor(first.older) }, clock, t.db);
    const back = await listAudit(owner, { query: "source:vault", after: parseCursor(second.newer) }, clock, t.db);
    expect(back.lines.map(({ id }) => id)).toEqual(first.lines.map(({ id }) => id));
  });
  test.each([
    ["source:vault", 750], ["source:console", 30], ["-source:console", 750], ["client:chateau", 450], ["-client:chateau", 330], ['client:"=Sum Analytics"', 300], ["client:nobody", 0], ["client:chateau client:=sum", 750],
    ['person:"priya raman"', 450], ["person:نور", 300], ["outcome:refused", 75 + 3], ["outcome:done source:vault", 675], ["kind:code", 250], ["kind:code kind:granted client:chateau", 156], ["kind:our-plan", 30], ["kind:granted outcome:refused", 0], ["entry:entry-7", 2], ["token:7", 750], ["ip:203.0.113.41", 750], ["ip:203.0.113.42", 0],
    ["stream:backup", 0], ["fault:any", 0], ["actor:human", 750], ["actor:operator", 30], ["raman", 450], ["plan:0197e0c4-0000-7000-8000-000000000001", 0],
  ] as const)("%s selects what it says", async (query, expected) => expect(await count(query)).toBe(expected));
  test("a time selects what lies in it, and one that is none is left out", async () => {
    const { lines } = await listAudit(owner, { query: "since:1m since:nonsense" }, clock, t.db);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.every(({ at }) => at >= now - 60_000)).toBe(true);
  });
  test("who may not read the audit is refused before the database is asked; an auditor reads all of it", async () => {
    await expect(listAudit(workerFor(mspId), { query: "" })).rejects.toMatchObject({ failure: { code: "forbidden" } });
    const technician = personActor({ mspId, personId: priya, name: "Priya Raman", rights: ["technician"] });
    for (const ask of [listAudit(technician, { query: "" }), tallyAudit(technician, { query: "" }), auditStrip(technician), showAudit(technician, { source: "vault", id: "x" }), auditNames(technician)]) await expect(ask).rejects.toMatchObject({ failure: { code: "forbidden" } });
    const auditor = personActor({ mspId, personId: priya, name: "Priya Raman", rights: ["auditor"] });
    expect(await walk("", auditor)).toHaveLength(780);
  });
  test("nothing of another tenant is in it, whatever is asked", async () => {
    const stranger = ownerOf(await t.msp("Harbour Systems"), priya);
    expect(await walk("", stranger)).toEqual([]);
    expect(await walk(`client:${acme.clientId}`, stranger)).toEqual([]);
    const [line] = (await listAudit(owner, { query: "source:vault" }, clock, t.db)).lines;
    await expect(showAudit(stranger, { source: "vault", id: line!.id }, t.db)).rejects.toMatchObject({ failure: { code: "audit_gone" } });
  });
});

describe("counts and bars", () => {
  test("counts are those of the list, and bars add up to them", async () => {
    const tally = await tallyAudit(owner, { query: "since:24h" }, clock, t.db);
    expect(tally).toMatchObject({ exact: true, total: 780 });
    expect(tally.outcomes).toEqual([{ value: "done", label: "Done", count: 702 }, { value: "refused", label: "Refused", count: 78 }, { value: "failed", label: "Failed", count: 0 }]);
    expect(tally.clients.map(({ label, count: many }) => [label, many])).toEqual([["Château Vermeil Hôtels", 450], ["=Sum Analytics", 300]]);
    expect(tally.people.map(({ label, count: many }) => [label, many])).toEqual([["Priya Raman", 450], ["نور الحسيني", 300], ["Ines Halloran", 30]]);
    expect(tally.bars.reduce((sum_, bar) => sum_ + bar.done + bar.ours + bar.refused, 0)).toBe(780);
    expect(tally.bars.length).toBeLessThanOrEqual(101);
  });
  test("counted one by one, month after month, they are the same", async () => {
    for (const query of ["", "since:24h outcome:refused", "client:chateau kind:code"]) {
      const counted = await tallyAudit(owner, { query, exact: true }, clock, t.db);
      expect(counted).toEqual(await tallyAudit(owner, { query }, clock, t.db));
    }
    // Events of long ago, and one that came long after its time.
    const quiet = await t.msp("Harbour Systems");
    const client = await addTrailClient(t, quiet, "Acme");
    await addEvents(t, quiet, client, { count: 300, until: now, everyMs: 86_400_000 });
    await t.asAdmin((admin) => admin.query("update audit_event set received_at = now() where msp_id = $1 and seq = 1", [quiet]));
    const counted = await tallyAudit(ownerOf(quiet, priya), { query: "", exact: true }, clock, t.db);
    expect(counted).toMatchObject({ exact: true, total: 300, clients: [{ count: 300 }] });
    expect(counted.bars.reduce((sum_, bar) => sum_ + bar.done + bar.refused, 0)).toBe(300);
  });
  test("bars show what lies around the selected time, counts only what is selected", async () => {
    const tally = await tallyAudit(owner, { query: `since:${new Date(now - 100_000).toISOString().slice(0, 19)} source:vault` }, clock, t.db);
    expect(tally.total).toBe(101 + 100);
    expect(tally.bars.reduce((sum_, bar) => sum_ + bar.done + bar.refused, 0)).toBe(750);
  });
  test("each facet leads to as many lines as it says", async () => {
    const tally = await tallyAudit(owner, { query: "since:24h" }, clock, t.db);
    for (const { value, count: many } of tally.kinds) expect(await count(`since:24h kind:${value}`)).toBe(many);
    for (const { value, count: many } of tally.clients) expect(await count(`client:${value}`)).toBe(many);
  });
});

test("a line shows its event as the vault told it, its neighbours and who it was", async () => {
  const { lines } = await listAudit(owner, { query: "client:chateau outcome:refused" }, clock, t.db);
  const detail = await showAudit(owner, { source: "vault", id: lines[3]!.id }, t.db);
  expect(plain(detail.line.parts)).toMatch(/^Priya Raman was refused/);
  expect(detail.raw).toMatchObject({ actor: { kind: "human", agent_id: 7 } });
  expect(detail.links.map(({ seq }) => seq - detail.line.place.seq!)).toEqual([-1, 0, 1]);
  expect(detail.near).toBe(45);
  // Where they hold a row of ours, whoever may open a board is led to one; an auditor is not, and the client's own rows are not ours to remove.
  const { vaultRef, actor: { personId } } = detail.line;
  const removable = async (who: Actor) => (await showAudit(who, { source: "vault", id: lines[3]!.id }, t.db)).removable;
  const auditor = personActor({ mspId: owner.mspId, personId: crypto.randomUUID(), name: "Tess Quigley", rights: ["auditor"] });
  const before = await removable(owner);
  await t.asAdmin(async (admin) => {
    await admin.query("update vault set manager_uid = coalesce(manager_uid, 'manager') where vault_ref = $1", [vaultRef]);
    for (const by of [null, "owner"]) await admin.query("insert into known_agent (msp_id, vault_ref, uid, agent_id, name, kind, scopes, all_access, admin, managed_by, created_at, locked, hand_over, revision, person_id) select msp_id, vault_ref, gen_random_uuid()::text, 7, 'Priya Raman', 'human', '', true, false, coalesce($2, manager_uid), now(), false, 'sealed', 1, $3 from vault where vault_ref = $1", [vaultRef, by, personId]);
  });
  expect([before, await removable(owner), await removable(auditor)]).toEqual([0, 1, 0]);
  const [entry] = (await listAudit(owner, { query: "source:console" }, clock, t.db)).lines;
  expect(plain((await showAudit(owner, { source: "console", id: entry!.id }, t.db)).line.parts)).toContain("Ines Halloran");
});

test("the strip names every connected vault, and one that was never read says so", async () => {
  const strip = await auditStrip(owner, clock, t.db);
  expect(strip.vaults.map(({ client, state }) => [client, state])).toEqual([["=Sum Analytics", "unread"], ["Château Vermeil Hôtels", "unread"]]);
  expect(strip).toMatchObject({ completeUntil: null, upToDate: 0, tampering: 0, notices: 0 });
});

test("a client's own page says how far its log is here: the vault furthest behind speaks, tampering is counted, and nothing connected is no log", async () => {
  const log = (clientId: string) => clientLog(owner, clientId, t.db);
  expect(await log(acme.clientId)).toMatchObject({ vaults: 1, state: "unread", completeUntil: null, tampering: 0 });
  const [until, from] = [new Date(now - 5_000), new Date(now - 86_400_000)];
  await t.asAdmin(async (admin) => {
    const key = (await admin.query("select public_key from vault where vault_ref = $1", [acme.vaultRef])).rows[0]?.public_key as string;
    await admin.query("insert into audit_pull (msp_id, vault_ref, state, next_at) values ($1, $2, 'ok', now()) on conflict (msp_id, vault_ref) do update set state = 'ok'", [mspId, acme.vaultRef]);
    await admin.query("insert into audit_stream (msp_id, vault_ref, stream, vault_key, from_at, complete_until) values ($1, $2, 'primary', $3, $4, $5) on conflict (msp_id, vault_ref, stream) do update set from_at = excluded.from_at, complete_until = excluded.complete_until", [mspId, acme.vaultRef, key, from, until]);
  });
  expect(await log(acme.clientId)).toEqual({ vaults: 1, state: "ok", words: null, completeUntil: until.getTime(), since: from.getTime(), tampering: 0 });
  // A second vault of the same client that does not answer: it is the one to say something of, and the whole is complete until nothing.
  await t.asAdmin(async (admin) => {
    await admin.query("update vault set client_id = $2 where vault_ref = $1", [sum.vaultRef, acme.clientId]);
    await admin.query("insert into audit_pull (msp_id, vault_ref, state, words, next_at) values ($1, $2, 'silent', 'No answer.', now()) on conflict (msp_id, vault_ref) do update set state = 'silent', words = 'No answer.'", [mspId, sum.vaultRef]);
    await admin.query("insert into audit_finding (msp_id, finding_id, vault_ref, stream, epoch, branch, kind, severity, words, seq, seq_to) values ($1, $2, $3, 'primary', 1, 0, 'hash', 'tampering', 'It was changed.', 3, 3)", [mspId, crypto.randomUUID(), acme.vaultRef]);
  });
  expect(await log(acme.clientId)).toMatchObject({ vaults: 2, state: "silent", words: "No answer.", completeUntil: null, since: from.getTime(), tampering: 1 });
  expect(await log(sum.clientId)).toBeNull();
  const stranger = ownerOf(await t.msp("Another"), crypto.randomUUID());
  expect(await clientLog(stranger, acme.clientId, t.db)).toBeNull();
  await expect(clientLog(personActor({ mspId, personId: crypto.randomUUID(), name: "x", rights: ["technician"] }), acme.clientId, t.db)).rejects.toMatchObject({ failure: { code: "forbidden" } });
});
