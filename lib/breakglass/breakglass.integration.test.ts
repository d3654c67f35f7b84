/** Break-glass over real vaults: made in shares, opened by two, told to everybody, rotated; and what one alone, a stranger or a thief gets: nothing. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SoftwareKey } from "#vault/testing/authenticator.ts";
import { startWorld, WIDE, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { deliverDispatches } from "../dispatch/deliver.ts";
import { addTechnician, addVaults, CONSOLE, hurry, releasePlan, startEstate, type Estate, type EstateVault, type Technician } from "../dispatch/testing/estate.ts";
import { Refusal } from "../errors.ts";
import { inviteAgain } from "../identity/come-back.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { listInboxKeys } from "../inbox/waiting.ts";
import { Reader } from "../known/reader.ts";
import type { MadePlan } from "../plan/create.ts";
import { b64u, fromB64u } from "../protocol/bytes.ts";
import { endorseChallenge, endorsementOf, inboxKeyChallenge } from "../protocol/inbox.ts";
import type { InboxStatement, SealedToken, TokenPlaintext } from "../protocol/messages.ts";
import { generateSealKey, open, parseTokenPlaintext, seal, tokenInfo, type SealKeyPair } from "../protocol/seal.ts";
import { openVault } from "../vault/open.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { askOpening, closeOpening, noteGlassOpened, releaseGlassShare, takeMyShare, takeOpening, type ToOpen } from "./opening.ts";
import { planBreakGlass } from "./plan.ts";
import { setUpBreakGlass, setupForm } from "./setup.ts";
import { combine, releaseInfo, shareInfo, split } from "./split.ts";
import { viewBreakGlass } from "./view.ts";
import { tellUses } from "./watch.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let estate: Estate;
let people: Technician[];
let vaults: EstateVault[];
let glass: SealKeyPair;
const passkeys = new Map<string, SoftwareKey>();
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };
const forward = (seconds: number) => {
  ahead += seconds * 1_000;
  world.clock.forward(seconds);
};

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  world = await startWorld();
  estate = await startEstate(t, world, net, clock);
  people = [await addTechnician(estate, "Priya Raman"), await addTechnician(estate, "Tomás Ferreira"), await addTechnician(estate, "Hana Kobayashi"), await addTechnician(estate, "Jim Okafor")];
  for (const { personId } of people) {
    const key = new SoftwareKey({ rpId: "localhost", origin: CONSOLE });
    passkeys.set(personId, key);
    await t.asAdmin(async (admin) => {
      await admin.query("update person set rights = '{owner,technician}' where person_id = $1", [personId]);
      await admin.query("insert into passkey (msp_id, credential_id, person_id, public_key, transports, backup_eligible, backed_up, aaguid, label) values ($1, $2, $3, $4, '{usb}', false, false, $5, 'Belt')", [estate.mspId, Buffer.from(fromB64u(key.credentialId)), personId, Buffer.from(fromB64u(key.publicKey)), crypto.randomUUID()]);
    });
  }
  vaults = await addVaults(estate, ["Acme Dental", "Birchgate Care"], { grant: { ...WIDE, all_access: "yes" } });
  await addVaults(estate, ["Calloway Freight"], { grant: { ...WIDE, all_access: "never" } });
  await t.asAdmin((admin) => admin.query("update client set contact_mail = 'rowan@acme.example', contact_name = 'Rowan Petrie' where name = 'Acme Dental'"));
});
afterAll(async () => {
  await net.agent.destroy();
  await world.end();
  await t.close();
});

const actorOf = ({ personId, name }: Technician, rights = ["owner", "technician"]): Actor => personActor({ mspId: estate.mspId, personId, name, rights });
const [priya, tomas, hana, jim] = [0, 1, 2, 3].map((i) => () => people[i]!) as [() => Technician, () => Technician, () => Technician, () => Technician];
const fails = async (work: Promise<unknown>): Promise<string> => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const readNow = async () => {
  await t.asAdmin((admin) => admin.query("update reading set next_read_at = now(), lease_until = null where next_read_at < '9000-01-01'"));
  const reader = new Reader({ net, db: t.db, clock });
  await reader.run();
  await reader.stop();
};
const carryOut = async (made: MadePlan, before: () => Promise<void> = async () => undefined) => {
  await releasePlan(estate, made);
  await before();
  for (let round = 0; round < 4; round += 1) {
    await hurry(estate);
    await deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
  }
  await before();
  await readNow();
};
const view = (who = priya()) => viewBreakGlass(actorOf(who), clock, t.db);
const stateOf = async (name: string) => (await view()).rows.find(({ client }) => client === name)?.state;
const mailsTo = (template: string) => t.asAdmin(async (admin) => (await admin.query<{ to_address: string }>("select to_address from mail where msp_id = $1 and template = $2 order by to_address", [estate.mspId, template])).rows.map(({ to_address }) => to_address));

/** What the maker's browser does. */
async function make(maker: Technician, custodians: readonly Technician[]) {
  const form = await setupForm(actorOf(maker), clock, t.db);
  const pair = await generateSealKey("x-wing");
  const statement: InboxStatement = { kem: "x-wing", msp: CONSOLE, name: form.seat.name, not_after: Math.floor(clock.now().getTime() / 1_000) + 300 * 86_400, public_key: pair.publicKey, technician: form.seat.id, v: 1 };
  const passkey = passkeys.get(maker.personId)!;
  const shares = [];
  for (const [i, { place, bytes }] of split(pair.privateKey, custodians.map((_, at) => at + 1)).entries()) {
    const candidate = form.candidates.find(({ id }) => id === custodians[i]!.personId)!;
    const { kem, public_key } = candidate.statement;
    shares.push({ custodian: candidate.id, key_id: candidate.keyId, place, sealed: await seal({ kem, public_key }, shareInfo({ custodian: candidate.id, key: pair.publicKey, place }), bytes) });
  }
  return { pair, given: { statement, credential_id: passkey.credentialId, assertion: passkey.get(inboxKeyChallenge(statement)), shares } };
}

