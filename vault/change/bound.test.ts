// One tap, many vaults: a single assertion over a tree whose leaves are one share per vault (PROTOCOL 6).
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { b64u } from "#lib/protocol/bytes.ts";
import { jcsBytes } from "#lib/protocol/jcs.ts";
import type { AgentRow, Op } from "#lib/protocol/messages.ts";
import { leafData } from "#lib/protocol/op.ts";
import { connectTokenInfo, open, parseTokenPlaintext } from "#lib/protocol/seal.ts";
import { buildTree, drawOrder, leafHash } from "#lib/protocol/tree.ts";
import { SoftwareKey } from "../testing/authenticator.ts";
import { op, type VaultClient } from "../testing/client.ts";
import { connectRequest, registerVault, SIGNING, startWorld, type World } from "../testing/world.ts";

interface Client {
  manager: VaultClient;
  sealTo: { kem: string; public_key: string };
}

let world: World;
let key: SoftwareKey;
let clients: Client[];

beforeAll(async () => {
  world = await startWorld();
  key = new SoftwareKey(SIGNING);
  clients = [];
  for (const name of ["Acme", "Brook", "Cedar"]) clients.push(await connected(name));
});
afterAll(async () => {
  await world.end();
});

/** A vault of its own that the same signer of the same MSP is connected to. */
async function connected(name: string): Promise<Client> {
  const { owner, key: device } = await registerVault(world, name);
  const { request, sealKey } = await connectRequest([key]);
  const { receipt } = await owner.must([op("POST", "/connect", { adopt: [], grant: request.want, request, roles: [] })], { keys: [device] });
  const { reply } = receipt.results[0]!.connect!;
  const info = connectTokenInfo({ vault: reply.vault_id, key: reply.public_key, request: reply.request });
  const { token } = parseTokenPlaintext((await open(sealKey, info, reply.sealed_token))!)!;
  return { manager: owner.as({ agentId: reply.agent_id, uid: reply.uid, token }), sealTo: request.seal_to };
}

interface Share {
  manager: VaultClient;
  ops: readonly Op[];
  header: string;
}

/** One signature over one share per vault; what each vault is sent. */
async function tapOnce(shares: readonly { manager: VaultClient; ops: readonly Op[]; challenge?: string }[]): Promise<Share[]> {
  const asked = await Promise.all(shares.map(async (share) => ({ ...share, challenge: share.challenge ?? (await share.manager.begin()).challenge })));
  const leaves = asked.map(({ manager, ops, challenge }) => {
    const { agentId: agent, key: vaultKey, vaultId: vault } = manager.account;
    return leafHash(leafData({ agent, challenge, key: vaultKey, ops, vault }));
  });
  const tree = buildTree({ shares: leaves, seed: new Uint8Array(randomBytes(32)), order: drawOrder(leaves.length) });
  const signed = key.get(tree.challenge);
  return asked.map(({ manager, ops, challenge }, i) => ({
    manager,
    ops,
    header: b64u(jcsBytes({ v: 1, credential_id: key.credentialId, ...signed, challenge, proof: tree.proof(i) })),
  }));
}

const technician = (sealTo: object): Op => op("POST", "/agent", { name: "Sarah", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: sealTo });

test("one tap creates the technician in three vaults, and one revokes them in all, fresh and standing", async () => {
  const created = await tapOnce(clients.map(({ manager, sealTo }) => ({ manager, ops: [technician(sealTo)] })));
  const rows: { manager: VaultClient; id: number; uid: string }[] = [];
  for (const { manager, ops, header } of created) {
    const answer = await manager.submit(ops, header);
    expect([answer.status, answer.signed]).toEqual([200, true]);
    const { agent_id: id, uid } = answer.json.receipt.results[0];
    const { agents } = (await manager.get("/agents")).json as { agents: AgentRow[] };
    expect(agents.find((row) => row.uid === uid)).toMatchObject({ id, name: "Sarah", hand_over: "sealed" });
    rows.push({ manager, id, uid });
  }

  const revoke = ({ id, uid }: { id: number; uid: string }): Op => op("DELETE", `/agent/${id}`, null, { uid });
  const now = world.clock.now();
  const fresh = rows.map((row) => ({ manager: row.manager, ops: [revoke(row)] }));
  const standing = rows.map((row) => ({ manager: row.manager, ops: [revoke(row)], challenge: `standing/${now}/${now + 86_400}` }));
  const shares = await tapOnce([...fresh, ...standing]);
  // The third vault cannot be reached in time: its fresh challenge ends, its standing share is delivered an hour later.
  for (const { manager, ops, header } of shares.slice(0, 2)) expect((await manager.submit(ops, header)).json.receipt.results[0].status).toBe("deleted");
  world.clock.forward(3_600);
  const late = shares[2]!;
  expect((await late.manager.submit(late.ops, late.header)).json.code).toBe("challenge_expired");
  const statuses: string[] = [];
  for (const { manager, ops, header } of shares.slice(3)) statuses.push((await manager.submit(ops, header)).json.receipt.results[0].status);
  expect(statuses).toEqual(["already_gone", "already_gone", "deleted"]);
  for (const { manager, uid } of rows) {
    const { agents } = (await manager.get("/agents")).json as { agents: AgentRow[] };
    expect(agents.some((row) => row.uid === uid)).toBe(false);
  }
});

test("a share for one vault is worth nothing in another", async () => {
  const [first, second] = clients.map(({ manager }) => manager);
  const ops = [op("PUT", "/agent/2", {})];
  const shares = await tapOnce([{ manager: first!, ops }, { manager: second!, ops }]);
  const swapped = await second!.submit(ops, shares[0]!.header);
  expect(swapped.json.code).toBe("challenge_unknown");
  const mixed = JSON.parse(Buffer.from(shares[0]!.header, "base64url").toString()) as object;
  const own = JSON.parse(Buffer.from(shares[1]!.header, "base64url").toString()) as { challenge: string };
  const forged = await second!.submit(ops, b64u(jcsBytes({ ...mixed, challenge: own.challenge })));
  expect(forged.json.code).toBe("proof_invalid");
});
