/** A technician's tokens over real vaults: sealed, opened by their own key alone, claimed or taken back, renewed; and what they ask for. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorld, WIDE, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { deliverDispatches } from "../dispatch/deliver.ts";
import { addTechnician, addVaults, hurry, releasePlan, sharesNow, startEstate, type Estate, type EstateVault, type Technician } from "../dispatch/testing/estate.ts";
import { Refusal } from "../errors.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { Reader } from "../known/reader.ts";
import { addPerson } from "../known/testing/connected.ts";
import { extendLeases } from "../lease/extend.ts";
import { fullVaults, giveSlotBack, lendSlot } from "../lease/lend.ts";
import { listLeases } from "../lease/list.ts";
import { setPolicy, usualPolicy, type LengthRule } from "../lease/policy.ts";
import { showPlan } from "../plan/show.ts";
import { createPlan, type MadePlan } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import type { SealedToken, TokenPlaintext } from "../protocol/messages.ts";
import { open, parseTokenPlaintext, tokenInfo } from "../protocol/seal.ts";
import { approveRequest, refuseRequest } from "../request/answer.ts";
import { askAccess, askForm, askRenewal, withdrawRequest } from "../request/ask.ts";
import { listRequests } from "../request/list.ts";
import { openVault } from "../vault/open.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { waitingFor } from "../request/waiting.ts";
import { myTokens } from "./mine.ts";
import { planRenewal, renewals } from "./renew.ts";
import { noteOpened, reportStrange, takeSealed, type SealedLine } from "./take.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let estate: Estate;
let jim: Technician;
let hana: Technician;
let vaults: EstateVault[];
let second: Actor;
let role: string;
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };
const forward = (seconds: number) => {
  ahead += seconds * 1_000;
  world.clock.forward(seconds);
};
const hour = 3_600;
/** The vaults' clock moves only by forward(): it falls behind ours by as long as this file runs. */
const slackMs = 120_000;

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  world = await startWorld();
  estate = await startEstate(t, world, net, clock);
  jim = await addTechnician(estate, "Jim Okafor");
  hana = await addTechnician(estate, "Hana Kobayashi");
  vaults = await addVaults(estate, ["Acme Dental", "Birchgate Care"], { grant: { ...WIDE, max_lease: 30 * 86_400 } });
  second = personActor({ mspId: estate.mspId, personId: await addPerson(t, estate.mspId, "Priya Raman", ["owner"]), name: "Priya Raman", rights: ["owner"] });
  role = crypto.randomUUID();
  await t.asAdmin(async (admin) => {
    await admin.query("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, 'Networking', 'N', 0)", [estate.mspId, role]);
    for (const { vaultRef } of vaults) await admin.query("insert into role_scope (msp_id, vault_ref, role_id, scope, origin) values ($1, $2, $3, '0010', 'client')", [estate.mspId, vaultRef, role]);
  });
});
afterAll(async () => {
  await net.agent.destroy();
  await world.end();
  await t.close();
});

