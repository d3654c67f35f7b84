import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connectMsp, registerVault, startWorld, WIDE, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { seedClients, signStatement } from "../client/testing/seed-clients.ts";
import { installation } from "../id.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { addConnected } from "../known/testing/connected.ts";
import type { Statement } from "../protocol/messages.ts";
import { askVault } from "./ask.ts";
import { checkpointKey } from "./checkpoint-key.ts";
import { listGlassLinks, makeGlassLink, revokeGlassLink } from "./links.ts";
import { previewGlass, showGlass } from "./show.ts";
import { judgeVaultWord, verifyGlass, type GlassAnswer } from "./statement.ts";
import { forgetWords, type AskVault } from "./vault-words.ts";

let t: TestDatabase;
let quillmoor: string;
let owner: Actor;
let made: Awaited<ReturnType<typeof seedClients>>;
const silent: AskVault = async () => ({ trouble: "The vault did not answer." });
const hour = 3_600_000;
const at = (ms = 0) => ({ now: () => new Date(Date.now() + ms) });
const code = (asked: Promise<unknown>) => asked.then(() => "done", (error: Error & { failure?: { code: string } }) => error.failure?.code ?? `${error.name}: ${error.message}`);
const secretOf = (link: string) => new URL(link).hash.slice(1);
const link = async (index: number, label = "Rowan Petrie", who = owner) => makeGlassLink(who, { clientId: made[index]!.clientId, label, days: 30, key: randomUUID() }, new Date(), t.db);
const open = (url: string, ask = silent, ms = 0): Promise<GlassAnswer> => showGlass(secretOf(url), ask, { clock: at(ms), db: t.db });
const rows = async (text: string, values: unknown[]) => (await t.asAdmin((admin) => admin.query(text, values))).rows as Record<string, unknown>[];
const recorded = async (action: string, mspId = quillmoor) => rows("select actor_name, fields from record where msp_id = $1 and action = $2 order by id", [mspId, action]);

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  quillmoor = await t.msp("Quillmoor IT");
  const personId = randomUUID();
  await t.asAdmin(async (admin) => {
    await admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, 'Ines Halloran', 'ines@quillmoor.example', '{owner}')", [quillmoor, personId]);
    made = await seedClients(admin, { mspId: quillmoor, personId });
  });
  owner = personActor({ mspId: quillmoor, personId, name: "Ines Halloran", rights: ["owner"] });
});
afterEach(() => forgetWords());
afterAll(() => t.close());

describe("the key for statements of our own", () => {
  test("is made once, also when two ask for it at once, and recorded once; its private half is sealed", async () => {
    const keys = await Promise.all([checkpointKey(t.db), checkpointKey(t.db), checkpointKey(t.db)]);
    expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1);
    expect(await recorded("checkpoint_key.made", installation)).toHaveLength(1);
    const [row] = await rows("select public_key, sealed_private from checkpoint_key", []);
    expect((row!.public_key as Buffer).toString("base64url")).toBe(keys[0].publicKey);
    expect((row!.sealed_private as Buffer).length).toBeGreaterThan(60);
  });
  test("is not shown to any tenant", async () => expect(await t.asApp(async (client) => {
    await client.query("begin");
    await client.query("select set_config('app.msp_id', $1, true)", [quillmoor]);
    return (await client.query("select 1 from checkpoint_key")).rowCount;
  })).toBe(0));
});

