/** Confirming clients with one tap, against real vaults and a real database: what it makes of them, and every way it is refused. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { judgeReplies } from "../../signing/confirm.ts";
import { checkOffer, type ConfirmOffer } from "../../signing/offer.ts";
import { askConnect } from "../client/ask.ts";
import { showConnect } from "../client/connect-state.ts";
import { createClient } from "../client/create.ts";
import { takeReply } from "../client/reply.ts";
import { defaultWant } from "../client/request.ts";
import { clientShape } from "../client/shape.ts";
import { CHROME, person, signingKey, startVaults, tapped, visitor, type Vaults } from "../client/testing/cast.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { fromB64u } from "../protocol/bytes.ts";
import { clientHash, clientsChallenge, clientsOf, confirms, refuseConfirmation } from "../protocol/clients.ts";
import { clientChallenge } from "../protocol/connect.ts";
import type { ClientStatement } from "../protocol/messages.ts";
import type { Bend, Device } from "../protocol/testing/authenticator.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { askConfirm } from "./ask.ts";
import { confirmationsOf } from "./confirmable.ts";
import { confirmClients } from "./confirm.ts";
import { declineWindow } from "./decline.ts";
import { tradeTicket } from "./trade.ts";
import { listWindows } from "./windows.ts";

let t: TestDatabase;
let vaults: Vaults;
let net: Net;
let mspId: string;
let ines: Actor;
let desk: Device;

const codeOf = (attempt: Promise<unknown>) => attempt.then(() => "no refusal", (error: unknown) => (error instanceof Refusal ? error.failure.code : error));
const recordsOf = async () => (await t.asAdmin((admin) => admin.query<{ action: string }>("select action from record where msp_id = $1 order by at, id", [mspId]))).rows.map(({ action }) => action);
const stateOf = async (ref: string) => (await t.asAdmin((admin) => admin.query<{ state: string }>("select state from vault where vault_ref = $1", [ref]))).rows[0]!.state;

/** A client whose vault has answered and waits for the comparison. */
async function answered(name: string) {
  const { clientId } = await createClient(ines, clientShape.parse({ name, plan: "team-10", contactName: "Imogen Sarkis" }), undefined, t.db);
  const vault = await vaults.make(name);
  const asked = await askConnect(ines, { clientId, address: vault.address, want: defaultWant(8), roles: [], oneSigner: true }, undefined, t.db);
  await takeReply(await tapped(vault, asked.link), { db: t.db, net });
  return { clientId, vaultRef: asked.vaultRef };
}

const parts = (url: string) => ({ subject: /approve\/([0-9a-f-]+)#/.exec(url)![1]!, ticket: url.split("#")[1]! });
async function openWindow(vaultRefs?: readonly string[], actor = ines): Promise<ConfirmOffer> {
  const offer: unknown = await tradeTicket(parts((await askConfirm(actor, vaultRefs === undefined ? {} : { vaultRefs }, CHROME, undefined, t.db)).url), visitor, undefined, t.db);
  checkOffer(offer);
  if (offer.kind !== "confirm") throw new Error("an offer to confirm");
  return offer;
}
const statements = (offer: ConfirmOffer): ClientStatement[] => offer.clients.map(({ name, reply }) => ({ key: reply.public_key, name, vault: reply.vault_id }));
async function submission(device: Device, offer: ConfirmOffer, picked = statements(offer), { bend = {}, challenge, differs = [] }: { bend?: Bend; challenge?: Uint8Array; differs?: string[] } = {}) {
  const list = clientsOf(picked);
  return { secret: offer.secret, credential_id: device.credentialId, confirmation: { clients: [...list.clients], v: 1 as const }, assertion: await device.sign(challenge ?? clientsChallenge(list), bend), differs };
}
const confirm = (given: Awaited<ReturnType<typeof submission>>) => confirmClients(given, visitor, undefined, t.db);

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  vaults = await startVaults();
  net = openNet({ rules: addressRules(), callMs: 5_000 });
});
afterAll(async () => {
  await net.agent.destroy();
  await vaults.end();
  await t.close();
});
beforeEach(async () => {
  mspId = await t.msp("Quillmoor IT");
  ines = await person(t, mspId, "Ines Halloran", ["owner"]);
  desk = await signingKey(t, ines);
});