const actorOf = ({ personId, name }: Technician): Actor => personActor({ mspId: estate.mspId, personId, name, rights: ["technician"] });
const readNow = async () => {
  await t.asAdmin((admin) => admin.query("update reading set next_read_at = now(), lease_until = null where next_read_at < '9000-01-01'"));
  const reader = new Reader({ net, db: t.db, clock });
  await reader.run();
  await reader.stop();
};
const plan = (wanted: readonly WantedChange[]) => createPlan(estate.owner, { title: "A change", reason: "Takes over", ticket: null, wanted }, clock, t.db);
const grant = ({ vaultRef }: EstateVault, { personId }: Technician, more: Partial<Extract<WantedChange, { change: "grant" }>> = {}): WantedChange => ({ change: "grant", vaultRef, personId, scopes: "0010", allAccess: false, expiresAt: null, ...more });
/** Tapped, delivered, proven, read. */
const carryOut = async (made: MadePlan, unread: () => Promise<void> = async () => undefined) => {
  await releasePlan(estate, made);
  for (let round = 0; round < 4; round += 1) {
    await hurry(estate);
    await deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
  }
  const shares = await sharesNow(estate, made.planId);
  expect(shares.filter(({ kind }) => kind === "fresh").map(({ state }) => state)).toEqual(shares.filter(({ kind }) => kind === "fresh").map(() => "proven"));
  await unread();
  await readNow();
};
const fails = async (work: Promise<unknown>): Promise<string> => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const openWith = async ({ pair }: Technician, { vault, key, uid, sealed }: SealedLine): Promise<TokenPlaintext | null> => {
  const bytes = await open(pair, tokenInfo({ vault, key, uid }), sealed as SealedToken);
  return bytes && parseTokenPlaintext(bytes);
};
const use = async ({ owned }: EstateVault, opened: TokenPlaintext) => (await owned.owner.as({ agentId: opened.agent, uid: opened.uid, token: opened.token }).get("/entries")).status;
const mine = async (who: Technician) => (await myTokens(actorOf(who), clock, t.db)).tokens;
const actions = () => t.asAdmin(async (admin) => (await admin.query("select action from record where msp_id = $1 order by at, id", [estate.mspId])).rows.map(({ action }) => action as string));
const mails = (template: string) => t.asAdmin(async (admin) => (await admin.query("select to_address from mail where msp_id = $1 and template = $2", [estate.mspId, template])).rows.length);

/** Every text and every byte of every table, as one string: what a thief of the database would search. */
async function everything(): Promise<string> {
  return t.asAdmin(async (admin) => {
    const { rows: tables } = await admin.query<{ name: string }>("select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')");
    const found: string[] = [];
    for (const { name } of tables) found.push((await admin.query<{ all: string | null }>(`select string_agg(x::text, E'\n') as all from public."${name}" x`)).rows[0]?.all ?? "");
    return found.join("\n");
  });
}

