import { beforeAll, describe, expect, test } from "vitest";
import { code1, requestHash } from "../../lib/protocol/connect.ts";
import { looserMember } from "../../lib/protocol/grant.ts";
import type { AgentRow, ConnectRequest } from "../../lib/protocol/messages.ts";
import { isScope } from "../../lib/protocol/scopes.ts";
import { clientById, CLIENTS } from "../cast/clients.ts";
import { rowsOf } from "../cast/rows.ts";
import { answerTo, nameRoles, whyNotTap } from "./answer.ts";
import { askToConnect, CONSOLE } from "./testing.ts";

const seed = new Uint8Array(32).fill(3);
const now = Math.floor(Date.now() / 1_000);
const owner = "A".repeat(22);
let request: ConnectRequest;
beforeAll(async () => {
  ({ request } = await askToConnect(seed));
});

const heard = (asked: ConnectRequest): string => code1(requestHash(asked));
const judge = (asked: ConnectRequest, change: Partial<{ consoles: string[]; heard: string; now: number }> = {}): Promise<string | null> =>
  whyNotTap(asked, { consoles: [CONSOLE], heard: heard(asked), now, ...change });

function rowsIn(client: string): AgentRow[] {
  return rowsOf(clientById(client)).map(({ name, kind, scopes, all_access }, i) => ({
    id: i + 0x300, uid: String(i).padStart(22, "B"), scope: "0300", name, kind, scopes, all_access, admin: false, managed_by: owner, created_at: 0,
    expires_at: null, claim_by: null, limits: null, last_used_at: null, locked: false, hand_over: "hash", sealed_to: null, revision: i,
  }));
}
const answer = (client: string, change: Partial<ConnectRequest> = {}, rows = rowsIn(client)): ReturnType<typeof answerTo> =>
  answerTo({ request: { ...request, ...change }, client: clientById(client), rows, owner, now });

describe("before the tap", () => {
  test("an honest request whose code was read out rightly is tapped, also when read in groups and small letters", async () => {
    expect(await judge(request)).toBeNull();
    expect(await judge(request, { heard: heard(request).toLowerCase().replace(/(.{4})/g, "$1 ") })).toBeNull();
  });
  test("a code that differs in one letter is not tapped", async () => {
    const code = heard(request);
    expect(await judge(request, { heard: (code.startsWith("0") ? "1" : "0") + code.slice(1) })).toContain("code 1");
    expect(await judge(request, { heard: "" })).toContain("code 1");
  });
  test("a console that the client does not know is not tapped", async () => {
    expect(await judge(request, { consoles: ["http://localhost:4000"] })).toContain("not where our MSP works");
  });
  test("a reply address elsewhere, and a signer on the console itself, are not tapped", async () => {
    expect(await judge({ ...request, reply_to: "http://localhost:4000/api/connect" })).toContain("reply_to");
    const onConsole = request.signers.map((signer) => ({ ...signer, origin: CONSOLE, rp_id: "localhost" }));
    expect(await judge({ ...request, signers: onConsole })).toContain("signing_origin");
  });
  test("an ended request is not tapped", async () => {
    expect(await judge(request, { now: request.expires_at })).toContain("expired");
  });
  test("a signer's key that was proved for another console is not tapped", async () => {
    const { request: foreign } = await askToConnect(seed, { msp: { name: "Quillmoor IT", origin: "http://localhost:4000" }, reply_to: "http://localhost:4000/api/connect" });
    expect(await judge(foreign, { consoles: ["http://localhost:4000"] })).toContain("does not prove itself");
  });
});

describe("what is given", () => {
  test("every role gets the client's own number", () => {
    expect(answer("acme-dental").roles.find(({ name }) => name === "Backup")?.scope).toBe("0012");
    expect(answer("waterworks").roles.find(({ name }) => name === "Backup")?.scope).toBe("00c0");
  });
  test("a number that is somebody's row is not given to a role, nor one number to two roles", () => {
    const client = clientById("acme-dental");
    const taken = { ...rowsIn("acme-dental")[0]!, id: 0x12 };
    expect(nameRoles({ request, client, rows: [taken] }).map(({ name }) => name)).not.toContain("Backup");
    const roles = [{ name: "Backup", scope: null }, { name: "Copies", scope: "0012" }, { name: "Unheard of", scope: null }];
    expect(nameRoles({ request: { ...request, roles }, client, rows: [] })).toEqual([{ name: "Backup", scope: "0012" }]);
  });
  test("a trusting client gives what is asked and hands over exactly its technicians", () => {
    const given = answer("acme-dental");
    expect(given.grant).toEqual(request.want);
    const theirs = rowsIn("acme-dental").filter(({ name }) => rowsOf(clientById("acme-dental")).some((row) => row.name === name && row.technician !== null));
    expect(given.adopt).toEqual(theirs.map(({ uid, revision }) => ({ uid, revision })));
    expect(given.adopt.length).toBeGreaterThan(5);
  });
  test("a careful client names only the roles' numbers, leases full access and keeps rows outside that", () => {
    const given = answer("foxglove");
    expect(given.grant).toMatchObject({ all_access: "leased", audit: "own", entries: false, max_lease: 90 * 86_400 });
    expect(given.grant.scopes).toEqual(given.roles.map(({ scope }) => scope).sort());
    const priya = rowsIn("foxglove").find(({ name }) => name === "Priya Raman")!;
    expect(priya.all_access).toBe(true);
    expect(given.adopt.map(({ uid }) => uid)).not.toContain(priya.uid);
  });
  test("a client that keeps its people hands nobody over", () => expect(answer("cobalt-lantern").adopt).toEqual([]));
  test("a row under another name, and one that has another manager, stay where they are", () => {
    const rows = rowsIn("saltmarsh");
    const own = rows.find(({ name }) => name === "John, backup")!;
    expect(answer("saltmarsh").adopt.map(({ uid }) => uid)).not.toContain(own.uid);
    const managed = rows.map((row) => ({ ...row, managed_by: "C".repeat(22) }));
    expect(answer("saltmarsh", {}, managed).adopt).toEqual([]);
  });
  test("never more people than the grant allows", () => {
    expect(answer("acme-dental", { want: { ...request.want, max_agents: 3 } }).adopt).toHaveLength(3);
  });
  test.each(CLIENTS.map(({ id }) => id))("%s: never looser than asked, whatever is asked", (id) => {
    for (const want of [request.want, { ...request.want, scopes: ["0010", "0012"], all_access: "never" as const, max_lease: 60, audit: "own" as const }]) {
      const given = answer(id, { want });
      expect(looserMember(given.grant, want)).toBeNull();
      expect(given.roles.every(({ scope }) => isScope(scope))).toBe(true);
    }
  });
});