describe("one tap", () => {
  test("confirms every client of the list whose code was heard; the page sees the very codes that the clients see", async () => {
    const clients = await Promise.all(["Acme", "Wychwood Bakery", "=Gamma"].map(answered));
    const offer = await openWindow();
    const judged = await judgeReplies(offer);
    if (!Array.isArray(judged)) throw new Error(judged.reason);
    for (const { statement, code } of judged) {
      const { clientId } = clients[["Acme", "Wychwood Bakery", "=Gamma"].indexOf(statement.name)]!;
      expect((await showConnect(ines, clientId, undefined, t.db)).answered?.code2).toBe(code);
    }
    const two = statements(offer).filter(({ name }) => name !== "=Gamma");
    expect(await confirm(await submission(desk, offer, two))).toEqual({ confirmed: 2 });
    expect(await Promise.all(clients.map(({ vaultRef }) => stateOf(vaultRef)))).toEqual(["connected", "connected", "unconfirmed"]);
    expect(await listWindows(ines, "confirm", undefined, t.db)).toMatchObject([{ state: "done", count: 3, words: "2 clients confirmed." }]);
    expect((await recordsOf()).at(-1)).toBe("clients.confirmed");
    // Whoever approves later finds it again, and it verifies under that key alone.
    const found = await read(ines, (tx) => confirmationsOf(tx, clients.map(({ vaultRef }) => vaultRef)), t.db);
    expect(found).toHaveLength(2);
    for (const { list, statement, assertion } of found) {
      expect(confirms(list, statement)).toBe(true);
      expect(await refuseConfirmation(list, assertion, { origin: desk.origin, rpId: desk.rpId, backupEligible: false, hardwareBound: false, publicKey: fromB64u(desk.publicKey) })).toBeNull();
    }
    // The rest waits for the next window, and only the rest.
    expect((await openWindow()).clients.map(({ name }) => name)).toEqual(["=Gamma"]);
  });
  test("covers fifty", async () => {
    const clients = await Promise.all(Array.from({ length: 50 }, (_, at) => answered(`Client ${at}`)));
    const offer = await openWindow();
    expect(offer.clients).toHaveLength(50);
    expect(await confirm(await submission(desk, offer))).toEqual({ confirmed: 50 });
    expect(new Set(await Promise.all(clients.map(({ vaultRef }) => stateOf(vaultRef))))).toEqual(new Set(["connected"]));
  });
  test("a code that differs stops that vault and no other, also when the window is left", async () => {
    const [acme, beta] = [await answered("Acme"), await answered("Beta")];
    const offer = await openWindow();
    const [one, two] = statements(offer).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(await confirm(await submission(desk, offer, [one!], { differs: [clientHash(two!)] }))).toEqual({ confirmed: 1 });
    expect([await stateOf(acme.vaultRef), await stateOf(beta.vaultRef)]).toEqual(["connected", "stopped"]);
    expect((await showConnect(ines, beta.clientId, undefined, t.db)).vault?.stoppedWords).toContain("read differently");
    const gamma = await answered("Gamma");
    const left = await openWindow([gamma.vaultRef]);
    await declineWindow({ secret: left.secret, differs: [clientHash(statements(left)[0]!)] }, visitor, undefined, t.db);
    expect(await stateOf(gamma.vaultRef)).toBe("stopped");
    expect((await recordsOf()).filter((action) => action === "client.differed")).toHaveLength(2);
  });
});

describe("what is signed is what was listed", () => {
  test.each<[string, string, Bend]>([
    ["on the console instead of the signing page", "tap_elsewhere", { origin: "http://localhost:3999" }],
    ["without PIN or finger", "tap_unverified", { flags: 0x01 }],
    ["in a frame of another page", "tap_refused", { client: { crossOrigin: true } }],
  ])("a tap given %s is refused, recorded, and ends the window", async (_how, code, bend) => {
    const { vaultRef } = await answered("Acme");
    const offer = await openWindow();
    expect(await codeOf(confirm(await submission(desk, offer, undefined, { bend })))).toBe(code);
    expect(await stateOf(vaultRef)).toBe("unconfirmed");
    expect(await codeOf(confirm(await submission(desk, offer)))).toBe("signing_over");
    expect((await recordsOf()).at(-1)).toBe("ticket.refused");
  });
  test("a tap over another list, over one statement alone, or over a client that was not listed, confirms nothing", async () => {
    const [acme, beta] = [await answered("Acme"), await answered("Beta")];
    const first = await openWindow([acme.vaultRef]);
    const [single] = statements(first);
    expect(await codeOf(confirm(await submission(desk, first, undefined, { challenge: clientChallenge(single!) })))).toBe("tap_for_another");
    const second = await openWindow([acme.vaultRef]);
    const both = statements(await openWindow([acme.vaultRef, beta.vaultRef]));
    expect(await codeOf(confirm(await submission(desk, second, both)))).toBe("moved_on");
    const third = await openWindow([acme.vaultRef]);
    expect(await codeOf(confirm(await submission(desk, third, [{ ...single!, name: "Acme Ltd" }])))).toBe("moved_on");
    expect([await stateOf(acme.vaultRef), await stateOf(beta.vaultRef)]).toEqual(["unconfirmed", "unconfirmed"]);
  });
  test("another person's key, and one that was removed, confirm nothing", async () => {
    const tobias = await person(t, mspId, "Tobias Renner", ["owner"]);
    const safe = await signingKey(t, tobias, "Safe");
    const { vaultRef } = await answered("Acme");
    const offer = await openWindow();
    expect(await codeOf(confirm(await submission(safe, offer)))).toBe("signing_key_strange");
    const again = await openWindow();
    await t.asAdmin((admin) => admin.query("update signing_key set removed_at = now(), removed_by = person_id where msp_id = $1 and label = 'Desk'", [mspId]));
    expect(await codeOf(confirm(await submission(desk, again)))).toBe("signing_key_strange");
    expect(await stateOf(vaultRef)).toBe("unconfirmed");
  });
  test("a client that was renamed, stopped or given up between list and tap is not confirmed", async () => {
    for (const sql of ["update client set name = 'Acme Holding' where client_id = $1", "update vault set state = 'stopped', stopped_at = now(), stopped_words = 'x' where client_id = $1", "update client set ended_at = now() where client_id = $1"]) {
      const { clientId, vaultRef } = await answered(`Acme ${sql.length}`);
      const offer = await openWindow([vaultRef]);
      await t.asAdmin((admin) => admin.query(sql, [clientId]));
      expect(await codeOf(confirm(await submission(desk, offer))), sql).toBe("moved_on");
    }
  });
});