async function endorseAll(): Promise<void> {
  const waiting = await t.asAdmin(async (admin) => (await admin.query<{ inbox_key_id: string; statement: InboxStatement }>("select inbox_key_id, statement from inbox_key k where replaced_at is null and not exists (select from endorsed_key e where e.inbox_key_id = k.inbox_key_id)")).rows);
  const endorsement = endorsementOf(waiting.map(({ statement }) => statement));
  const id = crypto.randomUUID();
  await t.asAdmin(async (admin) => {
    await admin.query("insert into endorsement (msp_id, endorsement_id, credential_id, person_id, endorsement, assertion) values ($1, $2, $3, $4, $5, $6)", [estate.mspId, id, Buffer.from(fromB64u(estate.signer.credentialId)), estate.owner.id, JSON.stringify(endorsement), JSON.stringify(estate.signer.get(endorseChallenge(endorsement)))]);
    for (const one of waiting) await admin.query("insert into endorsed_key (msp_id, endorsement_id, inbox_key_id) values ($1, $2, $3)", [estate.mspId, id, one.inbox_key_id]);
  });
}

/** What the second's browser does, and what the asker's does with it. */
async function release(second: Technician, id: string) {
  const { share, to, opening } = await takeMyShare(actorOf(second), { id }, clock, t.db);
  const bytes = (await open(second.pair, shareInfo({ custodian: second.personId, key: glass.publicKey, place: share.place }), share.sealed))!;
  const sealed = await seal({ kem: to.statement.kem, public_key: to.statement.public_key }, releaseInfo({ key: glass.publicKey, opening, place: share.place, to: to.id }), bytes);
  return releaseGlassShare(actorOf(second), { id, place: share.place, sealed }, clock, t.db);
}
async function openIt(asker: Technician, { opening, statement, mine, second, token }: ToOpen): Promise<TokenPlaintext | null> {
  const own = await open(asker.pair, shareInfo({ custodian: asker.personId, key: statement.public_key, place: mine.place }), mine.sealed);
  const other = await open(asker.pair, releaseInfo({ key: statement.public_key, opening, place: second.place, to: asker.personId }), second.sealed);
  if (own === null || other === null) return null;
  const privateKey = combine({ place: mine.place, bytes: own }, { place: second.place, bytes: other });
  const bytes = await open({ kem: statement.kem, privateKey }, tokenInfo({ vault: token.vault, key: token.key, uid: token.uid }), token.sealed as SealedToken);
  return bytes && parseTokenPlaintext(bytes);
}
const use = async ({ owned }: EstateVault, opened: TokenPlaintext) => (await owned.owner.as({ agentId: opened.agent, uid: opened.uid, token: opened.token }).get("/entries")).status;

