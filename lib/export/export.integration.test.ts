import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actorOf, setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { addEvents, addTrailClient, type TrailClient } from "../audit/testing/trail.ts";
import { addPerson, ownerOf } from "../known/testing/connected.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { askExport, cancelExport, lookAtExport } from "./ask.ts";
import { runExports, writePiece } from "./run.ts";
import { fetchExport, listExports, showExport } from "./show.ts";
import { verifyExport } from "./verify.ts";

let t: TestDatabase;
let mspId: string;
let owner: Actor;
let large: TrailClient;
const now = Math.floor(Date.now() / 1000) * 1000 - 1000;
const clock = { now: () => new Date(now + 500) };

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  mspId = await t.msp("Quillmoor IT");
  owner = ownerOf(mspId, await addPerson(t, mspId, "Ines Halloran", ["owner"]));
  large = await addTrailClient(t, mspId, "Foxglove Pharmacies", "mme");
  const small = await addTrailClient(t, mspId, "=Elmstead", "team-25");
  await addEvents(t, mspId, large, { count: limits.exportPiece + 500, until: now });
  await addEvents(t, mspId, small, { count: 40, until: now });
  await write(actorOf(mspId), (tx) => record(tx, { action: "plan.withdrawn", fields: { title: "x" } }));
}, 60_000);
afterAll(async () => {
  await database().$disconnect();
  await t?.close();
});

async function fileOf(id: string): Promise<Buffer> {
  const { piece } = await fetchExport(owner, { id }, t.db);
  const parts: Uint8Array[] = [];
  for (let at = 0; ; at += 1) {
    const bytes = await piece(at);
    if (!bytes) return Buffer.concat(parts);
    parts.push(bytes);
  }
}
const judged = async (file: Buffer) => verifyExport((async function* () { yield file; })());
const ask = (query: string, format: "csv" | "jsonl" | "ocsf" = "jsonl") => askExport(owner, { query, format }, clock, t.db);