describe("tokens in the right hands", () => {
  let opened: TokenPlaintext;
  test("a granted token waits for its person, opens with their key alone, and works at the vault", async () => {
    await carryOut(await plan(vaults.map((vault) => grant(vault, jim))), async () => {
      // A reading that was under way while the vaults handed over: later by the clock, and without the new rows.
      await t.asAdmin((admin) => admin.query("update reading set read_at = now() + interval '1 minute' where msp_id = $1", [estate.mspId]));
      expect((await mine(jim)).map(({ state, letters }) => ({ state, letters }))).toEqual([{ state: "waits", letters: null }, { state: "waits", letters: null }]);
      expect((await waitingFor(actorOf(jim), t.db)).tokens).toBe(2);
    });
    const waiting = await mine(jim);
    expect((await waitingFor(actorOf(jim), t.db)).tokens).toBe(2);
    expect(waiting.map(({ client, state, openable, kind, from, reason }) => ({ client, state, openable, kind, from, reason }))).toEqual(["Acme Dental", "Birchgate Care"].map((client) => ({ client, state: "waits", openable: true, kind: "grant", from: "Ines Halloran", reason: "A change" })));
    expect(waiting.every(({ claimBy, handedAt }) => claimBy! - handedAt! < 24 * hour * 1_000 + slackMs && claimBy! - handedAt! > 23 * hour * 1_000)).toBe(true);
    const ids = waiting.map(({ id }) => id!);
    const sealed = await takeSealed(actorOf(jim), { ids }, t.db);
    expect(sealed).toHaveLength(2);
    expect(await openWith(hana, sealed[0]!)).toBeNull();
    const own = await Promise.all(sealed.map((one) => openWith(jim, one)));
    opened = own[sealed.findIndex(({ client }) => client === "Acme Dental")]!;
    expect(opened.token).toMatch(/^cvt_[A-Za-z0-9_-]{43}$/);
    expect(await use(vaults[0]!, opened)).toBe(200);
    expect(await noteOpened(actorOf(jim), { ids }, clock, t.db)).toEqual({ count: 2 });
    expect(await noteOpened(actorOf(jim), { ids }, clock, t.db)).toEqual({ count: 0 });
    expect((await actions()).filter((action) => action === "tokens.opened")).toHaveLength(1);
  });
  test("a colleague, an owner and another tenant get none of it", async () => {
    const ids = (await mine(jim)).map(({ id }) => id!);
    expect(await takeSealed(actorOf(hana), { ids }, t.db)).toEqual([]);
    expect(await noteOpened(actorOf(hana), { ids }, clock, t.db)).toEqual({ count: 0 });
    expect(await fails(reportStrange(actorOf(hana), { id: ids[0]!, why: "other_key" }, clock, t.db))).toBe("not_found");
    expect(await fails(takeSealed(estate.owner, { ids }, t.db))).toBe("forbidden");
    expect(await takeSealed({ ...actorOf(jim), mspId: await t.msp("Another") }, { ids }, t.db)).toEqual([]);
  });
  test("neither token nor the half that opens it stands anywhere in the database", async () => {
    const text = await everything();
    expect(text).toContain(opened.uid);
    const [raw] = [Buffer.from(opened.token)];
    for (const form of [opened.token, opened.token.slice(4), raw.toString("hex"), raw.toString("base64").replace(/=+$/, ""), raw.toString("base64url"), Buffer.from(jim.pair.privateKey).toString("hex"), Buffer.from(jim.pair.privateKey).toString("base64url")]) expect(text.includes(form)).toBe(false);
  });
  test("a token that its vault saw used is in use, one hour later at the latest", async () => {
    forward(hour);
    await readNow();
    expect((await mine(jim)).map(({ client, state }) => `${client} ${state}`).toSorted()).toEqual(["Acme Dental in_use", "Birchgate Care opened"]);
  });
  test("what nobody used within the day is taken back by the vault itself: no drift, and its person is told", async () => {
    forward(24 * hour + 120);
    await readNow();
    const back = (await mine(jim)).find(({ client }) => client === "Birchgate Care");
    expect(back).toMatchObject({ state: "taken_back", openable: false });
    const rows = ((await vaults[1]!.owned.owner.get("/agents")).json as { agents: { name: string }[] }).agents;
    expect(rows.some(({ name }) => name === "Jim Okafor")).toBe(false);
    expect(await t.asAdmin(async (admin) => (await admin.query("select count(*)::int as count from drift where settled_at is null")).rows[0].count as number)).toBe(0);
    expect(await actions()).toContain("access.ended");
    expect((await mine(jim)).find(({ client }) => client === "Acme Dental")).toMatchObject({ state: "in_use" });
  });
  test("a renewal is one tap: the old token is dead, the new one waits sealed, and the row is the same", async () => {
    expect((await renewals(estate.owner, clock, t.db)).due).toEqual([]);
    await setPolicy(estate.owner, { ...usualPolicy, renewDays: 7 }, clock, t.db);
    forward(7 * 24 * hour);
    const { due } = await renewals(estate.owner, clock, t.db);
    expect(due.map(({ client, person, hindrance }) => ({ client, person, hindrance }))).toEqual([{ client: "Acme Dental", person: "Jim Okafor", hindrance: null }]);
    const before = (await mine(jim)).find(({ client }) => client === "Acme Dental")!;
    await readNow();
    await carryOut(await planRenewal(estate.owner, clock, t.db));
    expect(await use(vaults[0]!, opened)).toBe(401);
    const after = (await mine(jim)).find(({ client }) => client === "Acme Dental")!;
    expect(after).toMatchObject({ state: "waits", kind: "reissue", uid: before.uid, claimBy: null });
    const [sealed] = await takeSealed(actorOf(jim), { ids: [after.id!] }, t.db);
    const renewed = (await openWith(jim, sealed!))!;
    expect(renewed).toMatchObject({ uid: opened.uid, agent: opened.agent });
    expect(await use(vaults[0]!, renewed)).toBe(200);
    expect(await fails(planRenewal(estate.owner, clock, t.db))).toBe("plan_empty");
    expect(await fails(planRenewal(actorOf(jim), clock, t.db))).toBe("forbidden");
  });
  test("a seal that is not theirs raises the alarm once: record, mail to every owner, and no more offer to open it", async () => {
    const [line] = await mine(jim);
    expect(await reportStrange(actorOf(jim), { id: line!.id!, why: "other_key" }, clock, t.db)).toEqual({ client: line!.client });
    await reportStrange(actorOf(jim), { id: line!.id!, why: "not_opened" }, clock, t.db);
    expect(await mails("seal_strange")).toBe(2);
    expect((await actions()).filter((action) => action === "token.strange")).toHaveLength(1);
    expect((await mine(jim)).find(({ id }) => id === line!.id)).toMatchObject({ state: "strange", openable: false });
  });
});

