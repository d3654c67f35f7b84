import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { code1, code2, connectLink, requestHash } from "../../lib/protocol/connect.ts";
import { b64u, fromB64u, utf8 } from "../../lib/protocol/bytes.ts";
import { refuseInboxSignature } from "../../lib/protocol/inbox.ts";
import type { ConnectRequest, SignedConnectReply } from "../../lib/protocol/messages.ts";
import { connectTokenInfo, open, parseTokenPlaintext } from "../../lib/protocol/seal.ts";
import { clientById } from "../cast/clients.ts";
import { seedName } from "../keys/derive.ts";
import { peopleOf, type People } from "../technicians/members.ts";
import { Admins, type Connected } from "./admin.ts";
import { answerTo } from "./answer.ts";
import { openDoor, type Door } from "./door.ts";
import { operation } from "./owner.ts";
import { raise, type Ground } from "./raise.ts";
import { Memory, type OwnChange } from "./state.ts";
import { askToConnect, startVaultHost, temporaryFolder, type VaultHost } from "./testing.ts";
import { call, dropConnections } from "./wire.ts";

const seed = new Uint8Array(32).fill(21);
const folder = temporaryFolder();
let host: VaultHost;
let ground: Ground;
let door: Door;
/** The console's door for replies: what it took, and how it answers. */
let replies: Server;
let consoleOrigin: string;
const taken: SignedConnectReply[] = [];
let consoleAnswers = 204;
let standing = 53;

beforeAll(async () => {
  host = await startVaultHost(join(folder.path, "vaults"));
  replies = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      taken.push(JSON.parse(Buffer.concat(parts).toString("utf8")) as SignedConnectReply);
      response.writeHead(consoleAnswers).end();
    });
  });
  await new Promise<void>((resolve) => void replies.listen(0, "127.0.0.1", resolve));
  consoleOrigin = `http://localhost:${(replies.address() as AddressInfo).port}`;
  const memory = new Memory(join(folder.path, "clients"), { seed: seedName(seed), origin: host.origin });
  ground = { seed, origin: host.origin, folder: host.folder, memory, now: () => Math.floor(Date.now() / 1_000) };
  const failures: unknown[] = [];
  door = await openDoor({ admins: new Admins({ ...ground, consoles: [consoleOrigin] }), people: (msp) => peopleOf(seed, { msp, console: consoleOrigin, now: ground.now() }), progress: () => ({ standing, of: 53 }), log: (error) => failures.push(error) }, 0);
}, 30_000);
afterAll(async () => {
  await door.close();
  replies.closeAllConnections();
  replies.close();
  dropConnections();
  await host.stop();
  folder.remove();
});

type Answer = { status: number; json: Record<string, unknown> };

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = { "Content-Type": "application/json" }): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${door.port}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

const asked = (change: Partial<ConnectRequest> = {}): ReturnType<typeof askToConnect> =>
  askToConnect(seed, { msp: { name: "Quillmoor IT", origin: consoleOrigin }, reply_to: `${consoleOrigin}/api/connect`, ...change });

async function requestFor(client: string, change: Partial<ConnectRequest> = {}): Promise<Awaited<ReturnType<typeof askToConnect>> & { link: string; code: string; url: string }> {
  const owner = await raise(ground, clientById(client));
  const made = await asked(change);
  // The helper proves the signers for the usual console; here it is another one, so they are made again.
  const signers = made.signers.map((key, i) => key.signer({ msp: consoleOrigin, person: `owner ${i + 1}`, label: `key ${i + 1}` }));
  const request = { ...made.request, signers };
  return { ...made, request, link: connectLink(owner.access.url, request), code: code1(requestHash(request)), url: owner.access.url };
}