describe("an export", () => {
  test.each(["csv", "jsonl", "ocsf"] as const)("of several clients as %s holds those whose plan has it, names the others, and is whole", async (format) => {
    const { id } = await ask("", format);
    await runExports({ db: t.db });
    expect(await showExport(owner, { id }, t.db)).toMatchObject({ state: "done" });
    const file = await fileOf(id);
    const verdict = await judged(file);
    expect(verdict.faults).toEqual(format === "jsonl" ? verdict.faults.filter(({ kind }) => kind === "event") : []);
    expect(verdict.manifest?.left_out).toMatchObject([{ client: "=Elmstead", plan: "Team 25" }]);
    expect(verdict.manifest?.vaults).toMatchObject([{ client: "Foxglove Pharmacies", missing: ["nothing of its log was read yet"] }]);
    expect(verdict.lines).toBeGreaterThanOrEqual(limits.exportPiece + 500 + 2);
    expect(file.includes("entry-7")).toBe(true);
    // Ids of the client that is left out stand nowhere.
    expect(file.toString("utf8").match(/"client":\{"id":"[^"]+","name":"=Elmstead"/g)).toBeNull();
  });
  test("holds our own records about its clients and about no client, as its first line says, and none about a client left out, however new", async () => {
    const left = (await t.asAdmin((admin) => admin.query<{ client_id: string }>("select client_id from client where msp_id = $1 and name = '=Elmstead'", [mspId]))).rows[0]!.client_id;
    const said = async (title: string, id: string | null) => write(actorOf(mspId), (tx) => record(tx, { action: "plan.withdrawn", ...(id !== null && { target: { kind: "client", id } }), fields: { title } }));
    await said("about none", null);
    await said("about Foxglove", large.clientId);
    await said("about Elmstead", left);
    await t.asAdmin((admin) => admin.query("update record set at = to_timestamp($2::float8 / 1000) where msp_id = $1 and fields->>'title' like 'about %'", [mspId, now]));
    const held = async (query: string) => {
      expect((await lookAtExport(owner, { query }, t.db)).ours).toBe(ours[query]);
      const { id } = await ask(query);
      await runExports({ db: t.db });
      const file = await fileOf(id);
      const { manifest } = await judged(file);
      expect(manifest?.own_records).toBe(ours[query]);
      return ["about none", "about Foxglove", "about Elmstead"].filter((title) => file.includes(`"title":"${title}"`));
    };
    const ours: Record<string, string> = { "source:console": "of_clients_and_none", "source:console client:foxglove": "of_clients", "source:console client:foxglove client:=elmstead": "of_clients", "kind:code": "not_asked" };
    expect(await held("source:console")).toEqual(["about none", "about Foxglove"]);
    expect(await held("source:console client:foxglove")).toEqual(["about Foxglove"]);
    expect(await held("source:console client:foxglove client:=elmstead")).toEqual(["about Foxglove"]);
    expect(await held("kind:code")).toEqual([]);
  });
  test("of one client is in every plan, and holds nothing of another", async () => {
    expect(await lookAtExport(owner, { query: "client:=elmstead" }, t.db)).toEqual({ one: "=Elmstead", clients: 1, leftOut: [], ours: "of_clients" });
    const { id } = await ask("client:=elmstead");
    await runExports({ db: t.db });
    const verdict = await judged(await fileOf(id));
    // Its events, what we did about it, and the two lines of every file.
    expect(verdict.lines).toBe(40 + 1 + 2);
  });
  test("of clients whose plans all lack it is refused with the plan that has it, and nothing is begun", async () => {
    const before = (await listExports(owner, t.db)).length;
    await addTrailClient(t, mspId, "=Elmstead North", "team-10");
    await expect(ask("client:=elmstead")).rejects.toMatchObject({ failure: { code: "export_plan", detail: expect.stringContaining("MME") } });
    expect((await listExports(owner, t.db)).length).toBe(before);
    const { id } = await ask("source:console");
    await runExports({ db: t.db });
    expect((await showExport(owner, { id }, t.db)).state).toBe("done");
  });
  test("that a killed worker left in the middle is gone on with: nothing twice, nothing lost", async () => {
    const { id } = await ask("source:vault client:foxglove");
    const claim = async () => (await t.db.$queryRaw<{ mspId: string; exportId: string; fence: bigint }[]>`select msp_id as "mspId", export_id as "exportId", fence from audit_export_claim(60)`)[0];
    const first = (await claim())!;
    expect(await writePiece(first, t.db)).toBe("more");
    expect(await showExport(owner, { id }, t.db)).toMatchObject({ state: "running", lines: limits.exportPiece + 1 });
    expect(await claim()).toBeUndefined();
    await t.asAdmin((admin) => admin.query("update audit_export set lease_until = now() - interval '1 second' where export_id = $1", [id]));
    const second = (await claim())!;
    // The first one wakes up again: its fence is old, and what it writes is nothing.
    expect(await writePiece(first, t.db)).toBe("over");
    expect(await writePiece(second, t.db)).toBe("over");
    const verdict = await judged(await fileOf(id));
    expect(verdict.lines).toBe(limits.exportPiece + 500 + 2);
    expect(verdict.faults.filter(({ kind }) => kind !== "event")).toEqual([]);
  });
  test("can be stopped, and its file is then not handed out", async () => {
    const { id } = await ask("source:vault");
    await expect(fetchExport(owner, { id }, t.db)).rejects.toMatchObject({ failure: { code: "export_waits" } });
    await cancelExport(owner, { id }, clock, t.db);
    await runExports({ db: t.db });
    expect((await showExport(owner, { id }, t.db)).state).toBe("cancelled");
    await expect(cancelExport(owner, { id }, clock, t.db)).rejects.toMatchObject({ failure: { code: "export_gone" } });
    await expect(fetchExport(owner, { id }, t.db)).rejects.toMatchObject({ failure: { code: "export_waits" } });
  });
  test("more than three at once are refused", async () => {
    const ids = [];
    for (let index = 0; index < limits.exportsAtOnce; index += 1) ids.push(await ask("source:console"));
    await expect(ask("source:console")).rejects.toMatchObject({ failure: { code: "export_busy" } });
    for (const { id } of ids) await cancelExport(owner, { id }, clock, t.db);
  });
  test("is nobody else's, and nobody's without the right", async () => {
    const [mine] = await listExports(owner, t.db);
    const stranger = ownerOf(await t.msp("Harbour Systems"), owner.id);
    await expect(showExport(stranger, { id: mine!.id }, t.db)).rejects.toMatchObject({ failure: { code: "export_gone" } });
    await expect(fetchExport(stranger, { id: mine!.id }, t.db)).rejects.toMatchObject({ failure: { code: "export_gone" } });
    const technician = personActor({ mspId, personId: owner.id, name: "x", rights: ["technician"] });
    for (const refused of [askExport(technician, { query: "", format: "csv" }), listExports(technician), showExport(technician, { id: mine!.id }), fetchExport(technician, { id: mine!.id }), cancelExport(technician, { id: mine!.id }), lookAtExport(technician, { query: "" })]) await expect(refused).rejects.toMatchObject({ failure: { code: "forbidden" } });
  });
});
