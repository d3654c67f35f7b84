import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import type { ClientDetails } from "./details.ts";
import { clientDetails } from "./details.ts";
import { editClient, readDetails } from "./edit.ts";
import { listClients } from "./list.ts";
import { showClient } from "./show.ts";
import { seedClients, uglyClients } from "./testing/seed-clients.ts";

let t: TestDatabase;
let quillmoor: string;
let owner: Actor;
let made: Awaited<ReturnType<typeof seedClients>>;
const now = new Date();
const actor = (rights: string[], mspId = quillmoor) => personActor({ mspId, personId: randomUUID(), name: "Somebody", rights });
const code = (asked: Promise<unknown>) => asked.then(() => "done", (error: Error & { failure?: { code: string } }) => error.failure?.code ?? `${error.name}: ${error.message}`);
const records = async (mspId: string) => (await t.asAdmin((admin) => admin.query("select action, fields from record where msp_id = $1 order by id", [mspId]))).rows as { action: string; fields: Record<string, unknown> }[];

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  quillmoor = await t.msp("Quillmoor IT");
  const personId = randomUUID();
  await t.asAdmin(async (admin) => {
    await admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, 'Ines Halloran', 'ines@quillmoor.example', '{owner,technician}')", [quillmoor, personId]);
    made = await seedClients(admin, { mspId: quillmoor, personId, now });
  });
  owner = personActor({ mspId: quillmoor, personId, name: "Ines Halloran", rights: ["owner"] });
});
afterAll(() => t.close());

const list = (who = owner) => listClients(who, now.getTime(), t.db);
const lineOf = async (index: number) => (await list()).lines.find(({ id }) => id === made[index]!.clientId)!;
const show = (index: number, who = owner) => showClient(who, made[index]!.clientId, now.getTime(), t.db);

describe("the list of clients", () => {
  test("every client is there once, whatever its name", async () => {
    const { lines, more } = await list();
    expect(lines.map(({ name }) => name).toSorted()).toEqual(uglyClients.map(({ name }) => name).toSorted());
    expect(more).toBe(false);
  });
  test("two of one name are told apart", async () => expect((await list()).lines.filter(({ name }) => name === "Harbour Street Clinic").map(({ place }) => place)).toEqual(expect.arrayContaining(["Cork", "Leith"])));
  test("a line says tokens, people, drift, health, probe and the next step", async () => {
    expect(await lineOf(5)).toMatchObject({ tokens: { used: 26, limit: 26 }, drift: 1, condition: "ok", state: "connected", step: null, probe: { result: "blind" } });
    expect(await lineOf(4)).toMatchObject({ condition: "lying", probe: { result: "not_blind" } });
    expect(await lineOf(6)).toMatchObject({ state: "unconfirmed", step: { verb: "Compare the codes" } });
    expect(await lineOf(7)).toMatchObject({ state: "asking", step: { words: "Waits for their tap" }, tokens: null, readAt: null });
    expect(await lineOf(9)).toMatchObject({ state: "ended", condition: "ended", people: 0, drift: 0, payer: "client" });
    expect(await lineOf(11)).toMatchObject({ state: "new", vaults: 0, step: { verb: "Ask for their vault" } });
    expect(await lineOf(12)).toMatchObject({ vaults: 2, tokens: { used: 140, limit: null }, condition: "unread" });
  });
  test("people are counted once, however many rows they have there", async () => expect((await lineOf(5)).people).toBe(2));
  test("another organisation sees none of them", async () => expect((await list(actor(["owner"], await t.msp("Fernhill")))).lines).toEqual([]));
  test.each([["technician"], ["finance"], []])("is refused to %s", async (...rights) => expect(await code(list(actor(rights)))).toBe("forbidden"));
  test("is open to an auditor", async () => expect((await list(actor(["auditor"]))).lines).toHaveLength(uglyClients.length));
});

