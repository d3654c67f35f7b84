import { describe, expect, test } from "vitest";
import { blameFor, choicesOf, filterClients, folded, noFilter } from "./filter.ts";
import { foldState, lineOf, type ClientLine } from "./list.ts";
import { initialsOf, slotsOf, splitRows, unusedMs, type KnownRow } from "./rows.ts";
import { roleScopesOf } from "../role/letters.ts";

const now = 1_800_000_000_000;
const day = 86_400_000;
const row = (given: Partial<KnownRow>): KnownRow => ({ uid: "u", agentId: 17, name: "Sarah", kind: "human", scopes: "0010", allAccess: false, admin: false, managedBy: "manager", createdAt: now - 200 * day, expiresAt: null, claimBy: null, lastUsedAt: now - day, locked: false, handOver: "sealed", person: null, ...given });
const manager = row({ uid: "manager", name: "Quillmoor IT", scopes: "", admin: true, managedBy: null });
const roles = roleScopesOf([{ scope: "0010", roleId: "n", name: "Networking", letter: "N", position: 0 }]);
const place = { managerUid: "manager", connectedAt: now - 150 * day };
const split = (rows: KnownRow[], appeared: Parameters<typeof splitRows>[3] = []) => splitRows(rows, roles, place, appeared, now);

describe("the rows of a vault", () => {
  test("ours are those that our manager manages; the rest are the client's own; our blind row is neither", () => {
    const { ours, own, manager: blind } = split([manager, row({ uid: "a" }), row({ uid: "b", managedBy: null, allAccess: true, admin: true, name: "Admin" }), row({ uid: "c", managedBy: "another", name: "Other MSP's" }), row({ uid: "d", managedBy: null, kind: "agent", name: "CI" })]);
    expect([ours.map(({ uid }) => uid), own.map(({ uid, what }) => [uid, what]), blind?.uid]).toEqual([["a"], [["b", "owner"], ["d", "program"], ["c", "person"]], "manager"]);
  });
  test("full access stands first, then names", () => expect(split([row({ uid: "b", name: "Bo" }), row({ uid: "a", name: "Al" }), row({ uid: "z", name: "Zoe", allAccess: true })]).ours.map(({ uid }) => uid)).toEqual(["z", "a", "b"]));
  test("sixty days without use are unused, also for a token that was never used", () => {
    const [used, stale, never, fresh] = split([row({ uid: "1" }), row({ uid: "2", name: "T2", lastUsedAt: now - unusedMs }), row({ uid: "3", name: "T3", lastUsedAt: null }), row({ uid: "4", name: "T4", lastUsedAt: null, createdAt: now - day })]).ours;
    expect([used!.unused, stale!.unused, never!.unused, fresh!.unused]).toEqual([false, true, true, false]);
  });
  test("an end within a week is said, and a token that was not taken yet", () => {
    expect(split([row({ expiresAt: now + 8 * day })]).ours[0]).toMatchObject({ ending: false, unopened: false });
    expect(split([row({ expiresAt: now + day, lastUsedAt: null, claimBy: now + day })]).ours[0]).toMatchObject({ ending: true, unopened: true });
  });
  test("where a row came from: handed over, a tap, found and accepted, found and open", () => {
    const seen = { uid: "u", seenAt: now - day, acceptedAt: null, acceptedBy: null };
    expect(split([row({})]).ours[0]!.origin.kind).toBe("connect");
    expect(split([row({ createdAt: now - day })]).ours[0]!.origin.kind).toBe("tap");
    expect(split([row({})], [seen]).ours[0]!.origin.kind).toBe("drift");
    expect(split([row({})], [{ ...seen, acceptedAt: now, acceptedBy: "Ines" }]).ours[0]!.origin).toMatchObject({ kind: "accepted", who: "Ines" });
  });
  test("every token has its slot, whose it is said in words", () => expect(slotsOf(split([manager, row({ uid: "a", name: "Guðrún Jónsdóttir" }), row({ uid: "b", managedBy: null, name: "Deploy CI" })])).map(({ kind, initials }) => [kind, initials])).toEqual([["own", "DC"], ["plane", ""], ["ours", "GJ"]]));
  test.each([["Sarah Lindqvist", "SL"], ["=Sum Analytics", "SA"], ["مكتبة النخيل", "ما"], ["CI", "CI"], ["IT admin, Rowan Petrie", "IP"], ["😀", "?"], ["", "?"]])("initials of %j are %j", (name, initials) => expect(initialsOf(name)).toBe(initials));
});