describe("who and when", () => {
  test("the window is not opened without the right, without a key of one's own, or when nothing waits", async () => {
    expect(await codeOf(askConfirm(ines, {}, CHROME, undefined, t.db))).toBe("moved_on");
    await answered("Acme");
    for (const rights of [["technician"], ["finance"], ["auditor"]]) expect(await codeOf(askConfirm(await person(t, mspId, "Ben Rowe", rights), {}, CHROME, undefined, t.db))).toBe("forbidden");
    expect(await codeOf(askConfirm(await person(t, mspId, "Tobias Renner", ["owner"]), {}, CHROME, undefined, t.db))).toBe("signing_key_needed");
    expect(await codeOf(askConfirm(personActor({ mspId, personId: ines.id, name: ines.name, rights: ["owner"] }), {}, CHROME, undefined, t.db))).toBe("forbidden");
  });
  test("a renamed client waits again for a word under its new name, and another signer may add theirs at any time", async () => {
    const { clientId, vaultRef } = await answered("Acme");
    await confirm(await submission(desk, await openWindow()));
    expect(await codeOf(askConfirm(ines, {}, CHROME, undefined, t.db))).toBe("moved_on");
    await t.asAdmin((admin) => admin.query("update client set name = 'Acme Holding' where client_id = $1", [clientId]));
    const offer = await openWindow();
    expect(offer.clients).toMatchObject([{ name: "Acme Holding", confirmed_as: "Acme" }]);
    await confirm(await submission(desk, offer));
    expect(await codeOf(askConfirm(ines, {}, CHROME, undefined, t.db))).toBe("moved_on");
    const tobias = await person(t, mspId, "Tobias Renner", ["owner"]);
    const safe = await signingKey(t, tobias, "Safe");
    await confirm(await submission(safe, await openWindow([vaultRef], tobias)));
    const found = await read(ines, (tx) => confirmationsOf(tx, [vaultRef]), t.db);
    expect(found.map(({ personId, statement }) => [personId === tobias.id, statement.name])).toEqual([[true, "Acme Holding"], [false, "Acme Holding"], [false, "Acme"]]);
  });
  test("a confirmation ends with its signing key: the client waits again", async () => {
    const { vaultRef } = await answered("Acme");
    await confirm(await submission(desk, await openWindow()));
    await t.asAdmin((admin) => admin.query("update signing_key set removed_at = now(), removed_by = person_id where msp_id = $1", [mspId]));
    expect(await read(ines, (tx) => confirmationsOf(tx, [vaultRef]), t.db)).toEqual([]);
    await signingKey(t, ines, "New desk");
    expect((await openWindow()).clients.map(({ name }) => name)).toEqual(["Acme"]);
  });
  test("another organisation's vaults are in nobody's list", async () => {
    const { vaultRef } = await answered("Acme");
    mspId = await t.msp("Harbour IT");
    const ada = await person(t, mspId, "Ada Harbour", ["owner"]);
    await signingKey(t, ada);
    expect(await codeOf(askConfirm(ada, { vaultRefs: [vaultRef] }, CHROME, undefined, t.db))).toBe("moved_on");
  });
});