const asking = (more: Partial<Parameters<typeof askAccess>[1]> = {}) => ({ vaults: [vaults[1]!.vaultRef], hours: 4, reason: "Printer down", ticket: "QM-7", roles: [role], ...more });
describe("requests", () => {
  test("who may ask sees clients by name and room, and nothing more", async () => {
    const form = await askForm(actorOf(hana), t.db);
    expect(form.vaults.map(({ client, roles, full }) => ({ client, roles, full }))).toEqual(["Acme Dental", "Birchgate Care"].map((client) => ({ client, roles: [role], full: "leased" })));
    expect(await fails(askForm(estate.owner, t.db))).toBe("forbidden");
  });
  test("asked, mailed to owners, answered by another: a plan with an end, the token arrives sealed, the vault ends it", async () => {
    const { id } = await askAccess(actorOf(hana), asking(), clock, t.db);
    expect(await mails("request_made")).toBe(2);
    const [line] = await listRequests(estate.owner, clock, t.db);
    expect(line).toMatchObject({ id, state: "open", person: "Hana Kobayashi", hours: 4, mine: false, vaults: [{ client: "Birchgate Care", has: false, others: [] }] });
    expect(await fails(approveRequest(actorOf(jim), { id }, clock, t.db))).toBe("forbidden");
    const made = await approveRequest(second, { id, hours: 2 }, clock, t.db);
    expect(await fails(approveRequest(second, { id }, clock, t.db))).toBe("request_over");
    expect((await listRequests(actorOf(hana), clock, t.db))[0]).toMatchObject({ id, state: "planned", mine: true, givenHours: 2, answeredBy: "Priya Raman" });
    await carryOut(made);
    expect((await listRequests(actorOf(hana), clock, t.db))[0]).toMatchObject({ state: "given" });
    expect(await mails("request_answered")).toBe(1);
    const token = (await mine(hana)).find(({ state }) => state === "waits");
    expect(token!.until! - clock.now().getTime()).toBeLessThanOrEqual(2 * hour * 1_000);
    const [sealed] = await takeSealed(actorOf(hana), { ids: [token!.id!] }, t.db);
    const opened = (await openWith(hana, sealed!))!;
    expect(await use(vaults[1]!, opened)).toBe(200);
    forward(2 * hour + 120);
    expect(await use(vaults[1]!, opened)).toBe(401);
    await readNow();
    expect((await mine(hana))[0]).toMatchObject({ state: "gone" });
  });
  test("nobody answers their own, in code and in the table", async () => {
    const both = personActor({ mspId: estate.mspId, personId: hana.personId, name: hana.name, rights: ["owner", "technician"] });
    const { id } = await askAccess(both, asking(), clock, t.db);
    expect(await fails(approveRequest(both, { id }, clock, t.db))).toBe("request_own");
    expect(await fails(refuseRequest(both, { id, words: "No" }, clock, t.db))).toBe("request_own");
    await expect(t.asAdmin((admin) => admin.query("update access_request set answer = 'refused', answered_at = now(), answered_by = person_id, words = 'x' where request_id = $1", [id]))).rejects.toThrow(/check constraint/);
    await refuseRequest(second, { id, words: "Ask on Monday." }, clock, t.db);
    expect((await listRequests(both, clock, t.db)).find((one) => one.id === id)).toMatchObject({ state: "refused", words: "Ask on Monday." });
  });
  test("no longer than the organisation allows: neither asked nor given", async () => {
    expect(await fails(askAccess(actorOf(hana), asking({ hours: usualPolicy.longestHours + 1 }), clock, t.db))).toBe("request_long");
    expect(await fails(askAccess(actorOf(hana), asking({ hours: usualPolicy.longestFullHours + 1, roles: ["full"] }), clock, t.db))).toBe("request_long");
    const { id } = await askAccess(actorOf(hana), asking(), clock, t.db);
    expect(await fails(approveRequest(second, { id, hours: 5 }, clock, t.db))).toBe("request_long");
    await withdrawRequest(actorOf(hana), { id }, clock, t.db);
    expect(await fails(withdrawRequest(actorOf(hana), { id }, clock, t.db))).toBe("request_over");
    expect(await fails(approveRequest(second, { id }, clock, t.db))).toBe("request_over");
  });
  test("a role or a client's tag with a time of its own: neither asked nor given for longer", async () => {
    const { id } = await askAccess(actorOf(hana), asking({ hours: 3 }), clock, t.db);
    const set = (lengths: LengthRule[]) => setPolicy(estate.owner, { ...usualPolicy, lengths }, clock, t.db);
    for (const rule of [{ roleId: role, tag: null, hours: 2 }, { roleId: null, tag: "vip", hours: 2 }]) {
      await t.asAdmin((admin) => admin.query("update client set tags = $2 where msp_id = $1", [estate.mspId, rule.tag === null ? [] : [rule.tag]]));
      await set([rule]);
      expect(await fails(askAccess(actorOf(hana), asking({ hours: 3 }), clock, t.db))).toBe("request_long");
      expect(await fails(approveRequest(second, { id }, clock, t.db))).toBe("request_long");
    }
    await set([]);
    await t.asAdmin((admin) => admin.query("update client set tags = '{}' where msp_id = $1", [estate.mspId]));
    await withdrawRequest(actorOf(hana), { id }, clock, t.db);
  });
  test("a role without a number there, a client that is not connected, and one request too many are refused", async () => {
    const bare = crypto.randomUUID();
    await t.asAdmin((admin) => admin.query("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, 'Backup', 'B', 1)", [estate.mspId, bare]));
    expect(await fails(askAccess(actorOf(hana), asking({ roles: [bare] }), clock, t.db))).toBe("request_unnumbered");
    expect(await fails(askAccess(actorOf(hana), asking({ vaults: [crypto.randomUUID()], roles: ["full"] }), clock, t.db))).toBe("moved_on");
    await t.asAdmin((admin) => admin.query("insert into access_request (msp_id, request_id, person_id, kind, roles, full_access, seconds, reason, asked_at) select $1, gen_random_uuid(), $2, 'access', array[$3::uuid], false, 3600, 'One of many', now() from generate_series(1, 20)", [estate.mspId, hana.personId, role]));
    expect(await fails(askAccess(actorOf(hana), asking(), clock, t.db))).toBe("request_limit");
    await t.asAdmin((admin) => admin.query("update access_request set answer = 'withdrawn', answered_at = now(), answered_by = person_id where answer is null and msp_id = $1", [estate.mspId]));
  });
  test("a lost token is asked for anew: the same row, another token", async () => {
    expect(await fails(askRenewal(actorOf(hana), { vaults: [vaults[0]!.vaultRef], reason: "Lost" }, clock, t.db))).toBe("moved_on");
    const { id } = await askRenewal(actorOf(jim), { vaults: [vaults[0]!.vaultRef], reason: "New laptop" }, clock, t.db);
    const before = (await mine(jim)).find(({ client }) => client === "Acme Dental")!;
    await carryOut(await approveRequest(second, { id }, clock, t.db));
    expect((await mine(jim)).find(({ client }) => client === "Acme Dental")).toMatchObject({ uid: before.uid, kind: "reissue", state: "waits" });
  });
});