describe("connecting through the door", () => {
  test("the admin taps, the console gets the reply, and the token in it manages what was handed over and reads nothing", async () => {
    const { request, sealKey, link, code } = await requestFor("saltmarsh");
    const { status, json } = await ask("POST", "/connect", { link, code_1: code });
    expect([status, json.error]).toEqual([200, undefined]);
    const made = json as unknown as Connected;
    expect(made.delivered).toBe(true);
    expect(taken.at(-1)).toEqual(made.reply);
    const { reply } = made.reply;
    expect(reply.name).toBe("Saltmarsh Breweries");
    expect(reply.adopted).toHaveLength(4);
    const plain = await open(sealKey, connectTokenInfo({ vault: reply.vault_id, key: reply.public_key, request: reply.request }), reply.sealed_token);
    const { token } = parseTokenPlaintext(plain!)!;
    const manager = { url: reply.vault_url, vaultId: reply.vault_id, key: reply.public_key, agentId: reply.agent_id, uid: reply.uid, token };
    expect(await call(manager, "GET", "/entries")).toEqual({ entries: [], next: null });
    const { agents } = (await call(manager, "GET", "/agents")) as { agents: { name: string; managed_by: string | null }[] };
    expect(agents.filter(({ managed_by }) => managed_by === reply.uid).map(({ name }) => name)).toEqual(["Mei-Ling Zhao", "Priya Raman", "Tomás Ferreira", "نور الحسيني"]);
    expect(agents.find(({ name }) => name === "John, backup")?.managed_by).not.toBe(reply.uid);
    expect(made.code_2).toBe(code2({ key: reply.public_key, request: b64u(requestHash(request)), vault: reply.vault_id }));
  });
  test("the telephone reads the same code 2, and the card says that it is connected", async () => {
    const phone = await ask("GET", "/phone/saltmarsh");
    const { reply } = taken.at(-1)!;
    expect(phone.json).toEqual({ client: "saltmarsh", admin: clientById("saltmarsh").admin.name, phone: clientById("saltmarsh").admin.phone, code_2: code2({ key: reply.public_key, request: reply.request, vault: reply.vault_id }) });
    const { clients } = (await ask("GET", "/clients")).json as { clients: { id: string; connected: boolean; vault: { url: string } | null }[] };
    expect(clients).toHaveLength(53);
    expect(clients.find(({ id }) => id === "saltmarsh")).toMatchObject({ connected: true, vault: { url: reply.vault_url } });
    expect(clients.find(({ id }) => id === "acme-dental")).toMatchObject({ connected: false, vault: null });
  });
  test("a full client connects into its last token, and has none left", async () => {
    const { link, code } = await requestFor("pennard");
    expect((await ask("POST", "/connect", { link, code_1: code, deliver: false })).status).toBe(200);
    const { limits } = await (await raise(ground, clientById("pennard"))).vault();
    expect(limits.tokens).toEqual({ used: 11, limit: 11 });
  });
  test("a wrong code 1 is declined and nothing changes in the vault", async () => {
    const { link } = await requestFor("tamarind");
    const before = await (await raise(ground, clientById("tamarind"))).vault();
    const answer = await ask("POST", "/connect", { link, code_1: "0000000000000000" });
    expect([answer.status, answer.json.error]).toEqual([409, "code 1 on our screen is not the one that was read to us"]);
    expect((await (await raise(ground, clientById("tamarind"))).vault()).revision).toBe(before.revision);
    expect((await ask("GET", "/phone/tamarind")).status).toBe(409);
  });
  test("a link is used once: the vault itself refuses the second tap", async () => {
    const { link, code } = await requestFor("fenwick");
    expect((await ask("POST", "/connect", { link, code_1: code })).status).toBe(200);
    const second = await ask("POST", "/connect", { link, code_1: code });
    expect([second.status, second.json.code]).toEqual([409, "nonce_used"]);
  });
  test("asked again with `again`, the admin hands on the reply of their one tap, and taps nothing", async () => {
    const { link, code } = await requestFor("ironbark");
    consoleAnswers = 500;
    const first = await ask("POST", "/connect", { link, code_1: code, again: true });
    consoleAnswers = 204;
    expect(first.json.delivered).toBe(false);
    const before = await (await raise(ground, clientById("ironbark"))).vault();
    const second = await ask("POST", "/connect", { link, code_1: code, again: true });
    expect(second.json).toEqual({ ...first.json, delivered: true });
    expect(taken.at(-1)).toEqual(first.json.reply);
    expect((await (await raise(ground, clientById("ironbark"))).vault()).revision).toBe(before.revision);
  });
  test("a tap whose receipt was lost with the admin's program is handed in again, byte by byte: one manager, one reply", async () => {
    const { link, code, request } = await requestFor("blue-heron");
    const owner = await raise(ground, clientById("blue-heron"));
    const body = answerTo({ request, client: clientById("blue-heron"), rows: await owner.agents(), owner: owner.access.uid, now: ground.now() });
    const tapped = await owner.tap([operation("POST", "/connect", body)]);
    const { memory } = ground;
    memory.remember({ ...memory.vault("blue-heron")!, tapped: { request: b64u(requestHash(request)), prepared: JSON.stringify(tapped) } });
    const receipt = await owner.submit(tapped);
    const { status, json } = await ask("POST", "/connect", { link, code_1: code, again: true });
    expect([status, json.error]).toEqual([200, undefined]);
    expect((json as unknown as Connected).reply).toEqual(receipt.results[0]!.connect);
    expect((await owner.agents()).filter(({ admin, all_access }) => admin && !all_access)).toHaveLength(1);
    expect(memory.vault("blue-heron")!.tapped).toBeUndefined();
  });
  test("a tap that never reached the vault and is too old by now is given anew", async () => {
    const { link, code, request } = await requestFor("umber-street");
    const owner = await raise(ground, clientById("umber-street"));
    const body = answerTo({ request, client: clientById("umber-street"), rows: await owner.agents(), owner: owner.access.uid, now: ground.now() });
    const tapped = await owner.tap([operation("POST", "/connect", body)]);
    // A challenge that the vault does not know, as one is whose time is over.
    const late = { ...tapped, header: b64u(utf8(Buffer.from(fromB64u(tapped.header)).toString().replace(tapped.challenge, b64u(new Uint8Array(32).fill(7))))) };
    const { memory } = ground;
    memory.remember({ ...memory.vault("umber-street")!, tapped: { request: b64u(requestHash(request)), prepared: JSON.stringify(late) } });
    expect((await ask("POST", "/connect", { link, code_1: code, again: true })).status).toBe(200);
    expect((await owner.agents()).filter(({ admin, all_access }) => admin && !all_access)).toHaveLength(1);
  });
  test("when the console does not take the reply, the admin has it to paste", async () => {
    const { link, code } = await requestFor("gallowgate");
    consoleAnswers = 500;
    const { json } = await ask("POST", "/connect", { link, code_1: code });
    consoleAnswers = 204;
    expect(json).toMatchObject({ delivered: false, reply: { reply: { name: "Gallowgate Physiotherapy" } } });
  });
  test("with `replaces` the MSP that lost its token comes back to its own people", async () => {
    const first = await requestFor("juniper");
    const { reply } = ((await ask("POST", "/connect", { link: first.link, code_1: first.code })).json as unknown as Connected).reply;
    const again = await requestFor("juniper", { replaces: reply.uid });
    const back = ((await ask("POST", "/connect", { link: again.link, code_1: again.code })).json as unknown as Connected).reply.reply;
    expect(back.uid).toBe(reply.uid);
    expect(back.adopted).toEqual([]);
    const rows = await (await raise(ground, clientById("juniper"))).agents();
    expect(rows.filter(({ managed_by }) => managed_by === reply.uid).map(({ uid }) => uid).sort()).toEqual([...reply.adopted].sort());
  });
  test("a damaged link and a link to nobody's vault are told apart", async () => {
    const { link, code, url } = await requestFor("orchard-bay");
    expect(await ask("POST", "/connect", { link: link.slice(0, -3), code_1: code })).toMatchObject({ status: 409, json: { error: "the link is damaged" } });
    expect((await ask("POST", "/connect", { link: link.replace(url, `${host.origin}/AAAAAA`), code_1: code })).status).toBe(404);
  });
});