const line = (given: Partial<ClientLine>): ClientLine => ({ id: "1", name: "Acme", place: null, aliases: [], tags: [], region: "", plan: "team-10", payer: "msp", state: "connected", step: null, vaults: 1, vaultIds: [], condition: "ok", tokens: { used: 3, limit: 11 }, probe: { result: "blind", at: null, words: null, unprovenSince: null }, people: 0, drift: 0, readAt: null, ...given });
const lines = [line({ id: "a", name: "Ångström Precision AB", tags: ["north"] }), line({ id: "b", name: "مكتبة النخيل", region: "Amman", condition: "silent" }), line({ id: "c", name: "=Sum Analytics", condition: "lying", probe: { result: "not_blind", at: null, words: null, unprovenSince: null } }), line({ id: "d", name: "Lindqvist & Øst", tags: ["north", "pod-a"], tokens: { used: 11, limit: 11 }, drift: 2, condition: "failover" }), line({ id: "e", name: "Oakmere", state: "ended", condition: "ended", vaultIds: ["oiXLBA"] })];
const found = (part: Partial<typeof noFilter>) => filterClients(lines, { ...noFilter, ...part }).map(({ id }) => id).join("");

describe("finding clients", () => {
  test.each([[{ q: "angstrom" }, "a"], [{ q: "ost lind" }, "d"], [{ q: "النخيل" }, "b"], [{ q: "=sum" }, "c"], [{ q: "oixlba" }, "e"], [{ q: "amman" }, "b"], [{ q: "  " }, "abcde"], [{ tags: ["north", "pod-a"] }, "d"], [{ health: "stuck" }, "bd"], [{ health: "lying" }, "c"], [{ probe: "not-blind" }, "c"], [{ drifted: true }, "d"], [{ full: true }, "d"], [{ state: "ended" }, "e"], [{ plan: "team-25" }, ""]] as const)("%j finds %j", (part, ids) => expect(found(part)).toBe(ids));
  test("the one condition to blame for an empty list is named", () => {
    expect(blameFor(lines, { ...noFilter, q: "oakmere", health: "silent" })).toEqual({ off: "q", found: 1 });
    expect(blameFor(lines, { ...noFilter, q: "none", plan: "no-plan" })).toBeNull();
  });
  test("only what is there is offered", () => expect(choicesOf(lines)).toEqual({ tags: ["north", "pod-a"], plans: ["team-10"], healths: ["lying", "stuck", "silent", "failover", "ended", "ok"], states: ["connected", "ended"] }));
  test("folding keeps scripts that have no accents", () => expect(folded("Łąka ŒUVRE مكتبة")).toBe("laka oeuvre مكتبة"));
});

describe("a client in one line", () => {
  const facts = { state: "connected" as const, vaultId: "abc", health: "ok" as const, readAt: 5, used: 3, limit: 11, drift: 0, probe: "blind" as const, probeAt: 4, probeWords: null, unprovenSince: null, asked: null };
  const client = { client_id: "1", name: "Acme", aliases: [] as string[], tags: [], region: "Leith", plan: "team-10", payer: "msp" as const, leaving: false, ended: false, people: 2, namesakes: 1 };
  test("what has ended says nothing about today", () => expect(lineOf({ ...client, vaults: [facts, { ...facts, state: "ended", readAt: 1, drift: 3, used: 11, probe: "not_blind" }] }, 9)).toMatchObject({ state: "connected", drift: 0, readAt: 5, tokens: { used: 3, limit: 11 }, probe: { result: "blind" }, condition: "ok" }));
  test("of several vaults the fullest, the oldest reading and the worst state are told", () => expect(lineOf({ ...client, vaults: [facts, { ...facts, readAt: 2, used: 26, limit: 26, health: "silent" }] }, 9)).toMatchObject({ tokens: { used: 26, limit: 26 }, readAt: 2, condition: "silent" }));
  test("a namesake without another name is told apart by its region, else by its vault", () => {
    expect(lineOf({ ...client, vaults: [facts], namesakes: 2 }, 9).place).toBe("Leith");
    expect(lineOf({ ...client, region: "", vaults: [facts], namesakes: 2 }, 9).place).toBe("abc");
    expect(lineOf({ ...client, vaults: [facts], aliases: ["Cork"] }, 9).place).toBe("Cork");
    expect(lineOf({ ...client, vaults: [facts] }, 9).place).toBeNull();
  });
  test("the next step of what is not finished", () => {
    expect(lineOf({ ...client, vaults: [] }, 9)).toMatchObject({ state: "new", step: { verb: "Ask for their vault" } });
    expect(lineOf({ ...client, vaults: [{ ...facts, state: "unconfirmed" }] }, 9)).toMatchObject({ state: "unconfirmed", step: { verb: "Compare the codes" } });
    expect(lineOf({ ...client, leaving: true, vaults: [{ ...facts, state: "stopped" }] }, 9)).toMatchObject({ state: "leaving", step: null });
  });
  test("the state that a person has to know first", () => {
    const is = (...states: Parameters<typeof foldState>[0][number][]) => foldState(states, { leaving: false, ended: false });
    expect([is(), is("asking"), is("asking", "connected"), is("connected", "unconfirmed"), is("unconfirmed", "stopped"), is("ended"), is("ended", "asking")]).toEqual(["new", "asking", "connected", "unconfirmed", "stopped", "ended", "asking"]);
  });
});