describe("made in shares", () => {
  test("not by one alone, not for others only, not under a key that nobody endorsed, and not by who may not", async () => {
    const { given } = await make(priya(), [priya(), tomas()]);
    expect(await fails(setUpBreakGlass(actorOf(priya(), ["technician"]), given, clock, t.db))).toBe("forbidden");
    expect(await fails(setUpBreakGlass(actorOf(priya()), { ...given, shares: given.shares.slice(1) }, clock, t.db))).toBe("glass_custodians");
    expect(await fails(setUpBreakGlass(actorOf(priya()), { ...given, shares: [given.shares[0]!, { ...given.shares[1]!, custodian: priya().personId }] }, clock, t.db))).toBe("glass_custodians");
    expect(await fails(setUpBreakGlass(actorOf(priya()), { ...given, shares: [given.shares[0]!, { ...given.shares[1]!, key_id: crypto.randomUUID() }] }, clock, t.db))).toBe("glass_moved");
    expect(await fails(setUpBreakGlass(actorOf(priya()), { ...given, statement: { ...given.statement, name: "Priya Raman" } }, clock, t.db))).toBe("moved_on");
    expect(await fails(setUpBreakGlass(actorOf(priya()), { ...given, assertion: passkeys.get(tomas().personId)!.get(inboxKeyChallenge(given.statement)) }, clock, t.db))).toMatch(/^tap_/);
    expect(await fails(setUpBreakGlass(actorOf(tomas()), given, clock, t.db))).toBe("inbox_passkey_gone");
    expect((await view()).key).toBeNull();
  });
  test("it waits for a signer like anybody's key; then one plan makes a row at every client that allows it, never to be claimed", async () => {
    const { pair, given } = await make(priya(), [priya(), tomas(), hana()]);
    glass = pair;
    await setUpBreakGlass(actorOf(priya()), given, clock, t.db);
    expect((await view()).key).toMatchObject({ state: "waits", madeBy: "Priya Raman", custodians: [{ name: "Priya Raman", self: true }, { name: "Tomás Ferreira" }, { name: "Hana Kobayashi" }] });
    expect((await listInboxKeys(estate.owner, clock, t.db)).find(({ name }) => name === "Break-glass")).toMatchObject({ state: "waits" });
    expect(await fails(planBreakGlass(actorOf(priya()), {}, clock, t.db))).toBe("plan_empty");
    await endorseAll();
    expect((await view()).rows.map(({ client, state }) => `${client} ${state}`)).toEqual(["Acme Dental none", "Birchgate Care none", "Calloway Freight forbidden"]);
    const made = await planBreakGlass(actorOf(priya()), {}, clock, t.db);
    expect(made).toMatchObject({ vaults: 2, leftOut: [] });
    // On the wire, and proven but not yet read: said so, and not planned a second time.
    await carryOut(made, async () => {
      await t.asAdmin((admin) => admin.query("update reading set read_at = now() + interval '1 hour' where msp_id = $1", [estate.mspId]));
      expect((await view()).rows.map(({ client, state }) => `${client} ${state}`)).toEqual(["Acme Dental underway", "Birchgate Care underway", "Calloway Freight forbidden"]);
      expect(await fails(planBreakGlass(actorOf(priya()), {}, clock, t.db))).toBe("plan_empty");
    });
    expect((await view()).rows.map(({ client, state }) => `${client} ${state}`)).toEqual(["Acme Dental sealed", "Birchgate Care sealed", "Calloway Freight forbidden"]);
    forward(26 * 3_600);
    await readNow();
    expect(await stateOf("Acme Dental")).toBe("sealed");
    expect(await fails(planBreakGlass(actorOf(priya()), {}, clock, t.db))).toBe("plan_empty");
  });
  test("nobody signs in to the seat, by an invitation either", async () => {
    const { rows: [seat] } = await t.asAdmin((admin) => admin.query<{ person_id: string }>("select person_id from person where kept_by is not null"));
    await expect(inviteAgain(estate.owner, { personId: seat!.person_id, proof: { challengeId: crypto.randomUUID(), assertion: {} as never } }, t.db)).rejects.toBeInstanceOf(Refusal);
    await expect(t.asAdmin((admin) => admin.query("insert into person (msp_id, person_id, name, email, rights, kept_by) values ($1, $2, 'Another', 'another@x.invalid', '{technician}', $3)", [estate.mspId, crypto.randomUUID(), priya().personId]))).rejects.toThrow(/person_seat_one/);
  });
});

