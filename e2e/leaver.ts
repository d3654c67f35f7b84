/** A leaver with a token in many real vaults, handed over when they were connected; some of the vaults can be turned away and into failover. */
import { createSecretKey, randomBytes } from "node:crypto";
import { createServer, connect as dial, type AddressInfo, type Server, type Socket } from "node:net";
import { startReading } from "../lib/known/schedule.ts";
import { write } from "../lib/db/tenant.ts";
import { b64u } from "../lib/protocol/bytes.ts";
import { clientsChallenge, clientsOf } from "../lib/protocol/clients.ts";
import type { Connect, Grant, SignedConnectReply, Signer } from "../lib/protocol/messages.ts";
import { connectTokenInfo, open, parseTokenPlaintext } from "../lib/protocol/seal.ts";
import { record } from "../lib/record/record.ts";
import { sealVaultToken } from "../lib/vault/open.ts";
import { systemClock } from "../vault/clock.ts";
import { op } from "../vault/testing/client.ts";
import { connectRequest, registerVault, startWorld, type OwnedVault, type World } from "../vault/testing/world.ts";
import { assertionBy, deskOf, type Desk, type Keys } from "./approve.ts";
import { instance } from "./fixtures.ts";
import { expect, sql } from "./people.ts";

/** An address whose vault can be another one tomorrow, or none: what a name does in failover. */
export class Turn {
  #target: string | null;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((socket) => {
      const keep = (one: Socket) => {
        this.#open.add(one);
        one.on("error", () => one.destroy()).once("close", () => this.#open.delete(one));
      };
      keep(socket);
      if (this.#target === null) return void socket.destroy();
      const { hostname, port } = new URL(this.#target);
      const on = dial(Number(port), hostname);
      keep(on);
      socket.pipe(on).pipe(socket);
      socket.once("close", () => on.destroy());
      on.once("close", () => socket.destroy());
    });
  }
  static async to(target: string): Promise<Turn> {
    const turn = new Turn(target);
    await new Promise<void>((resolve) => turn.#server.listen(0, "127.0.0.1", resolve));
    return turn;
  }
  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  /** From now on it leads there; null: nowhere. */
  turn(target: string | null): void {
    this.#target = target;
    for (const socket of this.#open) socket.destroy();
  }
  close(): void {
    this.turn(null);
    this.#server.close();
  }
}

export type LeaverVault = { name: string; owned: OwnedVault; vaultRef: string; clientId: string; turn: Turn; world: World };
export type Scene = { desk: Desk; personId: string; vaults: LeaverVault[]; backup: World; primary: World; end(): Promise<void> };

const grant: Grant = { scopes: ["0010", "0011"], all_access: "leased", max_lease: 86_400, max_agents: 20, entries: false, cosign: 1, signer_delay: 86_400, audit: "all" };
const uuid = () => crypto.randomUUID();

/** One vault with three entries, the leaver's row, of whose entries they have opened two, and our row. @returns what the reply says */
async function connected(world: World, name: string, leaver: string, signer: Signer): Promise<{ owned: OwnedVault; reply: SignedConnectReply; token: string }> {
  const owned = await registerVault(world, name);
  const { owner, key } = owned;
  const entry = (title: string) => op("POST", "/entry", { title, scopes: "0010", fields: [{ label: "password", kind: "password", tier: "L2", value: "correct horse" }] });
  const made = await owner.must([entry("Core switch"), entry("Wi-Fi"), entry("Firewall"), op("POST", "/agent", { name: leaver, kind: "human", scopes: "0010", all_access: false, admin: false })], { keys: [key] });
  const row = made.receipt.results[3]!;
  const theirs = owner.as({ agentId: row.agent_id!, uid: row.uid!, token: Object.values(made.tokens!)[0]! });
  for (const at of [0, 1]) expect((await theirs.get(`/entry/${made.receipt.results[at]!.entry_id!}`)).status).toBe(200);
  await owner.must([op("PUT", `/entry/${made.receipt.results[1]!.entry_id!}`, { title: "Wi-Fi", scopes: "0010", fields: [{ label: "password", kind: "password", tier: "L2", value: "battery staple" }] })], { keys: [key] });
  const { request, sealKey } = await connectRequest([], { signers: [signer], want: grant }, instance.origin);
  const body: Connect = { adopt: [{ uid: row.uid!, revision: made.receipt.revision }], grant, request, roles: [{ name: "networking", scope: "0010" }] };
  const { receipt } = await owner.must([op("POST", "/connect", body)], { keys: [key] });
  const reply = receipt.results[0]!.connect!;
  const info = connectTokenInfo({ vault: owner.account.vaultId, key: owner.account.key, request: reply.reply.request });
  return { owned, reply, token: parseTokenPlaintext((await open(sealKey, info, reply.reply.sealed_token))!)!.token };
}

/** @param names of the clients; the first three stand behind an address that can be turned, the first of them with a backup */
export async function sceneOf(email: string, keys: Keys, leaver: string, names: readonly string[]): Promise<Scene> {
  const replicationSecret = createSecretKey(randomBytes(32));
  const primary = await startWorld({ clock: systemClock, replicationSecret });
  const world = await startWorld({ clock: systemClock });
  const desk = await deskOf(email);
  const { mspId, id: owner } = desk.actor;
  const [key] = await sql<{ credential_id: Buffer; public_key: Buffer; label: string; rp_id: string; origin: string; enrol: Signer["enrol"] }>("select credential_id, public_key, label, rp_id, origin, enrol from signing_key where msp_id = $1 and credential_id = $2", [mspId, Buffer.from(keys[0]!.credentialId, "base64")]);
  const signer: Signer = { credential_id: b64u(key!.credential_id), public_key: b64u(key!.public_key), label: key!.label, person: "Ines Halloran", rp_id: key!.rp_id, origin: key!.origin, enrol: key!.enrol };
  const personId = uuid();
  await sql("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, $3, $4, '{technician}')", [mspId, personId, leaver, `${personId}@quillmoor.example`]);

  const made: (LeaverVault & { reply: SignedConnectReply; token: string })[] = [];
  for (const [at, name] of names.entries()) {
    const host = at === 0 ? primary : world;
    const one = await connected(host, name, leaver, signer);
    made.push({ name, ...one, world: host, clientId: uuid(), vaultRef: uuid(), turn: await Turn.to(host.listening) });
  }
  const backup = await startWorld({ clock: systemClock, replicationSecret, follow: primary.listening, followMs: 0 });
  await backup.follower!.catchUp();

  for (const [at, { name, clientId, vaultRef, reply, token, owned, turn, world: host }] of made.entries()) {
    const { account } = owned.owner;
    const sealed = Buffer.from(sealVaultToken({ mspId, vaultRef }, token));
    await sql("insert into client (msp_id, client_id, name, aliases, tags, plan, contact_name, contact_phone) values ($1, $2, $3, '{}', '{}', 'team-10', $4, $5)", [mspId, clientId, name, `Rhona Keel ${at + 1}`, `+44 20 7946 0${String(at).padStart(3, "0")}`]);
    await sql(
      "insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, vault_name, agent_id, manager_uid, sealed_token, granted, connected_at, confirmed_at) values ($1, $2, $3, $4, 'connected', $5, $6, $7, $8, $9, $10, $11, now(), now())",
      [mspId, vaultRef, clientId, `${at < 3 ? turn.address : host.listening}/${account.vaultId}`, account.vaultId, account.key, reply.reply.name, reply.reply.agent_id, reply.reply.uid, sealed, JSON.stringify(grant)],
    );
  }
  const confirmation = clientsOf(made.map(({ name, owned: { owner: { account } } }) => ({ key: account.key, name, vault: account.vaultId })));
  const confirmationId = uuid();
  await sql("insert into confirmation (msp_id, confirmation_id, credential_id, person_id, confirmation, assertion) values ($1, $2, $3, $4, $5, $6)", [mspId, confirmationId, key!.credential_id, owner, JSON.stringify(confirmation), JSON.stringify(assertionBy(keys[0]!, clientsChallenge(confirmation)))]);
  for (const { vaultRef, name, owned: { owner: { account } } } of made) await sql("insert into confirmed_vault (msp_id, confirmation_id, vault_ref, statement) values ($1, $2, $3, $4)", [mspId, confirmationId, vaultRef, JSON.stringify({ key: account.key, name, vault: account.vaultId })]);
  await write(desk.actor, async (tx) => {
    for (const { vaultRef } of made) await startReading(tx, vaultRef);
    await record(tx, { action: "organisation.renamed", fields: { from: "Quillmoor IT", to: "Quillmoor IT" } });
  }, desk.db);
  await expect.poll(async () => (await sql<{ count: number }>("select count(*)::int as count from known_agent where person_id = $1", [personId]))[0]!.count, { timeout: 90_000 }).toBe(names.length);
  return {
    desk, personId, vaults: made, backup, primary,
    async end() {
      for (const { turn } of made) turn.close();
      await desk.close();
      for (const one of [backup, primary, world]) await one.end();
    },
  };
}