describe("a link to a client's own page", () => {
  test("opens that client's page without an account, signed by the console and by the vault", async () => {
    const { link: url } = await link(0);
    const answer = await open(url);
    expect(answer.statement).toMatchObject({ msp: { name: "Quillmoor IT" }, client: { name: "Harbour Street Clinic", place: "Leith" } });
    expect(await verifyGlass(answer)).toBe(true);
    const word = await judgeVaultWord(answer.statement.vaults[0]!, answer.vaults[0]!.signed);
    expect(word.kind === "signed" && word.signed.statement.agents.map(({ name }) => name).toSorted()).toEqual(["Aoife Brennan", "Emil Novotný", "Guðrún Jónsdóttir", "Priya Raman", "Sarah Lindqvist", "Tomás Ferreira"]);
  });
  test("shows nothing of another client, no money, no contact, and nobody of the client's own", async () => {
    const text = JSON.stringify(await open((await link(0)).link));
    for (const word of ["Acme", "Oakmere", "team-10", "Team 10", "USD", "price", "payer", "rowan@", "0042 ", "+44", "Deploy CI", "IT admin", "pod-a", "tags", "commission", "margin", "resell"]) expect(text, word).not.toContain(word);
  });
  test("of its secret only the hash is kept, and it stands in no record", async () => {
    const { link: url, id } = await link(0);
    const [row] = await rows("select * from glass_link where link_id = $1", [id]);
    expect(JSON.stringify(row)).not.toContain(secretOf(url));
    expect(JSON.stringify(await rows("select * from record", []))).not.toContain(secretOf(url));
  });
  test("one that nobody made opens nothing, and one letter off neither", async () => {
    const { link: url } = await link(0);
    const secret = secretOf(url);
    for (const other of ["A".repeat(43), `${secret.slice(0, -2)}${secret.at(-2) === "A" ? "B" : "A"}${secret.at(-1)}`]) expect(await code(showGlass(other, silent, { db: t.db }))).toBe("glass_unknown");
  });
  test("taken back opens nothing from that moment, also while it was open", async () => {
    const { link: url, id } = await link(0);
    await open(url);
    await revokeGlassLink(owner, { id }, new Date(), t.db);
    expect(await code(open(url))).toBe("glass_over");
    expect(await code(revokeGlassLink(owner, { id }, new Date(), t.db))).toBe("moved_on");
    expect((await recorded("glass.link_revoked")).at(-1)).toMatchObject({ actor_name: "Ines Halloran", fields: { label: "Rowan Petrie" } });
  });
  test("past its end opens nothing", async () => {
    const { link: url } = await link(0);
    expect(await code(open(url, silent, 30 * 24 * hour - 60_000))).toBe("done");
    expect(await code(open(url, silent, 30 * 24 * hour))).toBe("glass_over");
  });
  test("is listed without its secret, with when it was last opened", async () => {
    const { id, link: url } = await link(1, "Cork admin");
    await open(url);
    expect(await listGlassLinks(owner, made[1]!.clientId, new Date(), t.db)).toEqual([{ id, label: "Cork admin", by: "Ines Halloran", createdAt: expect.any(Number), expiresAt: expect.any(Number), openedAt: expect.any(Number) }]);
  });
  test("made by the same form twice is made once, and the second is told so", async () => {
    const form = { clientId: made[2]!.clientId, label: "Twice", days: 30 as const, key: randomUUID() };
    await makeGlassLink(owner, form, new Date(), t.db);
    expect(await code(makeGlassLink(owner, form, new Date(), t.db))).toBe("already_sent");
    expect(await rows("select 1 from glass_link where label = 'Twice'", [])).toHaveLength(1);
  });
  test("is made and taken back by owners only, and for clients of their own", async () => {
    const as = (right: string, mspId = quillmoor) => personActor({ mspId, personId: owner.id, name: "x", rights: [right] });
    const { id } = await link(0);
    for (const right of ["technician", "finance", "auditor"]) {
      expect(await code(link(0, "x", as(right)))).toBe("forbidden");
      expect(await code(revokeGlassLink(as(right), { id }, new Date(), t.db))).toBe("forbidden");
    }
    expect(await code(listGlassLinks(as("technician"), made[0]!.clientId, new Date(), t.db))).toBe("forbidden");
    const other = as("owner", await t.msp("Fernhill"));
    expect(await code(link(0, "x", other))).toBe("not_found");
    expect(await code(revokeGlassLink(other, { id }, new Date(), t.db))).toBe("moved_on");
    expect(await code(previewGlass(other, made[0]!.clientId, silent, { db: t.db }))).toBe("not_found");
    expect(await code(previewGlass(as("finance"), made[0]!.clientId, silent, { db: t.db }))).toBe("forbidden");
  });
  test("that many are open and no more", async () => {
    for (let place = 0; place < 20; place++) await link(8, `Person ${place}`);
    expect(await code(link(8, "One more"))).toBe("invalid");
  });
});