describe("what the MSP itself keeps", () => {
  test("its list of clients: fifty and its own, each told apart from every other, with the address of those that stand", async () => {
    const { json } = await ask("GET", "/portfolio/quillmoor");
    const { clients, msp, roles } = json as unknown as ReturnType<Admins["portfolio"]>;
    expect(msp).toEqual({ id: "quillmoor", name: "Quillmoor IT" });
    expect(roles.map(({ letter }) => letter).join("")).toBe("NMBSWIC");
    expect(clients).toHaveLength(51);
    expect(new Set(clients.map(({ name, aliases }) => `${name} ${aliases.join()}`)).size).toBe(51);
    expect(clients.filter(({ name }) => name === "Harbour Street Clinic").map(({ aliases }) => aliases)).toEqual([["Leith"], ["Cork"]]);
    expect(clients.find(({ id }) => id === "saltmarsh")).toMatchObject({ address: expect.stringContaining(host.origin), region: "Coast", contact: { mail: "it@saltmarsh.example" } });
    expect(clients.find(({ id }) => id === "acme-dental")!.address).toBeNull();
  });
  test("its people: everybody but the owner whose place is claimed, technicians with a statement that their own passkey signed", async () => {
    const people = (await ask("GET", "/people/quillmoor")).json as unknown as People;
    expect(people.members).toHaveLength(23);
    expect(people.members.map(({ name }) => name)).not.toContain("Ines Halloran");
    const technicians = people.members.filter(({ inbox }) => inbox !== null);
    expect(technicians).toHaveLength(20);
    for (const { id, name, passkey, inbox } of technicians) {
      expect(inbox!.statement).toMatchObject({ technician: id, name, msp: consoleOrigin });
      const device = { origin: consoleOrigin, rpId: "localhost", backupEligible: false, hardwareBound: false, publicKey: fromB64u(passkey.public_key) };
      expect(await refuseInboxSignature(inbox!.statement, inbox!.assertion, device)).toBeNull();
    }
    expect(technicians.filter(({ leave }) => leave !== null).map(({ name }) => name)).toEqual(["Marcus Bellamy"]);
    expect(new Set(technicians.map(({ pod }) => pod))).toEqual(new Set(people.pods));
  });
  test("the telephones of those who connected, each with the code of that client alone", async () => {
    const { phones } = (await ask("GET", "/phones/quillmoor")).json as { phones: { client: string; code_2: string }[] };
    expect(phones.map(({ client }) => client)).toContain("saltmarsh");
    expect(phones.map(({ client }) => client)).not.toContain("acme-dental");
    for (const { client, code_2: code } of phones) expect((await ask("GET", `/phone/${client}`)).json.code_2).toBe(code);
  });
  test("a second MSP has its own, and there is no third", async () => {
    expect(((await ask("GET", "/portfolio/fernhill")).json as { clients: unknown[] }).clients).toHaveLength(2);
    for (const what of ["portfolio", "people", "phones"]) expect((await ask("GET", `/${what}/nobody`)).status).toBe(404);
  });
});

