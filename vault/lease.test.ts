import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AgentRow, Op } from "#lib/protocol/messages.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { op, type Response, type VaultClient } from "./testing/client.ts";
import { connectMsp, registerVault, startWorld, type ConnectedMsp, type OwnedVault, type World } from "./testing/world.ts";

let world: World;
let vault: OwnedVault;
beforeEach(async () => {
  world = await startWorld();
  vault = await registerVault(world);
});
afterEach(async () => {
  await world.end();
});

const code = (answer: Response): string => (answer.status === 200 ? "200" : `${answer.status} ${String(answer.json.code)}`);
const agents = async (): Promise<AgentRow[]> => (await vault.owner.get("/agents")).json.agents;
const actions = async (): Promise<string[]> => ((await vault.owner.get("/audit")).json.events as { action: string }[]).map(({ action }) => action);

async function row(change: object): Promise<VaultClient> {
  const token = newToken();
  const body = { name: "Row", kind: "human", scopes: "0010", all_access: false, admin: false, token_hash: tokenHash(token), ...change };
  const { receipt } = await vault.owner.must([op("POST", "/agent", body)], { keys: [vault.key] });
  return vault.owner.as({ token, agentId: receipt.results[0]!.agent_id!, uid: receipt.results[0]!.uid! });
}

describe("leases", () => {
  test("a leased row works until its second and is gone from then on, with its event and a new revision", async () => {
    const end = world.clock.now() + 100;
    const client = await row({ expires_at: end });
    const { revision } = (await vault.owner.get("/agents")).json;
    world.clock.forward(90);
    expect((await client.get("/vault")).status).toBe(200);
    world.clock.forward(end - world.clock.now());
    expect((await client.get("/vault")).status).toBe(401);
    const after = (await vault.owner.get("/agents")).json;
    expect(after.agents).toHaveLength(1);
    expect(after.revision).toBe(revision + 1);
    expect((await vault.owner.get("/vault")).json.limits.tokens.used).toBe(1);
    expect(await actions()).toContain("agent.expire");
  });
  test("setting the clock back revives nothing and keeps nothing alive", async () => {
    const client = await row({ expires_at: world.clock.now() + 100 });
    world.clock.forward(99);
    await vault.owner.get("/entries");
    world.clock.setWall(-86_400);
    expect((await client.get("/vault")).status).toBe(200);
    world.clock.setWall(86_400);
    world.clock.forward(2);
    expect((await client.get("/vault")).status).toBe(401);
    world.clock.setWall(-86_400);
    expect((await client.get("/vault")).status).toBe(401);
  });
  test("the vault's time does not follow a clock that is set back", async () => {
    await vault.owner.get("/entries");
    const before = world.clock.now();
    world.clock.setWall(-86_400);
    expect((await vault.owner.get("/vault")).json.now).toBeGreaterThanOrEqual(before);
    const body = { name: "x", kind: "human", scopes: "", all_access: false, admin: false, expires_at: before - 3_600 };
    expect(code(await vault.owner.change([op("POST", "/agent", body)], { keys: [vault.key] }))).toBe("422 invalid");
    const { events } = (await vault.owner.get("/audit")).json as { events: { at: number }[] };
    expect(events.every(({ at }, i) => i === 0 || at >= events[i - 1]!.at)).toBe(true);
  });
  test("a lease can be made longer or taken off by an owner before it ends", async () => {
    const client = await row({ expires_at: world.clock.now() + 100 });
    await vault.owner.must([op("PUT", `/agent/${client.account.agentId}`, { expires_at: null })], { keys: [vault.key] });
    world.clock.forward(1_000);
    expect((await client.get("/vault")).status).toBe(200);
  });
  test("leases end in closed vaults too, by the sweep", async () => {
    await row({ expires_at: world.clock.now() + 100 });
    world.clock.forward(150);
    world.host.sweep(); // closes idle handles, and ends what is due
    world.clock.forward(150);
    world.host.sweep();
    expect(world.host.openCount).toBe(0);
    const client = await row({ expires_at: world.clock.now() + 200 });
    world.clock.forward(199);
    world.host.sweep();
    expect(world.host.openCount).toBe(0);
    world.clock.forward(2);
    world.host.sweep();
    expect(world.host.openCount).toBe(1);
    expect((await client.get("/vault")).status).toBe(401);
    expect((await actions()).filter((action) => action === "agent.expire")).toHaveLength(2);
  });
});

describe("claim_by", () => {
  test("a token that nobody used by then is removed", async () => {
    const client = await row({ claim_by: world.clock.now() + 100 });
    world.clock.forward(101);
    expect((await client.get("/vault")).status).toBe(401);
    expect(await agents()).toHaveLength(1);
  });
  test("one that was used stays", async () => {
    const client = await row({ claim_by: world.clock.now() + 100 });
    expect((await client.get("/vault")).status).toBe(200);
    world.clock.forward(10_000);
    expect((await client.get("/vault")).status).toBe(200);
  });
});

test("a manager that expires takes its signers and rows along, not the client's", async () => {
  const msp = await connectMsp(vault);
  const seal = msp.request.seal_to;
  await msp.manager.must([op("POST", "/agent", { name: "tech", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: seal })], { keys: [msp.signers[0]!] });
  await row({});
  await vault.owner.must([op("PUT", `/agent/${msp.manager.account.agentId}`, { expires_at: world.clock.now() + 60 })], { keys: [vault.key] });
  world.clock.forward(61);
  expect((await msp.manager.get("/vault")).status).toBe(401);
  expect((await agents()).map(({ name }) => name)).toEqual(["Acme", "Row"]);
  const { credentials } = (await vault.owner.get("/credentials")).json;
  expect(credentials.filter(({ revoked }: { revoked: boolean }) => revoked)).toHaveLength(2);
});

