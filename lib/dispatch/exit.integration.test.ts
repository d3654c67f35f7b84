/** The end of a connection by one tap, proven with and without its receipt, over real vaults. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules } from "#sandbox/fault-proxy/rules.ts";
import { op } from "#vault/testing/client.ts";
import type { TestDatabase } from "../../tests/database.ts";
import { Refusal } from "../errors.ts";
import { personActor } from "../identity/actor.ts";
import { createPlan } from "../plan/create.ts";
import { planExit, previewExit } from "../plan/exit.ts";
import { fromB64u } from "../protocol/bytes.ts";
import type { Receipt, Statement } from "../protocol/messages.ts";
import { verifyAnswer, verifySigned } from "../protocol/signed.ts";
import { certificateOf, exitsOf } from "../receipt/certificate.ts";
import type { Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import { deliverDispatches } from "./deliver.ts";
import { addTechnician, addVaults, hurry, readAll, releasePlan, sharesNow, type Estate, type EstateVault, type Technician } from "./testing/estate.ts";
import { openGround, type Ground } from "./testing/ground.ts";

let ground: Ground;
let t: TestDatabase;
let net: Net;
let proxy: FaultProxy;
let estate: Estate;
let jim: Technician;
const clock = { now: () => new Date() };

beforeAll(async () => {
  ground = await openGround({ callMs: 1_500, clock });
  ({ t, net, proxy, estate } = ground);
  jim = await addTechnician(estate, "Jim Okafor");
});
beforeEach(() => proxy.book.replace([]));
afterAll(() => ground.end());

const deliver = () => deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
const exitOf = ({ clientId }: EstateVault) => planExit(estate.owner, { clientId, reason: "The contract ends" }, clock, t.db, net);
const fails = async (work: Promise<unknown>): Promise<string> => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const vaultRow = async ({ vaultRef }: EstateVault) => (await t.asAdmin((admin) => admin.query("select state, ended_by, sealed_token, (select ended_at is not null from client c where c.client_id = v.client_id) as client_ended from vault v where vault_ref = $1", [vaultRef]))).rows[0] as { state: string; ended_by: string | null; sealed_token: Buffer | null; client_ended: boolean };
const rowsOf = async ({ owned }: EstateVault) => ((await owned.owner.get("/agents")).json as { agents: { name: string; admin: boolean }[] }).agents.map(({ name }) => name);

async function connected(name: string): Promise<EstateVault> {
  const [vault] = (await addVaults(estate, [name], { dial: `http://127.0.0.1:${proxy.port}` })) as [EstateVault];
  const made = await createPlan(estate.owner, { title: "Jim", reason: null, ticket: null, wanted: [{ change: "grant", vaultRef: vault.vaultRef, personId: jim.personId, scopes: "0010", allAccess: false, expiresAt: null }] }, clock, t.db);
  await releasePlan(estate, made);
  await deliver();
  await vault.owned.owner.must([op("POST", "/agent", { name: "Deploy CI", kind: "agent", scopes: "0010", all_access: false, admin: false })], { keys: [vault.owned.key] });
  await readAll(estate);
  return vault;
}

describe("what an exit says before it is signed", () => {
  test("our own row, our signers and every token we manage go; the client's own rows stay", async () => {
    const vault = await connected("Acme Dental");
    const preview = await previewExit(estate.owner, { clientId: vault.clientId }, clock, t.db, net);
    const { before } = preview.vaults[0]!;
    expect(before!.statement.statement.agents.map(({ name }) => name)).toEqual(["Jim Okafor"]);
    expect(before!.credentials).toHaveLength(1);
    expect(before!.own.map(({ name }) => name)).toEqual(["Deploy CI"]);
    expect(await rowsOf(vault)).toContain("Jim Okafor");
  });
  test("a technician, finance and an auditor can neither see nor plan it", async () => {
    const vault = estate.vaults[0]!;
    for (const right of ["technician", "finance", "auditor"]) {
      const actor = personActor({ mspId: estate.mspId, personId: crypto.randomUUID(), name: "Priya Raman", rights: [right] });
      expect(await fails(previewExit(actor, { clientId: vault.clientId }, clock, t.db, net))).toBe("forbidden");
      expect(await fails(planExit(actor, { clientId: vault.clientId, reason: null }, clock, t.db, net))).toBe("forbidden");
    }
  });
});

describe("an exit by one tap", () => {
  test("is proven by the receipt and the primary's signed 401, and leaves nothing of ours in the vault nor of the token here", async () => {
    const vault = await connected("Birchgate Care");
    const made = await exitOf(vault);
    await releasePlan(estate, made);
    await deliver();
    expect(await sharesNow(estate, made.planId)).toMatchObject([{ kind: "fresh", state: "proven" }]);
    expect(await rowsOf(vault)).not.toContain("Jim Okafor");
    expect(await rowsOf(vault)).toContain("Deploy CI");
    expect(await vaultRow(vault)).toEqual({ state: "ended", ended_by: "msp", sealed_token: null, client_ended: true });
    expect(await exitsOf(estate.owner, vault.clientId, t.db)).toMatchObject([{ endedBy: "msp", certificate: true }]);
    const certificate = await certificateOf(estate.owner, { vaultRef: vault.vaultRef, planId: made.planId }, t.db);
    const { key } = certificate.vault;
    const { statement, signature } = certificate.before as { statement: Statement; signature: string };
    expect(await verifySigned("statement", statement, signature, key)).toBe(true);
    const { receipt, signature: signed } = certificate.receipt as { receipt: Receipt; signature: string };
    expect(await verifySigned("receipt", receipt, signed, key)).toBe(true);
    expect(receipt.results).toMatchObject([{ status: "deleted" }]);
    const gone = certificate.gone as { answer: string; body: string; method: string; nonce: string; status: number; target: string };
    const context = { agent: null, body: fromB64u(gone.body), method: gone.method, nonce: gone.nonce, status: gone.status, target: gone.target, vault: certificate.vault.id };
    expect(await verifyAnswer(gone.answer, context, key)).toMatchObject({ mode: "primary" });
    expect(gone.status).toBe(401);
    // Nobody can take the file for another vault's, or another time's: every part is under the signature.
    expect(await verifyAnswer(gone.answer, { ...context, status: 200 }, key)).toBeNull();
  });
  test("its answer was lost: the token that would fetch the receipt is dead, and the signed 401 proves it", async () => {
    const vault = await connected("Calloway Freight");
    const made = await exitOf(vault);
    await releasePlan(estate, made);
    proxy.book.replace(parseRules([{ match: { path: "/batch" }, times: 1, fault: { kind: "lose" } }]));
    await deliver();
    expect(await sharesNow(estate, made.planId)).toMatchObject([{ state: "sent" }]);
    expect((await vaultRow(vault)).state).toBe("connected");
    await hurry(estate);
    await deliver();
    expect(await sharesNow(estate, made.planId)).toMatchObject([{ state: "proven", words: expect.stringContaining("receipt was lost") as string }]);
    expect(await vaultRow(vault)).toMatchObject({ state: "ended", ended_by: "msp" });
    expect((await certificateOf(estate.owner, { vaultRef: vault.vaultRef, planId: made.planId }, t.db)).receipt).toBeNull();
  });
  test("a 401 that nobody signed ends nothing", async () => {
    const vault = await connected("Düsterwald Maschinenbau");
    const made = await exitOf(vault);
    await releasePlan(estate, made);
    proxy.book.replace(parseRules([{ match: {}, fault: { kind: "status", status: 401, retry_after: null } }]));
    await deliver();
    expect(await sharesNow(estate, made.planId)).toMatchObject([{ state: "sent" }]);
    expect((await vaultRow(vault)).state).toBe("connected");
    proxy.book.replace([]);
    await hurry(estate);
    await deliver();
    expect((await vaultRow(vault)).state).toBe("ended");
  });
  test("the client ended it between plan and delivery: ours did nothing, and it is said to be theirs", async () => {
    const vault = await connected("Fenwick Orchard Cider");
    const made = await exitOf(vault);
    await releasePlan(estate, made);
    const { agents } = (await vault.owned.owner.get("/agents")).json as { agents: { id: number; uid: string }[] };
    const { id, uid } = agents.find((one) => one.uid === vault.manager.account.uid)!;
    await vault.owned.owner.must([op("DELETE", `/agent/${id}`, null, { uid })], { keys: [vault.owned.key] });
    await deliver();
    expect(await sharesNow(estate, made.planId)).toMatchObject([{ state: "refused", words: "The client had ended it before." }]);
    expect(await vaultRow(vault)).toMatchObject({ state: "ended", ended_by: "client" });
  });
  test("the client ended it first: seen by reading, said to be theirs, and no certificate of ours", async () => {
    const vault = await connected("Elmstead Housing");
    const manager = ((await vault.owned.owner.get("/agents")).json as { agents: { id: number; uid: string; admin: boolean; managed_by: string | null }[] }).agents.find(({ uid }) => uid === vault.manager.account.uid)!;
    await vault.owned.owner.must([op("DELETE", `/agent/${manager.id}`, null, { uid: manager.uid })], { keys: [vault.owned.key] });
    await readAll(estate);
    expect(await vaultRow(vault)).toMatchObject({ state: "ended", ended_by: "client" });
    expect(await exitsOf(estate.owner, vault.clientId, t.db)).toMatchObject([{ endedBy: "client", certificate: false }]);
    expect(await fails(exitOf(vault))).toBe("plan_empty");
  });
});