describe("a client's page", () => {
  test("shows who can open it with roles, the client's own apart, each token, what they allow and what is different", async () => {
    const client = await show(0);
    const [vault] = client.vaults;
    expect(client).toMatchObject({ name: "Harbour Street Clinic", place: "Leith", state: "connected", contact: { name: "Rowan Petrie" }, technicians: 1 });
    expect(vault!.ours.map(({ name, letters }) => [name, letters.full ? "F" : letters.roles.map(({ letter }) => letter).join("") + "?".repeat(letters.unmapped.length)])).toEqual([["Priya Raman", "F"], ["Aoife Brennan", "M"], ["Emil Novotný", "M"], ["Guðrún Jónsdóttir", "M?"], ["Sarah Lindqvist", "NM"], ["Tomás Ferreira", "B"]]);
    expect(vault!.own.map(({ what }) => what)).toEqual(["owner", "program"]);
    expect(vault!.slots.map(({ kind }) => kind).join()).toBe("own,own,plane,ours,ours,ours,ours,ours,ours");
    expect(vault!.ours.find(({ name }) => name === "Emil Novotný")).toMatchObject({ ending: true });
    expect(vault!.ours.find(({ name }) => name === "Guðrún Jónsdóttir")).toMatchObject({ unused: true, tokenKnownToClient: true });
    expect(vault!.grant).toMatchObject({ max_agents: 8 });
    expect(vault!.drifts).toMatchObject([{ name: "Sarah Lindqvist", words: "went from Monitoring to Networking and Monitoring." }]);
    expect(vault!.probed).toEqual({ blind: 24, tried: 24 });
    expect(vault!.scopes.map(({ scope, role, people, entries }) => [scope, role?.letter ?? null, people, entries])).toEqual([["0010", "N", 1, 14], ["0011", "M", 4, 9], ["0012", "B", 1, 3], ["0013", "S", 0, null], ["0042", null, 1, 2]]);
  });
  test("says exactly what was wrong", async () => {
    expect((await show(4)).vaults[0]).toMatchObject({ health: "lying", words: "Its revision went back from 4,120 to 4,101 without a new epoch." });
    expect((await show(10)).vaults[0]).toMatchObject({ state: "stopped", stoppedWords: "It answered under another key than the one that was confirmed." });
  });
  test("survives a grant and a drift that cannot be read, and says so by showing none", async () => {
    const { ref } = made[1]!.vaults[0]!;
    await t.asAdmin((admin) => admin.query("update vault set granted = '{\"scopes\":1}' where vault_ref = $1", [ref]));
    await t.asAdmin((admin) => admin.query("insert into drift (msp_id, drift_id, vault_ref, uid, kind, before) values ($1, $2, $3, 'x', 'removed', '[]')", [quillmoor, randomUUID(), ref]));
    expect((await show(1)).vaults[0]).toMatchObject({ grant: null, drifts: [{ words: "is gone." }] });
  });
  test("of another organisation, or of nobody, is not there: the same words for both", async () => {
    const stranger = actor(["owner"], await t.msp("Other"));
    expect(await code(show(0, stranger))).toBe("not_found");
    expect(await code(showClient(owner, randomUUID(), now.getTime(), t.db))).toBe("not_found");
  });
  test.each([["technician"], ["finance"]])("with contact data and colleagues' access is refused to %s", async (right) => expect(await code(show(0, actor([right])))).toBe("forbidden"));
  test("what can be shown survives the way to the browser", async () => {
    for (const index of made.keys()) {
      const client = await show(index);
      expect(JSON.parse(JSON.stringify(client))).toEqual(client);
    }
  });
});

describe("changing what is written down", () => {
  const shaped = (details: Record<string, unknown>): ClientDetails => clientDetails.parse(Object.fromEntries(Object.entries(details).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value])));
  const edit = async (index: number, change: Partial<Record<keyof ClientDetails, string>>, who = owner, mark?: string) => {
    const before = await readDetails(owner, made[index]!.clientId, t.db);
    return editClient(who, { clientId: made[index]!.clientId, mark: mark ?? before.mark, details: shaped({ ...before.details, ...change }) }, t.db);
  };
  test("is recorded by the names of the fields, and contact data stays out of the record", async () => {
    await edit(3, { contactPhone: "+44 20 7946 0999", tags: "craft, pod-b", payer: "client" });
    expect((await show(3)).contact.phone).toBe("+44 20 7946 0999");
    const last = (await records(quillmoor)).at(-1)!;
    expect(last).toEqual({ action: "client.edited", fields: { client: "مكتبة النخيل", changed: "the tags, the contact’s telephone, the payer" } });
  });
  test("on top of somebody else's change is refused, and changes nothing", async () => {
    const { mark } = await readDetails(owner, made[8]!.clientId, t.db);
    await edit(8, { region: "Oslo" });
    expect(await code(edit(8, { region: "Bergen" }, owner, mark))).toBe("moved_on");
    expect((await show(8)).region).toBe("Oslo");
  });
  test("to the name of another client is refused while nothing tells the two apart", async () => {
    expect(await code(edit(2, { name: "acme dental group" }))).toBe("client_known");
    await edit(2, { name: "Acme Dental Group", aliases: "Ostrander Vale" });
    expect(await lineOf(2)).toMatchObject({ name: "Acme Dental Group", place: "Ostrander Vale" });
  });
  test.each([["auditor"], ["technician"], ["finance"]])("is refused to %s", async (right) => expect(await code(edit(0, { region: "x" }, actor([right])))).toBe("forbidden"));
  test.each([["name", ""], ["name", "a\u202Eb"], ["contactMail", "rowan at harbour"], ["contactPhone", "call me"], ["plan", "team-11"], ["payer", "bank"], ["tags", "x".repeat(90)]])("%s %j is refused before anything is asked", (field, value) => {
    const good = { name: "Acme", aliases: "", tags: "", region: "", contactName: "", contactPhone: "", contactMail: "", plan: "team-10", payer: "msp" };
    expect(clientDetails.safeParse(good).success).toBe(true);
    expect(clientDetails.safeParse({ ...good, [field]: value }).success).toBe(false);
  });
});
