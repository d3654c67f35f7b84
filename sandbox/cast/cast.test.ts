import { describe, expect, test } from "vitest";
import { isText } from "../../lib/protocol/schema.ts";
import { isScope, parseScopes } from "../../lib/protocol/scopes.ts";
import { CLIENTS } from "./clients.ts";
import { mspOfPattern, patternOf } from "./patterns.ts";
import { MSPS, PEOPLE, personById } from "./people.ts";
import { CEILINGS, type Plan } from "./plans.ts";
import { NUMBERINGS, OWN_SCOPE, ROLES } from "./roles.ts";
import { rowsOf } from "./rows.ts";

const plans = (msp: string): Partial<Record<Plan, number>> => {
  const counts: Partial<Record<Plan, number>> = {};
  for (const { plan, pattern } of CLIENTS) if (mspOfPattern(pattern) === msp) counts[plan] = (counts[plan] ?? 0) + 1;
  return counts;
};

describe("the reference portfolio", () => {
  test("has the plans that SPEC 7 names, and a second MSP with MME and Enterprise", () => {
    expect(plans("quillmoor")).toEqual({ "Team 10": 30, "Team 25": 15, "Team 100": 5, Pro: 1 });
    expect(plans("fernhill")).toEqual({ MME: 1, Enterprise: 1 });
  });
  test("its MSP has twenty technicians, one of them on leave, and two owners with keys", () => {
    const ours = PEOPLE.filter(({ msp }) => msp === "quillmoor");
    expect(ours.filter(({ work }) => work === "technician")).toHaveLength(20);
    expect(ours.filter(({ onLeave }) => onLeave).map(({ name }) => name)).toEqual(["Marcus Bellamy"]);
    for (const { id } of MSPS) expect(PEOPLE.filter(({ msp, signers }) => msp === id && signers.length > 0)).toHaveLength(2);
  });
  test("every technician has a token at one client or more", () => {
    const placed = new Set(CLIENTS.flatMap((client) => rowsOf(client).map(({ technician }) => technician)));
    expect(PEOPLE.filter(({ work, id }) => work === "technician" && !placed.has(id))).toEqual([]);
  });
  test("ids are unique, and names but for the one pair that shares one on purpose", () => {
    expect(new Set(CLIENTS.map(({ id }) => id)).size).toBe(CLIENTS.length);
    expect(new Set(CLIENTS.map(({ admin }) => admin.name)).size).toBe(CLIENTS.length);
    expect(new Set(CLIENTS.map(({ admin }) => admin.phone)).size).toBe(CLIENTS.length);
    const names = CLIENTS.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual(["Harbour Street Clinic"]);
  });
  test("carries the names that break things", () => {
    const names = [...CLIENTS, ...PEOPLE].map(({ name }) => name);
    expect(names.every((name) => isText(name))).toBe(true);
    expect(CLIENTS.some(({ name }) => name.length === 60)).toBe(true);
    expect(names.some((name) => name.startsWith("="))).toBe(true);
    expect(names.filter((name) => /\p{Script=Arabic}/u.test(name))).toHaveLength(2);
  });
});

describe("a client's rows", () => {
  test.each(CLIENTS.map((client) => [client.id, client] as const))("%s: fit its plan once the owner's and the MSP's are there", (_, client) => {
    const rows = rowsOf(client);
    const { tokens } = CEILINGS[client.plan];
    expect(rows.length + 2).toBe(client.tokens);
    expect(client.tokens).toBeLessThanOrEqual(tokens ?? Infinity);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    for (const { scopes } of rows) expect(parseScopes(scopes)).not.toBeNull();
    const employers = rows.flatMap(({ technician }) => (technician === null ? [] : [personById(technician).msp]));
    expect(employers.filter((msp) => msp !== mspOfPattern(client.pattern))).toEqual([]);
    expect(employers.length).toBeGreaterThan(0);
  });
  test("two clients have no free token", () => {
    expect(CLIENTS.filter(({ plan, tokens }) => CEILINGS[plan].tokens === tokens).map(({ id }) => id)).toEqual(["acme-dental", "pennard"]);
  });
  test("one cell holds five roles", () => {
    const rows = CLIENTS.flatMap((client) => rowsOf(client));
    expect(rows.some(({ technician, scopes }) => technician !== null && parseScopes(scopes)!.length === 5)).toBe(true);
  });
  test("role numbers are scopes, distinct in a vault, and never the one of the client's own programs", () => {
    for (const numbers of Object.values(NUMBERINGS)) {
      const all = [...Object.values(numbers), OWN_SCOPE];
      expect(all.every(isScope)).toBe(true);
      expect(new Set(all).size).toBe(ROLES.length + 1);
    }
  });
  test("patterns name people who exist, once each", () => {
    for (const { pattern } of CLIENTS) {
      const ids = patternOf(pattern).map(([id]) => personById(id).id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});