describe("an opened page", () => {
  test("is recorded at most once an hour, as opened by whoever has that link", async () => {
    const { link: url } = await link(3, "Nadia");
    const before = (await recorded("glass.opened")).length;
    await Promise.all([open(url), open(url), open(url)]);
    expect((await recorded("glass.opened")).slice(before)).toEqual([{ actor_name: "Whoever has the link for Nadia", fields: { client: "مكتبة النخيل" } }]);
    await open(url, silent, 59 * 60_000);
    expect(await recorded("glass.opened")).toHaveLength(before + 1);
    await open(url, silent, 61 * 60_000);
    expect(await recorded("glass.opened")).toHaveLength(before + 2);
  });
  test("is not shown when that cannot be written down", async () => {
    const { link: url } = await link(3);
    await t.asOwner((client) => client.query("revoke insert on record from clavitor_app"));
    try {
      expect(await code(open(url))).toBe("record_unwritable");
    } finally {
      await t.asOwner((client) => client.query("grant insert on record to clavitor_app"));
    }
  });
  test("asks a vault once a minute, however many look, and keeps its word for when it is silent", async () => {
    const { ref, key, privateKey } = made[1]!.vaults[0]!;
    let asked = 0;
    const answering: AskVault = async (row) => {
      asked += 1;
      const statement: Statement = { agents: [], at: Math.floor(Date.now() / 1000), epoch: 1, grant: { scopes: [], all_access: "never", max_lease: null, max_agents: 1, entries: false, cosign: 1, signer_delay: 0, audit: "own" }, manager: row.managerUid!, revision: 9, vault: row.vaultId!, v: 1 };
      return { signed: signStatement(privateKey, statement) };
    };
    const { link: url } = await link(1);
    await Promise.all([open(url, answering), open(url, answering)]);
    await open(url, answering, 59_000);
    expect(asked).toBe(1);
    await open(url, answering, 61_000);
    expect(asked).toBe(2);
    forgetWords();
    const later = await open(url, silent, 5 * hour);
    expect(later.vaults[0]).toMatchObject({ trouble: "The vault did not answer.", signed: { statement: { revision: 9 } } });
    expect(await judgeVaultWord({ vault: later.vaults[0]!.vault, key }, later.vaults[0]!.signed)).toMatchObject({ kind: "signed" });
    // What was kept is judged again: altered in the table, it is none.
    await t.asAdmin((admin) => admin.query("update vault_statement set statement = jsonb_set(statement, '{revision}', '10') where vault_ref = $1", [ref]));
    expect((await open(url, silent, 6 * hour)).vaults[0]).toMatchObject({ signed: null });
  });
  test("shows a vault that does not answer within the patience of a visitor as silent", async () => {
    const never: AskVault = () => new Promise(() => undefined);
    expect((await open((await link(2)).link, never)).vaults[0]).toMatchObject({ trouble: "The vault did not answer within a few seconds.", signed: null });
  });
  test("of an ended connection shows nobody, and does not ask the vault", async () => {
    const asked: AskVault = async () => { throw new Error("asked"); };
    const answer = await open((await link(9)).link, asked);
    expect(answer.statement.vaults).toMatchObject([{ condition: "ended", people: [] }]);
    expect(answer.vaults[0]).toMatchObject({ signed: null });
  });
  test("of a client without a vault says nothing about any", async () => expect((await open((await link(11)).link)).statement.vaults).toEqual([]));
});

describe("with a real vault", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.end());
  test("the page carries the word that the vault signed just now, and it holds under the key of the connect", async () => {
    const owned = await registerVault(world, "Glasshouse Architects");
    const msp = await connectMsp(owned, { grant: WIDE });
    const { clientId } = await addConnected(t, quillmoor, { name: "Glasshouse Architects", url: msp.reply.reply.vault_url, msp });
    const answer = await previewGlass(owner, clientId, askVault, { db: t.db });
    expect(answer.vaults[0]).toMatchObject({ trouble: null });
    expect(await judgeVaultWord(answer.statement.vaults[0]!, answer.vaults[0]!.signed)).toMatchObject({ kind: "signed", signed: { statement: { manager: msp.manager.account.uid } } });
    expect(await verifyGlass(answer)).toBe(true);
  });
});