describe("what clients change themselves", () => {
  const rowsOf = async (client: string) => (await raise(ground, clientById(client))).agents();

  test.each(["rename", "rescope", "remove"] as const)("%s: one of the MSP's rows is another one afterwards, and the change is noted", async (kind) => {
    const before = await rowsOf("saltmarsh");
    const { status, json } = await ask("POST", "/change", { client: "saltmarsh", kind });
    expect([status, json.kind, json.client]).toEqual([200, kind, "saltmarsh"]);
    const after = await rowsOf("saltmarsh");
    const touched = before.filter((row) => JSON.stringify(after.find(({ uid }) => uid === row.uid)) !== JSON.stringify(row));
    expect(touched).toHaveLength(1);
    expect(touched[0]!.managed_by).toBe(before.find(({ admin, all_access }) => admin && !all_access)!.uid);
    const { changes } = (await ask("GET", "/changes")).json as { changes: OwnChange[] };
    expect(changes.at(-1)).toEqual(json);
  });
  test("own: a new row that is nobody's but the client's", async () => {
    const before = await rowsOf("saltmarsh");
    expect((await ask("POST", "/change", { client: "saltmarsh", kind: "own" })).status).toBe(200);
    const made = (await rowsOf("saltmarsh")).filter(({ uid }) => before.every((row) => row.uid !== uid));
    expect(made.map(({ managed_by, name }) => [managed_by === before.find(({ id }) => id === 1)!.uid, name.startsWith("Contractor")])).toEqual([[true, true]]);
  });
  test("tighten: the MSP's ceiling becomes what it uses, once", async () => {
    expect((await ask("POST", "/change", { client: "saltmarsh", kind: "tighten" })).status).toBe(200);
    expect((await ask("POST", "/change", { client: "saltmarsh", kind: "tighten" })).status).toBe(409);
  });
  test("where no MSP is connected there is nothing of the MSP's to change", async () => {
    expect((await ask("POST", "/change", { client: "tamarind", kind: "remove" })).status).toBe(409);
    expect((await ask("POST", "/change", { client: "nobody" })).status).toBe(404);
  });
});

describe("the door itself", () => {
  test("says 503 until every vault stands", async () => {
    standing = 12;
    expect(await ask("GET", "/health")).toEqual({ status: 503, json: { standing: 12, of: 53 } });
    standing = 53;
    expect((await ask("GET", "/health")).status).toBe(200);
  });
  test("is closed to pages of a browser: another origin, another type", async () => {
    expect((await ask("GET", "/clients", undefined, { Origin: consoleOrigin })).status).toBe(404);
    expect((await ask("POST", "/change", { client: "saltmarsh" }, { "Content-Type": "text/plain" })).status).toBe(415);
  });
  test.each<[string, string, unknown, number]>([
    ["GET", "/connect", undefined, 404],
    ["GET", "/clients/", undefined, 404],
    ["POST", "/connect", {}, 422],
    ["POST", "/connect", { link: "x", code_1: "y", more: 1 }, 422],
    ["POST", "/change", { client: "saltmarsh", kind: "explode" }, 422],
    ["POST", "/connect", { link: "x".repeat(70_000), code_1: "" }, 413],
  ])("%s %s with a wrong body or path is refused (%#)", async (method, path, body, status) => {
    expect((await ask(method, path, body)).status).toBe(status);
  });
});