describe("opened by two", () => {
  const asked = (who = priya(), drill: "yes" | "no" = "no", name = "Acme Dental") => askOpening(actorOf(who), { vaultRef: vaults.find((one) => one.name === name)!.vaultRef, reason: "All signers are away", drill }, clock, t.db);
  let opened: TokenPlaintext;
  test("one alone gets nothing: not by asking, not by releasing their own, not before the second, not as nobody's custodian", async () => {
    expect(await fails(asked(jim()))).toBe("opening_not_yours");
    expect(await fails(asked(priya(), "no", "Birchgate Care").then(({ id }) => takeOpening(actorOf(priya()), { id }, clock, t.db)))).toBe("moved_on");
    const { id } = (await view()).openings[0]!;
    expect(await fails(asked(tomas(), "no", "Birchgate Care"))).toBe("opening_open");
    expect(await fails(takeMyShare(actorOf(priya()), { id }, clock, t.db))).toBe("opening_same");
    expect(await fails(takeMyShare(actorOf(jim()), { id }, clock, t.db))).toBe("opening_not_yours");
    expect(await fails(releaseGlassShare(actorOf(priya()), { id, place: 1, sealed: { kem: "x25519", enc: "AA", ct: "AA" } }, clock, t.db))).toBe("opening_same");
    await expect(t.asAdmin((admin) => admin.query("update break_glass_opening set second_by = asked_by, released_at = now(), place = 2, kem = 'x25519', enc = 'a', ct = 'a' where opening_id = $1", [id]))).rejects.toThrow(/check constraint/);
    expect(await fails(noteGlassOpened(actorOf(priya()), { id }, clock, t.db))).toBe("moved_on");
    await closeOpening(actorOf(tomas()), { id }, clock, t.db);
    expect(await fails(releaseGlassShare(actorOf(tomas()), { id, place: 2, sealed: { kem: "x25519", enc: "AA", ct: "AA" } }, clock, t.db))).toBe("opening_over");
  });
  test("two open it: the token works at the vault, owners and the client are told, and it is to be rotated", async () => {
    const { id } = await asked();
    expect((await mailsTo("glass_asked")).length).toBeGreaterThan(4);
    await release(tomas(), id);
    expect(await fails(release(hana(), id))).toBe("moved_on");
    expect(await fails(takeOpening(actorOf(tomas()), { id }, clock, t.db))).toBe("opening_not_yours");
    const given = await takeOpening(actorOf(priya()), { id }, clock, t.db);
    opened = (await openIt(priya(), given))!;
    expect(await use(vaults[0]!, opened)).toBe(200);
    await noteGlassOpened(actorOf(priya()), { id }, clock, t.db);
    await noteGlassOpened(actorOf(priya()), { id }, clock, t.db);
    const told = await mailsTo("glass_used");
    expect(told.filter((to) => to === "rowan@acme.example")).toHaveLength(1);
    expect(told).toHaveLength(6);
    expect(await stateOf("Acme Dental")).toBe("rotate");
    // Opened here; whether it was used is the vault's to say, and it was not read since.
    expect((await view()).rows.find(({ client }) => client === "Acme Dental")).toMatchObject({ openedAt: expect.any(Number), usedAt: null, alarmAt: null });
    expect(await stateOf("Birchgate Care")).toBe("sealed");
  });
  test("what the server kept of it opens nothing: neither share, token nor key stands in the database", async () => {
    const text = await t.asAdmin(async (admin) => {
      const { rows } = await admin.query<{ name: string }>("select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')");
      const found: string[] = [];
      for (const { name } of rows) found.push((await admin.query<{ all: string | null }>(`select string_agg(x::text, E'\n') as all from public."${name}" x`)).rows[0]?.all ?? "");
      return found.join("\n");
    });
    expect(text).toContain(opened.uid);
    for (const bytes of [glass.privateKey, new TextEncoder().encode(opened.token)]) for (const form of [b64u(bytes), Buffer.from(bytes).toString("hex"), Buffer.from(bytes).toString("base64").replace(/=+$/, "")]) expect(text.includes(form)).toBe(false);
    expect(text.includes(opened.token)).toBe(false);
  });
  test("the vault's own word of a use is told once more, as what it is", async () => {
    forward(3_600);
    await readNow();
    const before = (await mailsTo("glass_used")).length;
    expect(await tellUses(clock, t.db)).toBe(1);
    expect(await tellUses(clock, t.db)).toBe(0);
    expect((await mailsTo("glass_used")).length - before).toBe(6);
    const said = await t.asAdmin(async (admin) => (await admin.query("select fields from record where action = 'break_glass.used'")).rows[0].fields as { opened: boolean });
    expect(said.opened).toBe(true);
    expect((await view()).rows.find(({ client }) => client === "Acme Dental")).toMatchObject({ openedAt: expect.any(Number), usedAt: expect.any(Number), alarmAt: null });
  });
  test("rotated with one tap: the opened token is dead, the next one waits sealed", async () => {
    await carryOut(await planBreakGlass(actorOf(priya()), { vaultRefs: [vaults[0]!.vaultRef] }, clock, t.db));
    expect(await use(vaults[0]!, opened)).toBe(401);
    expect(await stateOf("Acme Dental")).toBe("sealed");
  });
  test("a use that nobody opened here is an alarm", async () => {
    // The row is used by whoever has its token: here the client's owner, who draws a new one for it.
    await t.asAdmin((admin) => admin.query("update known_agent a set last_used_at = $1 from person p where p.person_id = a.person_id and p.kept_by is not null and a.vault_ref = $2", [clock.now(), vaults[1]!.vaultRef]));
    const alarm = async () => (await view()).rows.find(({ client }) => client === "Birchgate Care");
    // From the reading on, told by mail or not.
    expect(await alarm()).toMatchObject({ alarmAt: expect.any(Number), openedAt: null });
    expect(await tellUses(clock, t.db)).toBe(1);
    expect(await alarm()).toMatchObject({ alarmAt: expect.any(Number) });
    const said = await t.asAdmin(async (admin) => (await admin.query("select fields from record where action = 'break_glass.used' order by at desc limit 1")).rows[0].fields as { client: string; opened: boolean });
    expect(said).toEqual({ client: "Birchgate Care", opened: false });
    expect(await stateOf("Birchgate Care")).toBe("rotate");
    await readNow();
  });
  test("a drill proves shares, key and sealed token by opening it, shows nothing, and asks for no rotation", async () => {
    await readNow();
    const due = () => view().then(({ rows }) => rows.find(({ client }) => client === "Acme Dental")!.drillDue);
    expect(await due()).toBe(false);
    forward(91 * 86_400);
    expect(await due()).toBe(true);
    const before = (await mailsTo("glass_used")).length;
    const { id } = await asked(hana(), "yes");
    await release(priya(), id);
    expect(await openIt(hana(), await takeOpening(actorOf(hana()), { id }, clock, t.db))).not.toBeNull();
    await noteGlassOpened(actorOf(hana()), { id }, clock, t.db);
    expect((await mailsTo("glass_used")).length).toBe(before);
    expect(await due()).toBe(false);
    expect(await stateOf("Acme Dental")).toBe("sealed");
    expect((await view()).openings[0]).toMatchObject({ drill: true, state: "over", askedBy: "Hana Kobayashi", secondBy: "Priya Raman" });
  });
  test("after an hour nobody can release any more", async () => {
    const { id } = await asked();
    forward(3_601);
    expect(await fails(takeMyShare(actorOf(tomas()), { id }, clock, t.db))).toBe("opening_over");
    expect(await fails(asked())).toBe("done");
  });
});