describe("leases", () => {
  test("many are extended with one plan that keeps their tokens; one's own never, beyond the bound never", async () => {
    const now = () => Math.floor(clock.now().getTime() / 1_000);
    await carryOut(await plan(vaults.map((vault) => grant(vault, hana, { expiresAt: now() + 3 * hour }))));
    const { leases } = await listLeases(estate.owner, clock, t.db);
    expect(leases.map(({ client, name }) => `${client} ${name}`)).toEqual(["Acme Dental Hana Kobayashi", "Birchgate Care Hana Kobayashi"]);
    const rows = leases.map(({ vaultRef, uid }) => ({ vaultRef, uid }));
    const both = personActor({ mspId: estate.mspId, personId: hana.personId, name: hana.name, rights: ["owner", "technician"] });
    expect(await fails(extendLeases(both, { rows, hours: 1, reason: "Night shift" }, clock, t.db))).toBe("lease_own");
    expect(await fails(extendLeases(actorOf(jim), { rows, hours: 1, reason: "Night shift" }, clock, t.db))).toBe("forbidden");
    expect(await fails(extendLeases(estate.owner, { rows, hours: usualPolicy.longestHours, reason: "Night shift" }, clock, t.db))).toBe("request_long");
    expect(await fails(extendLeases(estate.owner, { rows: [{ vaultRef: vaults[0]!.vaultRef, uid: "A".repeat(22) }], hours: 1, reason: "x" }, clock, t.db))).toBe("moved_on");
    const handed = (await mine(hana)).filter(({ state }) => state === "waits").map(({ id }) => id);
    await carryOut(await extendLeases(estate.owner, { rows, hours: 2, reason: "Night shift" }, clock, t.db));
    const later = (await listLeases(estate.owner, clock, t.db)).leases;
    expect(later.map(({ until }, at) => until - leases[at]!.until)).toEqual([2 * hour * 1_000, 2 * hour * 1_000]);
    expect((await mine(hana)).filter(({ state }) => state === "waits").map(({ id }) => id)).toEqual(handed);
  });
  test("a slot is lent for hours in one batch, ends by itself, and is given back with a new token", async () => {
    const acme = vaults[0]!;
    await t.asAdmin((admin) => admin.query("update reading set tokens_limit = tokens_used where vault_ref = $1", [acme.vaultRef]));
    const [full] = await fullVaults(estate.owner, t.db);
    const lender = full!.form.rows.find(({ name }) => name === "Jim Okafor")!;
    const forHours = { vaultRef: acme.vaultRef, uid: lender.uid, borrowerId: hana.personId, hours: 4, roles: [role] };
    expect(await fails(lendSlot(estate.owner, { ...forHours, borrowerId: jim.personId }, clock, t.db))).toBe("invalid");
    expect(await fails(lendSlot(estate.owner, { ...forHours, hours: 400 }, clock, t.db))).toBe("request_long");
    await carryOut(await lendSlot(estate.owner, forHours, clock, t.db));
    const loan = (await listLeases(estate.owner, clock, t.db)).loans[0]!;
    expect(loan).toMatchObject({ client: "Acme Dental", lender: "Jim Okafor", borrower: "Hana Kobayashi", state: "lent" });
    forward(4 * hour + 120);
    await readNow();
    expect((await listLeases(estate.owner, clock, t.db)).loans[0]).toMatchObject({ state: "over" });
    // A rule that came meanwhile holds for what is given back: it is given back with an end.
    await setPolicy(estate.owner, { ...usualPolicy, lengths: [{ roleId: role, tag: null, hours: 6 }] }, clock, t.db);
    const made = await giveSlotBack(estate.owner, { id: loan.id }, clock, t.db);
    expect(made.leftOut).toEqual([]);
    const [, until] = /until (\S+ \S+) UTC/.exec((await showPlan(estate.owner, made.planId, clock, t.db)).lines[0]!.note)!;
    expect(Math.abs(Date.parse(`${until!}Z`) - clock.now().getTime() - 6 * hour * 1_000)).toBeLessThan(120_000);
    await setPolicy(estate.owner, { ...usualPolicy, lengths: [] }, clock, t.db);
    expect(await fails(giveSlotBack(estate.owner, { id: loan.id }, clock, t.db))).toBe("moved_on");
    await carryOut(made);
    expect((await listLeases(estate.owner, clock, t.db)).loans[0]).toMatchObject({ state: "back" });
    expect((await mine(jim)).find(({ client, state }) => client === "Acme Dental" && state === "waits")).toMatchObject({ kind: "grant" });
  });
});