describe("standing revocation", () => {
  let msp: ConnectedMsp;
  let tech: { id: number; uid: string };
  const window = (from = 0, to = 86_400): string => `standing/${world.clock.now() + from}/${world.clock.now() + to}`;
  const revoke = (target = tech): Op => op("DELETE", `/agent/${target.id}`, null, { uid: target.uid });
  const deliver = (ops: Op[], challenge: string, by = msp.manager, keys = [msp.signers[0]!]): Promise<Response> => by.change(ops, { keys, challenge });

  beforeEach(async () => {
    msp = await connectMsp(vault);
    const body = { name: "tech", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: msp.request.seal_to };
    const { receipt } = await msp.manager.must([op("POST", "/agent", body)], { keys: [msp.signers[0]!] });
    tech = { id: receipt.results[0]!.agent_id!, uid: receipt.results[0]!.uid! };
  });

  test("delivered days later it ends the row; delivered again it gets its receipt; a second share finds it already gone", async () => {
    const challenge = window(0, 2_592_000);
    const ops = [revoke()];
    const header = await msp.manager.assertion(ops, { keys: [msp.signers[0]!], challenge });
    const second = [revoke()];
    const secondHeader = await msp.manager.assertion(second, { keys: [msp.signers[0]!], challenge });
    world.clock.forward(2_500_000);
    const done = await msp.manager.submit(ops, header);
    expect(done.json.receipt.results[0]).toMatchObject({ status: "deleted", uid: tech.uid });
    expect((await msp.manager.submit(ops, header)).text).toBe(done.text);
    const gone = await msp.manager.submit(second, secondHeader);
    expect(gone.json.receipt.results[0]).toMatchObject({ status: "already_gone", uid: tech.uid });
    expect(gone.json.receipt.revision).toBe(done.json.receipt.revision);
  });
  test("only within its window, at most thirty days, five minutes of clock", async () => {
    expect(code(await deliver([revoke()], window(0, 2_592_001)))).toBe("403 challenge_unknown");
    expect(code(await deliver([revoke()], window(10, 10)))).toBe("403 challenge_unknown");
    expect(code(await deliver([revoke()], `standing/0${world.clock.now()}/${world.clock.now() + 60}`))).toBe("403 challenge_unknown");
    expect(code(await deliver([revoke()], window(-1_000, -1)))).toBe("403 challenge_expired");
    expect(code(await deliver([revoke()], window(400, 1_000)))).toBe("403 challenge_expired");
    expect(code(await deliver([revoke()], window(200, 1_000)))).toBe("200");
  });
  test("covers nothing but the end of rows named by uid", async () => {
    const others = [
      op("DELETE", `/agent/${tech.id}`),
      op("DELETE", `/agent/${tech.id}`, null, { uid: tech.uid, revision: 1 }),
      op("PUT", `/agent/${tech.id}`, { name: "x" }, { uid: tech.uid }),
      op("POST", `/agent/${tech.id}/token`, { seal_to: msp.request.seal_to }, { uid: tech.uid }),
      op("DELETE", `/credential/${msp.signers[1]!.credentialId}`),
    ];
    for (const other of others) expect(code(await deliver([other], window()))).toBe("403 challenge_unknown");
    expect(code(await deliver([revoke(), others[2]!], window()))).toBe("403 challenge_unknown");
  });
  test("never through a single endpoint", async () => {
    const operation = revoke();
    const header = await msp.manager.assertion([operation], { keys: [msp.signers[0]!], challenge: window() });
    const answer = await msp.manager.send("DELETE", operation.path, { headers: { "Clavitor-Assertion": header, "Idempotency-Key": operation.id, "If-Match": `"${tech.uid}"` } });
    expect(code(answer)).toBe("403 challenge_unknown");
  });
  test("only rows that the caller manages, never an admin row, never a stranger's uid", async () => {
    const own = await row({});
    expect(code(await deliver([revoke({ id: own.account.agentId, uid: own.account.uid })], window()))).toBe("403 not_granted");
    expect(code(await deliver([revoke({ id: 1, uid: vault.owner.account.uid })], window()))).toBe("403 not_granted");
    expect(code(await deliver([revoke({ id: msp.manager.account.agentId, uid: msp.manager.account.uid })], window()))).toBe("403 not_granted");
    expect(code(await deliver([revoke({ id: tech.id, uid: own.account.uid })], window()))).toBe("409 stale");
    expect(code(await deliver([revoke({ id: 999, uid: "AAAAAAAAAAAAAAAAAAAAAA" })], window()))).toBe("409 stale");
  });
  test("is judged at delivery: a revoked signer and a grant that now wants two stop it", async () => {
    const challenge = window();
    const ops = [revoke()];
    const header = await msp.manager.assertion(ops, { keys: [msp.signers[0]!], challenge });
    await vault.owner.must([op("PUT", `/agent/${msp.manager.account.agentId}`, { grant: { ...msp.request.want, cosign: 2 } })], { keys: [vault.key] });
    expect(code(await msp.manager.submit(ops, header))).toBe("403 cosign_required");
    await vault.owner.must([op("PUT", `/agent/${msp.manager.account.agentId}`, { grant: msp.request.want }), op("DELETE", `/credential/${msp.signers[0]!.credentialId}`)], { keys: [vault.key] });
    expect(code(await msp.manager.submit(ops, header))).toBe("410 credential_revoked");
    expect((await agents()).some(({ uid }) => uid === tech.uid)).toBe(true);
  });
});
